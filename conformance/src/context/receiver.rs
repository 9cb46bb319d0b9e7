//! What a target sends: callbacks.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

use upyun_test_kit::Received;

use crate::failure::Failure;

/// A server on loopback that hands over what came. It answers 200, or 500 at first if told so.
#[derive(Debug)]
pub struct Receiver {
    url: String,
    received: mpsc::UnboundedReceiver<Received>,
    patience: Duration,
    task: JoinHandle<()>,
}

impl Receiver {
    /// One that answers 500 to the first requests, as many as this.
    pub(super) async fn start(mut refusals: usize, patience: Duration) -> Result<Self, Failure> {
        let failed = |error| Failure::harness("a port on loopback", error);
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (sender, received) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let sender = sender.clone();
                let status = match refusals {
                    0 => "200 OK",
                    _ => "500 Internal Server Error",
                };
                refusals = refusals.saturating_sub(1);
                tokio::spawn(async move {
                    if let Some(request) = receive(stream, status).await {
                        let _ = sender.send(request);
                    }
                });
            }
        });
        Ok(Self {
            url: format!("http://{address}"),
            received,
            patience,
            task,
        })
    }

    /// `http://127.0.0.1:PORT`, to which a path may be appended.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The next request.
    ///
    /// # Errors
    /// When none arrives in time: 20 seconds, or less from a damaged emulator.
    pub async fn next(&mut self) -> Result<Received, Failure> {
        match timeout(self.patience, self.received.recv()).await {
            Ok(Some(request)) => Ok(request),
            _ => Err(Failure::new(
                "a callback",
                format!("none in {:?}", self.patience),
            )),
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a request and responds with this status.
async fn receive(mut stream: TcpStream, status: &str) -> Option<Received> {
    let request = read_request(&mut stream).await?;
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(answer.as_bytes()).await.ok()?;
    Some(request)
}

/// The next complete request on a connection that carries only one.
pub(crate) async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    loop {
        stream
            .read_buf(&mut bytes)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        match Received::parse(&bytes) {
            Some((request, _)) if request.is_whole => return Some(request),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_sent_is_received() {
        let mut receiver = Receiver::start(1, Duration::from_secs(20)).await.unwrap();
        let answer = post(&receiver).await;
        assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
        receiver.next().await.unwrap();
        let answer = post(&receiver).await;
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let received = receiver.next().await.unwrap();
        assert_eq!(received.method, "POST");
        assert_eq!(received.target, "/notify?a=1");
        assert_eq!(received.header("x-any"), Some("b"));
        assert_eq!(received.body, b"hello");
    }

    async fn post(receiver: &Receiver) -> String {
        let address = receiver.url().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = b"POST /notify?a=1 HTTP/1.1\r\nX-Any: b\r\nContent-Length: 5\r\n\r\nhello";
        stream.write_all(request).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}
