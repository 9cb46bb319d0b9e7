//! A door on loopback through which a client's requests go to the target, so that they can be seen.

use std::{
    io,
    sync::{Arc, Mutex},
};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
};

use super::{Answer, Api, Connection};
use crate::{context::Context, failure::Failure, target::Place};

/// Passes requests on to the target of a context until it is dropped. Clients must speak HTTP/1.1
/// well, as the SDK does.
#[derive(Debug)]
pub struct Relay {
    url: String,
    seen: Arc<Mutex<Vec<Relayed>>>,
    serving: AbortHandle,
}

/// A request that passed through.
#[derive(Clone, Debug)]
pub struct Relayed {
    /// Where it went.
    pub api: Api,
    /// As the target got it.
    pub bytes: Vec<u8>,
    /// The answer's status.
    pub status: u16,
    /// The answer's code, if it has one.
    pub code: Option<u32>,
}

impl Relay {
    /// On a port of its own.
    ///
    /// # Errors
    /// When none can be had.
    pub(crate) fn start(
        cx: impl Fn() -> Option<Context> + Send + Sync + 'static,
    ) -> Result<Self, Failure> {
        let no_port = |error: io::Error| Failure::harness("a port for the relay", error);
        let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(no_port)?;
        listener.set_nonblocking(true).map_err(no_port)?;
        let listener = TcpListener::from_std(listener).map_err(no_port)?;
        let address = listener.local_addr().map_err(no_port)?;
        let seen = Arc::default();
        let shared = Arc::clone(&seen);
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let Some(cx) = cx() else { return };
                let seen = Arc::clone(&shared);
                tokio::spawn(async move {
                    // Clients that leave and targets that do not answer both end the connection.
                    let _ = serve(&cx, stream, &seen).await;
                });
            }
        });
        Ok(Self {
            url: format!("http://{address}"),
            seen,
            serving: serving.abort_handle(),
        })
    }

    /// The endpoint for clients.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// What passed through since the last time.
    pub fn take(&self) -> Vec<Relayed> {
        let mut seen = self.seen.lock().unwrap_or_else(|it| it.into_inner());
        std::mem::take(&mut *seen)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(cx: &Context, stream: TcpStream, seen: &Mutex<Vec<Relayed>>) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some((api, method, bytes)) = request(&mut stream, cx.place()).await? {
        let answer = async {
            let mut connection = Connection::open(cx, &api).await?;
            connection.write(&bytes).await?;
            connection.answer(&method).await
        };
        let answer = answer.await.map_err(io::Error::other)?;
        let relayed = Relayed {
            api,
            bytes,
            status: answer.status,
            code: answer.header("x-error-code").and_then(|it| it.parse().ok()),
        };
        let written = write(&mut stream, &answer, &method).await;
        seen.lock()
            .unwrap_or_else(|it| it.into_inner())
            .push(relayed);
        written?;
    }
    Ok(())
}

/// Reads a whole request. For the internet, the host that it is meant for is written into it; an
/// emulator tells by the path.
async fn request(
    stream: &mut BufReader<TcpStream>,
    place: &Place,
) -> io::Result<Option<(Api, String, Vec<u8>)>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read_until(b'\n', &mut head).await? == 0 {
            return Ok(None);
        }
    }
    let head = String::from_utf8(head).map_err(io::Error::other)?;
    let header = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (known, value) = line.split_once(':')?;
            known.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let mut words = head.split(' ');
    let method = words.next().unwrap_or_default().to_owned();
    let target = words.next().unwrap_or_default();
    let api = api_of(target.split('?').next().unwrap_or_default());
    let host = format!("Host: {}", api.host());
    let lines = head.trim_end().split("\r\n").map(|line| {
        let name = line.split(':').next().unwrap_or_default();
        let is_host = name.eq_ignore_ascii_case("host") && *place == Place::Internet;
        if is_host { &host } else { line }
    });
    let lines: Vec<_> = lines.filter(|line| !is_expectation(line)).collect();
    let mut bytes = (lines.join("\r\n") + "\r\n\r\n").into_bytes();
    if header("expect").is_some() {
        stream
            .get_mut()
            .write_all(b"HTTP/1.1 100 Continue\r\n\r\n")
            .await?;
    }
    if let Some(length) = header("content-length") {
        let length: u64 = length.parse().map_err(io::Error::other)?;
        stream.take(length).read_to_end(&mut bytes).await?;
    } else if header("transfer-encoding").is_some() {
        chunks(stream, &mut bytes).await?;
    }
    Ok(Some((api, method, bytes)))
}

fn is_expectation(line: &str) -> bool {
    line.split(':')
        .next()
        .is_some_and(|name| name.eq_ignore_ascii_case("expect"))
}

/// Copies a chunked body as it is.
async fn chunks(stream: &mut BufReader<TcpStream>, bytes: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let start = bytes.len();
        stream.read_until(b'\n', bytes).await?;
        let line = String::from_utf8_lossy(&bytes[start..]).into_owned();
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).map_err(io::Error::other)?;
        // The chunk and its line end, or the end of the body.
        stream.take(size + 2).read_to_end(bytes).await?;
        if size == 0 {
            return Ok(());
        }
    }
}

/// The API that a path belongs to, where one address serves all.
fn api_of(path: &str) -> Api {
    match path {
        "/purge/" => Api::Purge,
        "/pretreatment/" | "/status/" | "/result/" => Api::Tasks,
        _ => Api::Storage,
    }
}

async fn write(stream: &mut BufReader<TcpStream>, answer: &Answer, method: &str) -> io::Result<()> {
    let mut bytes = format!("HTTP/1.1 {} -\r\n", answer.status).into_bytes();
    let has_body = method != "HEAD" && !matches!(answer.status, 204 | 304);
    let framing = ["transfer-encoding", "connection", "content-length"];
    for (name, value) in &answer.headers {
        let is_framing = framing.iter().any(|it| name.eq_ignore_ascii_case(it));
        let stays = name.eq_ignore_ascii_case("content-length") && !has_body;
        if !is_framing || stays {
            bytes.extend(format!("{name}: {value}\r\n").as_bytes());
        }
    }
    if has_body {
        bytes.extend(format!("content-length: {}\r\n", answer.body.len()).as_bytes());
    }
    bytes.extend(b"\r\n");
    if has_body {
        bytes.extend(&answer.body);
    }
    stream.get_mut().write_all(&bytes).await?;
    stream.get_mut().flush().await
}
