//! What a target sends: callbacks.

use std::time::Duration;

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::timeout,
};

use crate::failure::Failure;

/// A server on loopback that hands over what came. It answers 200, or 500 at first if told so.
#[derive(Debug)]
pub struct Receiver {
    url: String,
    received: mpsc::UnboundedReceiver<Received>,
    patience: Duration,
    task: JoinHandle<()>,
}

/// A request that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Received {
    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
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

async fn receive(stream: TcpStream, status: &str) -> Option<Received> {
    let mut stream = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        stream
            .read_line(&mut line)
            .await
            .ok()
            .filter(|read| *read > 0)?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        lines.push(line.to_owned());
    }
    let mut first = lines.first()?.split(' ');
    let (method, target) = (first.next()?.to_owned(), first.next()?.to_owned());
    let headers: Vec<_> = lines
        .iter()
        .skip(1)
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(Some(0), |(_, value)| value.parse().ok())?;
    let mut body = Vec::new();
    (&mut stream)
        .take(length)
        .read_to_end(&mut body)
        .await
        .ok()?;
    let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.get_mut().write_all(answer.as_bytes()).await.ok()?;
    Some(Received {
        method,
        target,
        headers,
        body,
    })
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
