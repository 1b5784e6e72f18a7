//! load KEY=VALUE...: asks a server on this machine and prints what it saw as JSON.
//!
//! port         where the server listens
//! requests     folder with 0.request, 0.answer, 1.request, ...: bytes to send and the answer expected
//! connections  how many at once; each waits for its answer before it sends again
//! seconds      how long to measure
//! warmup       seconds of load before that
//! rate         requests a second at a constant arrival rate; without it as fast as answers come.
//!              Latency then counts from when a request was due, not from when it could be sent
//! grpc         path of a gRPC method: the files hold messages, sent over HTTP/2
//! callers      with grpc, how many of the connections are calls that share one of HTTP/2 (1)
//! process      id of the server's process, whose CPU time (and its children's) is read
//! core         the core that the server runs on, to see whether others use it too
//! odd          folder for answers that differ from what was expected (the first few)
//!
//! One thread, which never sleeps: a server that is slower than another shall not pay for waking it up.

mod cpu;
mod grpc;
mod http1;
mod record;
mod settings;

use record::Record;
use settings::Settings;
use std::cell::Cell;
use std::rc::Rc;
use std::time::{Duration, Instant};

pub type Failure = Box<dyn std::error::Error>;

/// When requests are due and when to stop, shared by all connections.
pub struct Schedule {
    begin: Instant,
    end: Instant,
    interval: Option<Duration>,
    next: Cell<u32>,
}

impl Schedule {
    fn new(length: Duration, rate: Option<f64>) -> Schedule {
        let begin = Instant::now();
        let interval = rate.map(|rate| Duration::from_secs_f64(1.0 / rate));
        Schedule { begin, end: begin + length, interval, next: Cell::new(0) }
    }

    /// Waits for the next request's turn; none after the end.
    async fn turn(&self) -> Option<Instant> {
        let Some(interval) = self.interval else {
            let now = Instant::now();
            return (now < self.end).then_some(now);
        };
        let number = self.next.get();
        self.next.set(number + 1);
        let due = self.begin + interval * number;
        if due >= self.end {
            return None;
        }
        // Timers are too coarse; this thread has nothing else to do.
        while Instant::now() < due {
            tokio::task::yield_now().await;
        }
        Some(due)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let settings = Rc::new(Settings::parse(std::env::args().skip(1))?);
    tokio::task::LocalSet::new()
        .run_until(async move {
            let mut connections = Connections::open(&settings).await?;
            if !settings.warmup.is_zero() {
                connections = connections.ask(Schedule::new(settings.warmup, settings.rate), Record::new(&settings)).await?.0;
            }
            let server = cpu::of_tree(settings.process)?;
            let core = cpu::of_core(settings.core)?;
            let schedule = Schedule::new(settings.seconds, settings.rate);
            let began = schedule.begin;
            let (_, record) = connections.ask(schedule, Record::new(&settings)).await?;
            let seconds = began.elapsed().as_secs_f64();
            let server = cpu::of_tree(settings.process)? - server;
            let others = (cpu::of_core(settings.core)? - core - server).max(0.0);
            println!("{}", record.to_json(seconds, server, others / seconds));
            Ok(())
        })
        .await
}

enum Connections {
    Http1(Vec<http1::Connection>),
    Grpc(Vec<grpc::Connection>),
}

impl Connections {
    async fn open(settings: &Settings) -> Result<Connections, Failure> {
        if settings.grpc.is_some() {
            let mut open: Vec<grpc::Connection> = Vec::new();
            for number in 0..settings.connections {
                open.push(if number % settings.callers == 0 {
                    grpc::Connection::open(settings).await?
                } else {
                    open[number - 1].shared()
                });
            }
            return Ok(Connections::Grpc(open));
        }
        let mut open = Vec::new();
        for _ in 0..settings.connections {
            open.push(http1::Connection::open(settings).await?);
        }
        Ok(Connections::Http1(open))
    }

    async fn ask(self, schedule: Schedule, record: Record) -> Result<(Connections, Record), Failure> {
        let schedule = Rc::new(schedule);
        let record = Rc::new(record);
        let connections = match self {
            Connections::Http1(connections) => Connections::Http1(
                every(connections, |connection| connection.ask(schedule.clone(), record.clone())).await?,
            ),
            Connections::Grpc(connections) => {
                Connections::Grpc(every(connections, |connection| connection.ask(schedule.clone(), record.clone())).await?)
            }
        };
        Ok((connections, Rc::into_inner(record).expect("all connections have ended")))
    }
}

async fn every<C, F>(connections: Vec<C>, ask: impl Fn(C) -> F) -> Result<Vec<C>, Failure>
where
    C: 'static,
    F: Future<Output = Result<C, Failure>> + 'static,
{
    let awake = tokio::task::spawn_local(async {
        loop {
            tokio::task::yield_now().await;
        }
    });
    let asking: Vec<_> = connections.into_iter().map(|connection| tokio::task::spawn_local(ask(connection))).collect();
    let mut back = Vec::new();
    for connection in asking {
        back.push(connection.await??);
    }
    awake.abort();
    Ok(back)
}
