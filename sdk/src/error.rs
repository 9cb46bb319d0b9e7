//! What can go wrong, as the caller asks about it.

mod from;
mod kind;

use std::{error::Error as StdError, fmt, time::Duration};

pub use kind::ErrorKind;

use crate::protocol::ErrorCode;

/// What the operations of this crate return.
pub type Result<T, E = Error> = std::result::Result<T, E>;

pub(crate) type BoxError = Box<dyn StdError + Send + Sync>;

/// Why an operation failed.
///
/// One type for everything; it answers questions instead of being matched. Most callers need
/// [`kind`](Self::kind), [`code`](Self::code) and [`is_retryable`](Self::is_retryable):
///
/// ```
/// use upyun_client::protocol::ErrorCode;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> upyun_client::Result<()> {
/// # let server = upyun_mock::MockServer::start().await;
/// # let client = server.client();
/// match client.get("/a.txt").send().await {
///     Ok(download) => println!("{}", download.text().await?),
///     Err(error) if error.code() == Some(ErrorCode::FILE_NOT_FOUND) => println!("no such file"),
///     Err(error) if error.is_retryable() => println!("busy, later: {error}"),
///     Err(error) => return Err(error),
/// }
/// # Ok(())
/// # }
/// ```
///
/// Every other error of this crate, and `std::io::Error`, become this one by `?`. The text names the
/// request, what the service said, its code and request id, and how often it was
/// tried. No password, signature or content secret is ever in it.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    request: Option<String>,
    status: Option<u16>,
    code: Option<ErrorCode>,
    request_id: Option<String>,
    next_part: Option<NextPart>,
    cause: Cause,
    attempts: u32,
    elapsed: Duration,
    source: Option<BoxError>,
}

/// Where an ordered upload in parts goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NextPart {
    /// With this part.
    Part(u32),
    /// Nowhere: the service has all parts.
    Complete,
}

impl NextPart {
    /// From the header of a response.
    pub(crate) fn of(header: &str) -> Option<Self> {
        match header.trim() {
            "-1" => Some(Self::Complete),
            part => part.parse().ok().map(Self::Part),
        }
    }
}

/// What the kind does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Cause {
    #[default]
    Plain,
    /// No connection was made, so the service has not seen the request.
    Connect,
    /// The other side's certificate is not trusted: another attempt will not help.
    Certificate,
    Timeout,
    Checksum,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            request: None,
            status: None,
            code: None,
            request_id: None,
            next_part: None,
            cause: Cause::Plain,
            attempts: 1,
            elapsed: Duration::ZERO,
            source: None,
        }))
    }

    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    pub(crate) fn malformed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Malformed, message)
    }

    pub(crate) fn io(message: impl Into<String>, source: std::io::Error) -> Self {
        Self::new(ErrorKind::Io, message).with_source(source)
    }

    /// A refusal of the service.
    pub(crate) fn service(
        status: u16,
        code: Option<ErrorCode>,
        message: String,
        request_id: Option<String>,
    ) -> Self {
        let mut error = Self::new(ErrorKind::of_answer(status, code), message);
        error.0.status = Some(status);
        error.0.code = code;
        error.0.request_id = request_id;
        error
    }

    /// There a 409 is said of pictures with too many pixels.
    pub(crate) fn of_access_domain(mut self) -> Self {
        if self.0.status == Some(409) {
            self.0.kind = ErrorKind::Refused;
        }
        self
    }

    pub(crate) fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    pub(crate) fn with_cause(mut self, cause: Cause) -> Self {
        self.0.cause = cause;
        self
    }

    /// Names the request, unless an inner layer did.
    pub(crate) fn of_request(mut self, method: &str, uri: &str) -> Self {
        self.0
            .request
            .get_or_insert_with(|| format!("{method} {uri}"));
        self
    }

    pub(crate) fn with_answer(mut self, status: u16, request_id: Option<String>) -> Self {
        self.0.status.get_or_insert(status);
        self.0.request_id = self.0.request_id.take().or(request_id);
        self
    }

    pub(crate) fn with_next_part(mut self, part: Option<NextPart>) -> Self {
        self.0.next_part = part;
        self
    }

    pub(crate) fn after(mut self, attempts: u32, elapsed: Duration) -> Self {
        self.0.attempts = attempts;
        self.0.elapsed = elapsed;
        self
    }

    /// The kind of failure, for a `match`.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The HTTP status, if an answer arrived.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The service's code, if the answer carried one.
    pub fn code(&self) -> Option<ErrorCode> {
        self.0.code
    }

    /// The id under which the service's support finds the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The part that an ordered upload goes on with, where the service names it.
    pub fn next_part(&self) -> Option<NextPart> {
        self.0.next_part
    }

    /// What was wrong, in the service's words or ours, without the circumstances that `Display`
    /// adds.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// How often the request was sent.
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Whether the same call may succeed later: rate limits, time-outs, broken connections and
    /// server errors. The client has retried already, as its
    /// [`RetryPolicy`](crate::RetryPolicy) says and where the body could be sent again.
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            ErrorKind::Transport => self.0.cause != Cause::Certificate,
            ErrorKind::RateLimited | ErrorKind::Unavailable => true,
            _ => false,
        }
    }

    /// Whether the key, or the folder, does not exist.
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Whether a conditional download found the object unchanged.
    pub fn is_not_modified(&self) -> bool {
        self.0.kind == ErrorKind::NotModified
    }

    /// Whether no connection was made, so that the service cannot have acted on the request.
    pub fn is_connect(&self) -> bool {
        matches!(self.0.cause, Cause::Connect | Cause::Certificate)
    }

    /// Whether nothing moved for the time of
    /// [`timeout`](crate::ClientBuilder::timeout) or
    /// [`connect_timeout`](crate::ClientBuilder::connect_timeout).
    pub fn is_timeout(&self) -> bool {
        self.0.cause == Cause::Timeout
    }

    /// Whether what arrived is not what was sent: the service found another MD5 than `Content-MD5`,
    /// or this client another than the service announced.
    ///
    /// The documentation and the official clients disagree on the service's answer, so all codes
    /// that mean it count.
    pub fn is_checksum_mismatch(&self) -> bool {
        self.0.cause == Cause::Checksum
            || matches!(
                self.0.code,
                Some(
                    ErrorCode::CONTENT_MD5_NOT_MATCH
                        | ErrorCode::WRONG_CONTENT_MD5
                        | ErrorCode::FORM_CONTENT_MD5_NOT_MATCH
                )
            )
            || (self.0.status == Some(406) && self.0.message.to_ascii_lowercase().contains("md5"))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        if let Some(request) = &inner.request {
            write!(f, "{request}: ")?;
        }
        f.write_str(&inner.message)?;
        let facts = [
            inner.status.map(|status| format!("status {status}")),
            inner.code.map(|code| format!("code {code}")),
            inner.request_id.as_ref().map(|id| format!("request {id}")),
        ];
        let facts: Vec<_> = facts.into_iter().flatten().collect();
        if !facts.is_empty() {
            write!(f, " ({})", facts.join(", "))?;
        }
        if inner.attempts > 1 {
            let seconds = inner.elapsed.as_secs_f32();
            write!(f, ", after {} attempts in {seconds:.1} s", inner.attempts)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut out = f.debug_struct("Error");
        out.field("kind", &inner.kind)
            .field("message", &inner.message);
        if let Some(request) = &inner.request {
            out.field("request", request);
        }
        if let Some(status) = inner.status {
            out.field("status", &status);
        }
        if let Some(code) = inner.code {
            out.field("code", &code);
        }
        if let Some(id) = &inner.request_id {
            out.field("request_id", id);
        }
        if inner.attempts > 1 {
            out.field("attempts", &inner.attempts);
        }
        if let Some(source) = &inner.source {
            out.field("source", source);
        }
        out.finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(self.0.source.as_deref()?)
    }
}

/// For `std::io` traits, whose errors these become.
impl From<Error> for std::io::Error {
    fn from(error: Error) -> Self {
        let kind = match error.kind() {
            ErrorKind::Invalid => std::io::ErrorKind::InvalidInput,
            ErrorKind::NotFound => std::io::ErrorKind::NotFound,
            ErrorKind::Denied => std::io::ErrorKind::PermissionDenied,
            ErrorKind::Malformed => std::io::ErrorKind::InvalidData,
            _ if error.is_timeout() => std::io::ErrorKind::TimedOut,
            _ => std::io::ErrorKind::Other,
        };
        Self::new(kind, error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_word() {
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }

    #[test]
    fn the_text_reads_alone() {
        let error = Error::service(
            404,
            Some(ErrorCode::FILE_NOT_FOUND),
            "file or directory not found".into(),
            Some("abc".into()),
        )
        .of_request("GET", "/demo/a.txt")
        .after(3, Duration::from_millis(1250));
        assert_eq!(
            error.to_string(),
            "GET /demo/a.txt: file or directory not found (status 404, code 40400001, request abc), \
             after 3 attempts in 1.2 s"
        );
    }

    #[test]
    fn every_code_of_a_wrong_md5_is_one() {
        let of = |status, code: Option<u32>, message: &str| {
            Error::service(status, code.map(ErrorCode::new), message.into(), None)
                .is_checksum_mismatch()
        };
        assert!(of(400, Some(40000006), "content md5 not match"));
        assert!(of(400, Some(40001001), "wrong content-md5"));
        assert!(of(403, Some(40300007), "content md5 not match"));
        assert!(of(406, None, "Content-MD5 mismatch"));
        assert!(!of(406, Some(40600001), "dir not acceptable"));
    }
}
