//! One connection to an API.

use std::{
    io,
    sync::{Arc, OnceLock},
    time::Duration,
};

use rustls::{ClientConfig, pki_types::ServerName};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::{
    io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{Answer, Api, exchange::Message, mirror::Mirror, parse};
use crate::{context::Context, failure::Failure, target::Place, wire::Exchange};

/// How long one step may take.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// A connection on which bytes are written as they are, for what no request can express.
///
/// Whatever is written after an answer and before the next counts as one request.
pub struct Connection {
    cx: Context,
    stream: BufReader<Box<dyn Stream>>,
    written: Vec<u8>,
    mirror: Option<Mirror>,
}

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    pub(crate) async fn open(cx: &Context, api: &Api) -> Result<Self, Failure> {
        let connecting = connect(cx.place(), api.host());
        let stream = match timeout(PATIENCE, connecting).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(error)) => return Err(unreachable(api, &error)),
            Err(_) => return Err(unreachable(api, &"it does not answer")),
        };
        let mirror = match cx.shadow() {
            Some(shadow) => Some(Mirror::open(shadow, api).await),
            None => None,
        };
        Ok(Self {
            mirror,
            cx: cx.clone(),
            stream: BufReader::new(stream),
            written: Vec::new(),
        })
    }

    /// Writes bytes.
    ///
    /// A target that has refused may have closed; its answer tells, so failures are not errors here.
    ///
    /// # Errors
    /// When the budget is spent.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<(), Failure> {
        let bytes = bytes.as_ref();
        if self.written.is_empty() {
            self.cx.meter().request(0).await?;
        }
        self.cx.meter().transferred(bytes.len() as u64)?;
        self.written.extend(bytes);
        let _ = timeout(PATIENCE, async {
            self.stream.get_mut().write_all(bytes).await?;
            self.stream.get_mut().flush().await
        })
        .await;
        if let (Some(mirror), Some(shadow)) = (&mut self.mirror, self.cx.shadow()) {
            mirror.write(shadow, bytes).await;
        }
        Ok(())
    }

    /// Says that nothing more will be written.
    pub async fn finish_writing(&mut self) {
        let _ = self.stream.get_mut().shutdown().await;
        if let Some(mirror) = &mut self.mirror {
            mirror.finish_writing().await;
        }
    }

    /// The next answer that is not interim, to a request of this method.
    ///
    /// # Errors
    /// When none comes, or what comes is not HTTP.
    pub async fn answer(&mut self, method: &str) -> Result<Answer, Failure> {
        loop {
            let answer = self.answer_or_interim(method).await?;
            if answer.status >= 200 {
                return Ok(answer);
            }
        }
    }

    /// The next answer, also a 100.
    ///
    /// # Errors
    /// When none comes, or what comes is not HTTP.
    pub async fn answer_or_interim(&mut self, method: &str) -> Result<Answer, Failure> {
        let answer = timeout(PATIENCE, parse::answer(&mut self.stream, method)).await;
        let answer = match answer {
            Ok(answer) => answer,
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        let scrubber = self.cx.scrubber();
        let (head, body) = split(&self.written);
        let request = Message::new(&String::from_utf8_lossy(head), body, scrubber);
        let show = |answer: &Answer| {
            let mut head = format!("{}\n", answer.status_line);
            for (name, value) in &answer.headers {
                head.push_str(&format!("{name}: {value}\n"));
            }
            Message::new(&head, &answer.body, scrubber)
        };
        let mut shadow = None;
        // Interim answers are each target's own affair.
        let is_final = answer.as_ref().map_or(true, |it| it.status >= 200);
        if let (Some(mirror), true) = (&mut self.mirror, is_final) {
            let second = mirror.answer(method).await;
            if let (Some(shadow), Ok(first), Some(second)) = (self.cx.shadow(), &answer, &second) {
                shadow.learn(first, second);
            }
            shadow = second.as_ref().map(show);
        }
        self.cx.record(Exchange {
            request,
            answer: answer.as_ref().ok().map(show),
            shadow,
        });
        let mut answer = answer.map_err(|error| Failure::new("an answer", error.to_string()))?;
        if answer.status >= 200 {
            self.written.clear();
        }
        self.cx.meter().transferred(answer.body.len() as u64)?;
        method.clone_into(&mut answer.method);
        Ok(answer)
    }

    /// Whether the target closes the connection.
    pub async fn is_closed(&mut self) -> bool {
        // A reset is a close too.
        let next = timeout(PATIENCE, self.stream.read(&mut [0])).await;
        matches!(next, Ok(Ok(0) | Err(_)))
    }
}

pub(super) async fn connect(place: &Place, host: &str) -> io::Result<Box<dyn Stream>> {
    match place {
        Place::Socket(address) => {
            let stream = TcpStream::connect(address.as_str()).await?;
            stream.set_nodelay(true)?;
            Ok(Box::new(stream))
        }
        Place::Internet => {
            let stream = TcpStream::connect((host, 443)).await?;
            stream.set_nodelay(true)?;
            let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
            let connector = TlsConnector::from(tls().map_err(io::Error::other)?);
            Ok(Box::new(connector.connect(name, stream).await?))
        }
    }
}

/// Reading the platform's roots takes milliseconds, so it is done once.
fn tls() -> Result<Arc<ClientConfig>, rustls::Error> {
    static CONFIG: OnceLock<Result<Arc<ClientConfig>, rustls::Error>> = OnceLock::new();
    let config = CONFIG.get_or_init(|| {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_platform_verifier()?
            .with_no_client_auth();
        Ok(Arc::new(config))
    });
    config.clone()
}

fn unreachable(api: &Api, why: &dyn std::fmt::Display) -> Failure {
    Failure::harness(format!("to reach {}", api.host()), why)
}

fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = b"\r\n\r\n";
    match bytes.windows(end.len()).position(|it| it == end) {
        Some(at) => (&bytes[..at], &bytes[at + end.len()..]),
        None => (bytes, b""),
    }
}
