//! Paths on the wire: percent-encoding, and which service and key a request means.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode};

use super::{ErrorCode, Key, KeyError, ServiceName};

/// What stays literal in an encoded path besides letters and digits: `-`, `.`, `_`, `~` and `/`.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/');

/// Percent-encodes a path for the request line and for copy and move sources.
///
/// Everything but letters, digits and `-._~/` becomes `%XX` in upper case, as the Python and Go
/// clients do: the most careful of the variants, so no HTTP library on the way changes it.
///
/// ```
/// use upyun_client::protocol::path;
///
/// assert_eq!(path::encode("/dir/a b+c.txt"), "/dir/a%20b%2Bc.txt");
/// assert_eq!(path::encode("/图"), "/%E5%9B%BE");
/// ```
pub fn encode(path: &str) -> String {
    percent_encode(path.as_bytes(), ENCODED).to_string()
}

/// The request path of a key, encoded: `/<service>/<key>`.
///
/// ```
/// use upyun_client::protocol::{Key, ServiceName, path};
///
/// let service: ServiceName = "demo".parse()?;
/// assert_eq!(path::of(&service, &Key::parse("/a b").unwrap()), "/demo/a%20b");
/// assert_eq!(path::of(&service, &Key::root()), "/demo/");
/// # Ok::<(), upyun_client::protocol::ServiceNameError>(())
/// ```
pub fn of(service: &ServiceName, key: &Key) -> String {
    let mut path = String::with_capacity(key.as_str().len() + service.as_str().len() + 1);
    path.push('/');
    path.push_str(service.as_str());
    path.extend(percent_encode(key.as_str().as_bytes(), ENCODED));
    path
}

/// Decodes a path once. `+` is a plus sign.
///
/// # Errors
/// [`PathError::MalformedEscape`] (`[choice R-1]`) or [`PathError::NotUtf8`].
pub fn decode(path: &[u8]) -> Result<String, PathError> {
    let mut decoded = Vec::with_capacity(path.len());
    let mut rest = path.iter();
    while let Some(&byte) = rest.next() {
        if byte != b'%' {
            decoded.push(byte);
            continue;
        }
        let mut digit = || {
            rest.next()
                .and_then(|b| (*b as char).to_digit(16))
                .map(|d| d as u8)
        };
        match (digit(), digit()) {
            (Some(high), Some(low)) => decoded.push(high << 4 | low),
            _ => return Err(PathError::MalformedEscape),
        }
    }
    String::from_utf8(decoded).map_err(|_| PathError::NotUtf8)
}

/// The path of a request, decoded: `/<service>/<key>`.
///
/// ```
/// use upyun_client::protocol::path::RequestPath;
///
/// let path = RequestPath::parse(b"/demo//a%2Fb.txt")?;
/// assert_eq!((path.service(), path.key()?.as_str()), ("demo", "/a/b.txt"));
/// # Ok::<(), upyun_client::protocol::path::PathError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestPath {
    decoded: String,
    /// Where in `decoded` the service begins and ends.
    service: (usize, usize),
}

impl RequestPath {
    /// Decodes the path of a request line, without the query.
    ///
    /// # Errors
    /// [`PathError`]; in particular [`PathError::NoService`] for `/`.
    pub fn parse(path: &[u8]) -> Result<Self, PathError> {
        let decoded = decode(path)?;
        let start = decoded.len() - decoded.trim_start_matches('/').len();
        // An empty first segment is a missing service, not a run of slashes.
        if start != 1 || decoded.len() == 1 {
            return Err(PathError::NoService);
        }
        let end = decoded[start..]
            .find('/')
            .map_or(decoded.len(), |slash| start + slash);
        Ok(Self {
            decoded,
            service: (start, end),
        })
    }

    /// The first segment. It may name a service that does not exist, or could not.
    pub fn service(&self) -> &str {
        &self.decoded[self.service.0..self.service.1]
    }

    /// The rest as a key; the root when there is none.
    ///
    /// # Errors
    /// [`PathError::Key`] when it breaks the rules of keys.
    pub fn key(&self) -> Result<Key, PathError> {
        Key::parse(&self.decoded[self.service.1..]).map_err(PathError::Key)
    }

    /// Whether there is a key at all: `false` for `/<service>` and `/<service>/`.
    pub fn has_key(&self) -> bool {
        self.decoded[self.service.1..].contains(|c| c != '/')
    }

    /// Whether a key is there and ends in a slash, which only folders may.
    pub fn has_trailing_slash(&self) -> bool {
        self.has_key() && self.decoded.ends_with('/')
    }
}

/// Why a request path means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// No service in the path.
    #[error("the path names no service; it is /<service>/<key>")]
    NoService,
    /// A `%` that two hex digits do not follow.
    #[error("the path has a `%` without two hex digits; encode it as %25")]
    MalformedEscape,
    /// The decoded bytes are not UTF-8.
    #[error("the decoded path is not UTF-8")]
    NotUtf8,
    /// The key breaks a rule.
    #[error("{0}")]
    Key(KeyError),
}

impl PathError {
    /// What the service answers to such a path.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::NoService => ErrorCode::NEED_BUCKET_NAME,
            Self::MalformedEscape => ErrorCode::WRONG_URI,
            Self::NotUtf8 => ErrorCode::PATH_ENCODING_SHOULD_BE_UTF8,
            Self::Key(error) => error.code(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, want: Result<(&str, &str), PathError>) {
        let got = RequestPath::parse(path.as_bytes())
            .and_then(|path| Ok((path.service().to_owned(), path.key()?.to_string())));
        let want = want.map(|(service, key)| (service.to_owned(), key.to_owned()));
        assert_eq!(got, want, "{path}");
    }

    #[test]
    fn first_segment_is_the_service() {
        check("/demo", Ok(("demo", "/")));
        check("/demo/", Ok(("demo", "/")));
        check("/demo//", Ok(("demo", "/")));
        check("/demo//a//b", Ok(("demo", "/a/b")));
        check("/demo%2Fa", Ok(("demo", "/a")));
        check("/", Err(PathError::NoService));
        check("//a", Err(PathError::NoService));
        check("", Err(PathError::NoService));
    }

    #[test]
    fn decoded_once() {
        check("/demo/a+b%2Bc%2541", Ok(("demo", "/a+b+c%41")));
        check("/demo/%", Err(PathError::MalformedEscape));
        check("/demo/%4", Err(PathError::MalformedEscape));
        check("/demo/%zz", Err(PathError::MalformedEscape));
        check("/demo/%ff", Err(PathError::NotUtf8));
        check("/demo/%2e%2e/x", Err(PathError::Key(KeyError::DotSegment)));
        check("/demo/a%00", Err(PathError::Key(KeyError::Nul)));
    }

    #[test]
    fn trailing_slashes_are_remembered() {
        let slash = |path: &str| {
            RequestPath::parse(path.as_bytes())
                .unwrap()
                .has_trailing_slash()
        };
        assert!(slash("/demo/a/"));
        assert!(slash("/demo/a%2F"));
        assert!(!slash("/demo/a"));
        assert!(!slash("/demo/"));
    }
}
