//! A server that answers what the test says, one reply a request, and remembers what it was asked.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use upyun_client::{Client, ClientBuilder, Endpoint, RetryPolicy};
use upyun_test_kit::sign::upyun;

pub(crate) const OPERATOR: &str = "operator";
pub(crate) const PASSWORD: &str = "password";

/// What the server does with one request.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// Reads the request and writes these bytes.
    Write(Vec<u8>),
    /// Reads the request, writes these bytes and closes the connection.
    WriteAndClose(Vec<u8>),
    /// Reads the request and never answers.
    Hang,
}

/// An answer with a length.
pub(crate) fn reply(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status} X\r\nx-request-id: rid\r\n").into_bytes();
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").as_bytes());
    }
    if !headers.iter().any(|(name, _)| *name == "content-length") {
        bytes.extend(format!("content-length: {}\r\n", body.len()).as_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    Reply::Write(bytes)
}

pub(crate) fn ok() -> Reply {
    reply(200, &[], "")
}

/// An error as the service writes it.
pub(crate) fn error(code: u32, message: &str) -> Reply {
    let status = u16::try_from(code / 100_000).unwrap();
    let body = format!(r#"{{"msg":"{message}","code":{code},"id":"rid"}}"#);
    reply(status, &[("x-error-code", &code.to_string())], body)
}

/// A connection that breaks before any answer.
pub(crate) fn broken() -> Reply {
    Reply::WriteAndClose(Vec::new())
}

/// A request as it was on the wire.
pub(crate) use upyun_test_kit::Received as Seen;

/// Expects that the signature is over exactly what was on the wire.
#[track_caller]
fn assert_signed(request: &Seen) {
    let date = request.header("date").expect("a date");
    let md5 = request.header("content-md5").unwrap_or_default();
    let parts = [&*request.method, &request.target, date, md5];
    assert_eq!(
        request.header("authorization"),
        Some(&*upyun(OPERATOR, PASSWORD, &parts)),
        "{} {}",
        request.method,
        request.target
    );
}

pub(crate) struct Server {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    left: Arc<Mutex<VecDeque<Reply>>>,
}

impl Server {
    pub(crate) async fn start(replies: impl IntoIterator<Item = Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let left: Arc<Mutex<VecDeque<_>>> = Arc::new(Mutex::new(replies.into_iter().collect()));
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (replies, record) = (Arc::clone(&left), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (replies, record) = (Arc::clone(&replies), Arc::clone(&record));
                tokio::spawn(async move { serve(socket, &replies, &record).await });
            }
        });
        Self { url, seen, left }
    }

    /// Settings for a client of this server that retries without waiting.
    pub(crate) fn builder(&self) -> ClientBuilder {
        Client::builder("demo", OPERATOR, PASSWORD)
            .endpoint(Endpoint::url(&self.url))
            .timeout(Duration::from_secs(5))
            .retry(RetryPolicy::default().base_delay(Duration::from_millis(1)))
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    /// Every request so far, each of which is well signed.
    #[track_caller]
    pub(crate) fn seen(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap().clone();
        seen.iter().for_each(assert_signed);
        let left = self.left.lock().unwrap().len();
        assert_eq!(left, 0, "replies that nobody asked for");
        seen
    }

    /// As [`Server::seen`], where one request is expected.
    #[track_caller]
    pub(crate) fn only(&self) -> Seen {
        let mut seen = self.seen();
        assert_eq!(seen.len(), 1, "{seen:?}");
        seen.remove(0)
    }

    /// Requests that are not signed like those of a client.
    pub(crate) fn raw(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(mut socket: TcpStream, replies: &Mutex<VecDeque<Reply>>, seen: &Mutex<Vec<Seen>>) {
    let mut buffer = Vec::new();
    while let Some(request) = read(&mut socket, &mut buffer).await {
        let is_whole = request.is_whole;
        seen.lock().unwrap().push(request);
        if !is_whole {
            return;
        }
        let next = replies.lock().unwrap().pop_front();
        match next.unwrap_or_else(|| reply(500, &[], "no reply is left")) {
            Reply::Write(bytes) => socket.write_all(&bytes).await.unwrap_or_default(),
            Reply::WriteAndClose(bytes) => {
                socket.write_all(&bytes).await.unwrap_or_default();
                return;
            }
            Reply::Hang => std::future::pending().await,
        }
    }
}

/// The next request, and as much of it as comes before the client closes.
async fn read(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    loop {
        let parsed = Seen::parse(buffer);
        let is_whole = parsed.as_ref().is_some_and(|(request, _)| request.is_whole);
        let is_closed = !is_whole && !matches!(socket.read_buf(buffer).await, Ok(1..));
        if is_whole || is_closed {
            let (request, length) = parsed?;
            buffer.drain(..length);
            return Some(request);
        }
    }
}
