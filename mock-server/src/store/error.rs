//! What can go wrong in a store.

use std::{fmt, io};

use upyun_client::protocol::{Key, KeyError};

/// Why an operation on objects failed. Nothing has changed then.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing has this key.
    NotFound(Key),
    /// A file is needed, but the key is that of a folder.
    NotAFile(Key),
    /// The key is that of a folder, so no file can be put there; or the reverse.
    WrongEntryKind(Key),
    /// A part of the key's path is a file.
    ParentIsFile(Key),
    /// The folder still has entries.
    NotEmpty(Key),
    /// The root of a service cannot be deleted.
    Root,
    /// The object was made by a resumable upload and must be deleted before it is replaced.
    Resumable(Key),
    /// The service may not hold that many bytes.
    Full {
        /// What it may hold.
        capacity_bytes: u64,
    },
    /// The disk under the directory is full.
    DiskFull,
    /// Another process has the data directory.
    Locked {
        /// Which one, as far as it is known.
        holder: String,
    },
    /// The text is no key.
    Key(KeyError),
    /// The operating system refused something else.
    Io {
        /// What was tried.
        what: &'static str,
        /// What it said.
        source: io::Error,
    },
}

impl StoreError {
    /// An error of the operating system; a full disk is told apart.
    pub(crate) fn io(what: &'static str, source: impl Into<io::Error>) -> Self {
        let source = source.into();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io { what, source },
        }
    }

    /// Whether a directory is missing that the server made.
    pub(super) fn is_directory_missing(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotFound(key) => write!(f, "nothing is at {key}"),
            Self::NotAFile(key) => write!(f, "{key} is a folder, not a file"),
            Self::WrongEntryKind(key) => {
                write!(f, "{key} is a file or folder already; a name is never both")
            }
            Self::ParentIsFile(key) => write!(f, "a parent of {key} is a file, not a folder"),
            Self::NotEmpty(key) => write!(f, "the folder {key} is not empty"),
            Self::Root => f.write_str("the root of a service cannot be deleted"),
            Self::Resumable(key) => write!(
                f,
                "{key} was made by a resumable upload; delete it before another kind of upload"
            ),
            Self::Full { capacity_bytes } => {
                write!(f, "the service is full: it may hold {capacity_bytes} bytes")
            }
            Self::DiskFull => f.write_str("the disk under the data directory is full"),
            Self::Locked { holder } => write!(
                f,
                "{holder} uses this data directory; stop it, or give another one with --data"
            ),
            Self::Key(error) => error.fmt(f),
            Self::Io { what, .. } => write!(f, "the file system refused to {what}"),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io { source, .. } => Some(source),
            _ => None,
        }
    }
}

impl From<KeyError> for StoreError {
    fn from(error: KeyError) -> Self {
        Self::Key(error)
    }
}
