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
use upyun_client::{
    Client, ClientBuilder, Endpoint, RetryPolicy,
    protocol::{
        PasswordMd5,
        sign::{HeaderSignature, upyun},
    },
};

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
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// Whether the body came to its end.
    pub(crate) is_whole: bool,
}

impl Seen {
    pub(crate) fn bytes(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.headers.iter().filter(|(n, _)| n == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "{name} twice");
        Some(value)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.bytes(name)
            .map(|value| std::str::from_utf8(value).unwrap())
    }

    /// The signature is over exactly what was on the wire.
    #[track_caller]
    pub(crate) fn assert_signed(&self) {
        let signature = HeaderSignature {
            method: &self.method,
            uri: &self.uri,
            date: self.header("date").expect("a date"),
            content_md5: self.header("content-md5"),
        }
        .sign(&PasswordMd5::of(PASSWORD));
        assert_eq!(
            self.header("authorization"),
            Some(&*upyun(OPERATOR, &signature)),
            "{} {}",
            self.method,
            self.uri
        );
    }
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
        seen.iter().for_each(Seen::assert_signed);
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

async fn more(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> bool {
    matches!(socket.read_buf(buffer).await, Ok(1..))
}

async fn read(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Seen> {
    let end = loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            break end;
        }
        if !more(socket, buffer).await {
            return None;
        }
    };
    let head: Vec<u8> = buffer.drain(..end + 4).take(end).collect();
    let mut lines = head.split(|b| *b == b'\n').map(|l| l.trim_ascii_end());
    let line = String::from_utf8(lines.next()?.to_vec()).unwrap();
    let mut words = line.split(' ');
    let mut request = Seen {
        method: words.next()?.to_owned(),
        uri: words.next()?.to_owned(),
        headers: lines
            .map(|line| {
                let colon = line.iter().position(|b| *b == b':').unwrap();
                let name = String::from_utf8(line[..colon].to_ascii_lowercase()).unwrap();
                (name, line[colon + 1..].trim_ascii().to_vec())
            })
            .collect(),
        body: Vec::new(),
        is_whole: true,
    };
    if request.header("transfer-encoding") == Some("chunked") {
        request.is_whole = chunked(socket, buffer, &mut request.body).await;
    } else if let Some(length) = request.header("content-length") {
        let length: usize = length.parse().unwrap();
        while buffer.len() < length {
            if !more(socket, buffer).await {
                request.is_whole = false;
                break;
            }
        }
        request.body = buffer.drain(..length.min(buffer.len())).collect();
    }
    Some(request)
}

async fn chunked(socket: &mut TcpStream, buffer: &mut Vec<u8>, body: &mut Vec<u8>) -> bool {
    loop {
        let end = loop {
            if let Some(end) = buffer.windows(2).position(|w| w == b"\r\n") {
                break end;
            }
            if !more(socket, buffer).await {
                return false;
            }
        };
        let size = std::str::from_utf8(&buffer[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        while buffer.len() < end + 2 + size + 2 {
            if !more(socket, buffer).await {
                return false;
            }
        }
        body.extend_from_slice(&buffer[end + 2..end + 2 + size]);
        buffer.drain(..end + 2 + size + 2);
        if size == 0 {
            return true;
        }
    }
}
