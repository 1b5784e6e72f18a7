use crate::record::Record;
use crate::settings::{Pair, Settings};
use crate::{Failure, Schedule};
use bytes::{BufMut, Bytes, BytesMut};
use h2::client::SendRequest;
use http::Request;
use std::rc::Rc;
use tokio::net::TcpStream;

const WINDOW: u32 = 16 << 20;

/// A caller on an HTTP/2 connection without TLS, with one unary call at a time.
pub struct Connection {
    sender: SendRequest<Bytes>,
    uri: String,
    pairs: Rc<Vec<Pair>>,
}

impl Connection {
    pub async fn open(settings: &Settings) -> Result<Connection, Failure> {
        let stream = TcpStream::connect(("127.0.0.1", settings.port)).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = h2::client::Builder::new()
            .initial_window_size(WINDOW)
            .initial_connection_window_size(WINDOW)
            .handshake(stream)
            .await?;
        tokio::task::spawn_local(async move {
            if let Err(failure) = connection.await {
                eprintln!("a connection ended: {failure}");
            }
        });
        let path = settings.grpc.as_deref().unwrap_or_default();
        let uri = format!("http://127.0.0.1:{}{path}", settings.port);
        Ok(Connection { sender, uri, pairs: settings.pairs.clone() })
    }

    /// Another caller on the same connection.
    pub fn shared(&self) -> Connection {
        Connection { sender: self.sender.clone(), uri: self.uri.clone(), pairs: self.pairs.clone() }
    }

    pub async fn ask(mut self, schedule: Rc<Schedule>, record: Rc<Record>) -> Result<Connection, Failure> {
        let pairs = self.pairs.clone();
        let messages: Vec<Bytes> = pairs.iter().map(|pair| framed(&pair.request)).collect();
        let mut turn = 0;
        while let Some(since) = schedule.turn().await {
            let index = turn % pairs.len();
            turn += 1;
            let (success, answer) = self.call(messages[index].clone()).await?;
            // The message follows a byte (not compressed) and its length.
            let message = answer.get(5..).unwrap_or_default();
            record.answered(since, index, success, message, &pairs[index].answer);
        }
        Ok(self)
    }

    async fn call(&mut self, message: Bytes) -> Result<(bool, BytesMut), Failure> {
        let request = Request::post(&self.uri)
            .header("content-type", "application/grpc")
            .header("te", "trailers")
            .body(())?;
        self.sender = self.sender.clone().ready().await?;
        let (response, mut stream) = self.sender.send_request(request, false)?;
        stream.send_data(message, true)?;
        let (parts, mut body) = response.await?.into_parts();
        let mut received = BytesMut::new();
        while let Some(chunk) = body.data().await {
            let chunk = chunk?;
            let _ = body.flow_control().release_capacity(chunk.len());
            received.extend_from_slice(&chunk);
        }
        let trailers = body.trailers().await?;
        let status = trailers.as_ref().and_then(|headers| headers.get("grpc-status")).or(parts.headers.get("grpc-status"));
        Ok((status.is_some_and(|status| status == "0"), received))
    }
}

fn framed(message: &[u8]) -> Bytes {
    let mut framed = BytesMut::with_capacity(5 + message.len());
    framed.put_u8(0);
    framed.put_u32(message.len() as u32);
    framed.put_slice(message);
    framed.freeze()
}
