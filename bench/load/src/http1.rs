use crate::record::Record;
use crate::settings::{Pair, Settings};
use crate::{Failure, Schedule};
use bytes::{Buf, BytesMut};
use std::rc::Rc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One kept-alive connection. Requests are sent as they are in the files, head and body.
pub struct Connection {
    stream: TcpStream,
    received: BytesMut,
    pairs: Rc<Vec<Pair>>,
}

/// Lengths of head and body of an answer, and its status.
struct Head {
    length: usize,
    body: usize,
    status: u16,
}

impl Connection {
    pub async fn open(settings: &Settings) -> Result<Connection, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", settings.port)).await?;
        stream.set_nodelay(true)?;
        Ok(Connection { stream, received: BytesMut::with_capacity(64 * 1024), pairs: settings.pairs.clone() })
    }

    pub async fn ask(mut self, schedule: Rc<Schedule>, record: Rc<Record>) -> Result<Connection, Failure> {
        let pairs = self.pairs.clone();
        let mut turn = 0;
        while let Some(since) = schedule.turn().await {
            let index = turn % pairs.len();
            let pair = &pairs[index];
            turn += 1;
            self.stream.write_all(&pair.request).await?;
            let head = self.receive().await?;
            let answer = &self.received[head.length..head.length + head.body];
            record.answered(since, index, head.status == 200, answer, &pair.answer);
            self.received.advance(head.length + head.body);
        }
        Ok(self)
    }

    /// Waits until a whole answer has been received.
    async fn receive(&mut self) -> Result<Head, Failure> {
        let head = loop {
            if let Some(head) = head(&self.received)? {
                break head;
            }
            self.more().await?;
        };
        while self.received.len() < head.length + head.body {
            self.more().await?;
        }
        Ok(head)
    }

    async fn more(&mut self) -> Result<(), Failure> {
        self.received.reserve(16 * 1024);
        match self.stream.read_buf(&mut self.received).await? {
            0 => Err("the server closed a connection".into()),
            _ => Ok(()),
        }
    }
}

fn head(received: &[u8]) -> Result<Option<Head>, Failure> {
    let mut headers = [httparse::EMPTY_HEADER; 32];
    let mut response = httparse::Response::new(&mut headers);
    let httparse::Status::Complete(length) = response.parse(received)? else { return Ok(None) };
    let body = response
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .ok_or("an answer without Content-Length")?;
    Ok(Some(Head {
        length,
        body: std::str::from_utf8(body.value)?.parse()?,
        status: response.code.unwrap_or_default(),
    }))
}
