//! Names: services and the keys of objects and folders.

use std::fmt;

use super::ErrorCode;

/// The key of an object or folder inside one service, decoded.
///
/// * starts with `/`, has no empty, `.` or `..` segment, no NUL, CR, LF or TAB
/// * no trailing slash, except the root, which is `/`
/// * no segment is longer than [`Key::MAX_SEGMENT_BYTES`], the whole no longer than
///   [`Key::MAX_BYTES`], in UTF-8
///
/// Runs of slashes count as one (`[choice R-3]`). Keys are case-sensitive and not normalised.
///
/// ```
/// use upyun_client::protocol::Key;
///
/// let key: Key = "photos//2026/cat.png".parse()?;
/// assert_eq!(key.as_str(), "/photos/2026/cat.png");
/// assert_eq!(key.name(), "cat.png");
/// assert_eq!(key.parent().unwrap().as_str(), "/photos/2026");
/// # Ok::<(), upyun_client::protocol::KeyError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key(Box<str>);

impl Key {
    /// The longest key, in bytes of UTF-8, without the service (`[choice R-5]`).
    pub const MAX_BYTES: usize = 1024;
    /// The longest name between two slashes, in bytes of UTF-8 (`[choice R-4]`).
    pub const MAX_SEGMENT_BYTES: usize = 255;

    /// The root folder of a service. It always exists.
    pub fn root() -> Self {
        Self("/".into())
    }

    /// Parses a decoded path. A leading slash may be missing, a trailing one is dropped.
    ///
    /// # Errors
    /// [`KeyError`] names the rule that the path breaks; its [`code`](KeyError::code) is the
    /// service's.
    pub fn parse(path: &str) -> Result<Self, KeyError> {
        if path.contains('\0') {
            return Err(KeyError::Nul);
        }
        let mut key = String::with_capacity(path.len() + 1);
        let mut longest = 0;
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            if matches!(segment, "." | "..") {
                return Err(KeyError::DotSegment);
            }
            longest = longest.max(segment.len());
            key.push('/');
            key.push_str(segment);
        }
        if key.contains(['\r', '\n', '\t']) {
            return Err(KeyError::ControlCharacter);
        }
        if longest > Self::MAX_SEGMENT_BYTES {
            return Err(KeyError::NameTooLong { bytes: longest });
        }
        if key.len() > Self::MAX_BYTES {
            return Err(KeyError::PathTooLong { bytes: key.len() });
        }
        if key.is_empty() {
            key.push('/');
        }
        Ok(Self(key.into()))
    }

    /// The key with its leading slash.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root folder.
    pub fn is_root(&self) -> bool {
        self.0.len() == 1
    }

    /// The last segment; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The folder that holds this key; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        match self.0.rfind('/') {
            Some(0) | None => Some(Self::root()),
            Some(slash) => Some(Self(self.0[..slash].into())),
        }
    }

    /// The segments from the root on; none for the root itself.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|segment| !segment.is_empty())
    }

    /// The key of an entry of this folder.
    ///
    /// # Errors
    /// As [`Key::parse`].
    pub fn join(&self, name: &str) -> Result<Self, KeyError> {
        Self::parse(&format!("{}/{name}", self.0))
    }
}

impl std::str::FromStr for Key {
    type Err = KeyError;

    fn from_str(path: &str) -> Result<Self, KeyError> {
        Self::parse(path)
    }
}

impl TryFrom<&str> for Key {
    type Error = KeyError;

    fn try_from(path: &str) -> Result<Self, KeyError> {
        Self::parse(path)
    }
}

impl AsRef<str> for Key {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// Why a path is not a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A NUL byte (`[choice R-1]`).
    #[error("the key holds a NUL byte")]
    Nul,
    /// A `.` or `..` segment (`[choice R-2]`).
    #[error("the key has a `.` or `..` segment")]
    DotSegment,
    /// A carriage return, line feed or tab.
    #[error("the key holds a carriage return, line feed or tab")]
    ControlCharacter,
    /// One segment is longer than [`Key::MAX_SEGMENT_BYTES`].
    #[error(
        "a name in the key is {bytes} bytes long; at most {} are allowed",
        Key::MAX_SEGMENT_BYTES
    )]
    NameTooLong {
        /// Its length.
        bytes: usize,
    },
    /// The whole is longer than [`Key::MAX_BYTES`].
    #[error(
        "the key is {bytes} bytes long; at most {} are allowed",
        Key::MAX_BYTES
    )]
    PathTooLong {
        /// Its length.
        bytes: usize,
    },
}

impl KeyError {
    /// What the service answers to such a path.
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Nul | Self::DotSegment => ErrorCode::WRONG_URI,
            Self::ControlCharacter => ErrorCode::FILE_NAME_INVALID_CHARS,
            Self::NameTooLong { .. } => ErrorCode::FILE_NAME_TOO_LONG,
            Self::PathTooLong { .. } => ErrorCode::FILE_PATH_TOO_LONG,
        }
    }
}

/// The name of a service (bucket): the first segment of a path.
///
/// Lower-case letters, digits, `-` and `_`, starting with a letter or digit, at most 63 bytes, and
/// none of the words that are first segments of other APIs (`[choice H-2]`).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServiceName(Box<str>);

impl ServiceName {
    /// Words that no service can be called.
    pub const RESERVED: [&'static str; 4] = ["purge", "pretreatment", "status", "result"];

    /// Checks a name.
    ///
    /// # Errors
    /// [`ServiceNameError`] holds the name.
    pub fn parse(name: &str) -> Result<Self, ServiceNameError> {
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
        let ok = (1..=63).contains(&name.len())
            && name.bytes().all(|b| word(b) || matches!(b, b'-' | b'_'))
            && word(name.as_bytes()[0])
            && !Self::RESERVED.contains(&name);
        if ok {
            Ok(Self(name.into()))
        } else {
            Err(ServiceNameError(name.into()))
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for ServiceName {
    type Err = ServiceNameError;

    fn from_str(name: &str) -> Result<Self, ServiceNameError> {
        Self::parse(name)
    }
}

impl std::borrow::Borrow<str> for ServiceName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for ServiceName {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ServiceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

/// A word that cannot name a service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{}` cannot name a service: 1 to 63 lower-case letters, digits, `-` or `_`, starting with a \
     letter or digit, and none of {}",
    .0,
    ServiceName::RESERVED.join(", ")
)]
pub struct ServiceNameError(Box<str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, want: Result<&str, KeyError>) {
        assert_eq!(
            Key::parse(path).as_ref().map(Key::as_str),
            want.as_ref().map(|s| *s)
        );
    }

    #[test]
    fn slashes_are_regular() {
        check("", Ok("/"));
        check("/", Ok("/"));
        check("a", Ok("/a"));
        check("//a//b/", Ok("/a/b"));
        check("/a b+c%41", Ok("/a b+c%41"));
    }

    #[test]
    fn names_never_leave_the_service() {
        check("/..", Err(KeyError::DotSegment));
        check("/a/../b", Err(KeyError::DotSegment));
        check("/a/./b", Err(KeyError::DotSegment));
        check("/a\0b", Err(KeyError::Nul));
        check("/...", Ok("/..."));
        check("/a/..b", Ok("/a/..b"));
    }

    #[test]
    fn control_characters_and_lengths() {
        check("/a\tb", Err(KeyError::ControlCharacter));
        check("/a\rb", Err(KeyError::ControlCharacter));
        check("/a\nb", Err(KeyError::ControlCharacter));
        check(&"x".repeat(256), Err(KeyError::NameTooLong { bytes: 256 }));
        let name = "x".repeat(255);
        check(&name, Ok(&format!("/{name}")));
        let long = format!("/{name}/{name}/{name}/{name}/y");
        check(&long, Err(KeyError::PathTooLong { bytes: 1026 }));
        check(&long[..1024], Ok(&long[..1024]));
    }

    #[test]
    fn parents_end_at_the_root() {
        let key = Key::parse("/a/b").unwrap();
        let parent = key.parent().unwrap();
        assert_eq!(parent.as_str(), "/a");
        assert_eq!(parent.parent(), Some(Key::root()));
        assert_eq!(Key::root().parent(), None);
        assert_eq!(Key::root().name(), "");
    }

    #[test]
    fn service_names() {
        for good in ["demo", "a", "my-bucket_2"] {
            assert!(ServiceName::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "", "Demo", "-a", "a.b", "a/b", "..", "purge", "status", "bücket",
        ] {
            assert!(ServiceName::parse(bad).is_err(), "{bad}");
        }
    }
}
