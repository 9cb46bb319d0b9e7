//! What can go wrong in a store.

use std::io;

use upyun_client::protocol::{Key, KeyError};

/// Why an operation on objects failed. Nothing has changed then.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Nothing has this key.
    #[error("nothing is at {0}")]
    NotFound(Key),
    /// A file is needed, but the key is that of a folder.
    #[error("{0} is a folder, not a file")]
    NotAFile(Key),
    /// The key is that of a folder, so no file can be put there; or the reverse.
    #[error("{0} is a file or folder already; a name is never both")]
    WrongEntryKind(Key),
    /// A part of the key's path is a file.
    #[error("a parent of {0} is a file, not a folder")]
    ParentIsFile(Key),
    /// The folder still has entries.
    #[error("the folder {0} is not empty")]
    NotEmpty(Key),
    /// The root of a service cannot be deleted.
    #[error("the root of a service cannot be deleted")]
    Root,
    /// The object was made by a resumable upload and must be deleted before it is replaced.
    #[error("{0} was made by a resumable upload; delete it before another kind of upload")]
    Resumable(Key),
    /// The service may not hold that many bytes.
    #[error("the service is full: it may hold {capacity_bytes} bytes")]
    Full {
        /// What it may hold.
        capacity_bytes: u64,
    },
    /// The disk under the directory is full.
    #[error("the disk under the data directory is full")]
    DiskFull,
    /// Another process has the data directory.
    #[error("{holder} uses this data directory; stop it, or give another one with --data")]
    Locked {
        /// Which one, as far as it is known.
        holder: String,
    },
    /// The text is no key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The operating system refused something else.
    #[error("the file system refused to {what}")]
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
