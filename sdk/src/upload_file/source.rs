//! What is uploaded.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use bytes::Bytes;
use tokio::{
    io::AsyncRead,
    task::{JoinHandle, spawn_blocking},
};

use crate::{
    body::{Body, Ready},
    error::Error,
    protocol::Md5Digest,
};

/// What [`upload_file`](crate::Client::upload_file) uploads: a path, an open file, bytes, or
/// anything that can be read.
///
/// ```
/// use upyun_client::UploadSource;
///
/// let path = UploadSource::from("movie.mp4");
/// let bytes = UploadSource::from(vec![1, 2, 3]);
/// let reader = UploadSource::reader(tokio::io::empty());
/// ```
///
/// A text is a path. An open file is uploaded from where it stands to its end. A file, and bytes, are
/// read at any place and as often as needed; a reader is read once, a part at a time into memory.
pub struct UploadSource {
    body: Body,
    path: Option<PathBuf>,
}

impl UploadSource {
    /// What a reader gives until its end.
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Body::reader(reader).into()
    }

    /// What a reader of the standard library gives until its end; it is read on threads that may
    /// block.
    pub fn sync_reader(reader: impl io::Read + Send + 'static) -> Self {
        Body::sync_reader(reader).into()
    }

    /// The length of a reader in bytes, which is read no further; see [`Body::length`].
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        self.body = self.body.length(bytes);
        self
    }

    fn at(path: PathBuf) -> Self {
        Self {
            body: Body::path(&path),
            path: Some(path),
        }
    }

    /// Opens it. The second value names what it is among the uploads to a key.
    pub(super) async fn open(self, chunk_bytes: usize) -> Result<(Ready, Option<PathBuf>), Error> {
        let shown = match &self.path {
            Some(path) => format!("`{}` could not be read", path.display()),
            None => "the upload could not be read".to_owned(),
        };
        let ready = self.body.ready(chunk_bytes).await;
        Ok((ready.map_err(|error| Error::io(shown, error))?, self.path))
    }
}

impl fmt::Debug for UploadSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.body.fmt(f)
    }
}

/// The rest of this body.
impl From<Body> for UploadSource {
    fn from(body: Body) -> Self {
        Self { body, path: None }
    }
}

macro_rules! paths {
    ($($path:ty),*) => {$(
        /// The file of this name.
        impl From<$path> for UploadSource {
            fn from(path: $path) -> Self {
                Self::at(path.into())
            }
        }
    )*};
}

paths!(
    &str, &String, String, &OsStr, OsString, &Path, &PathBuf, PathBuf
);

macro_rules! bodies {
    ($($(#[$doc:meta])* $body:ty),*) => {$(
        $(#[$doc])*
        impl From<$body> for UploadSource {
            fn from(body: $body) -> Self {
                Body::from(body).into()
            }
        }
    )*};
}

bodies!(
    /// From where the file stands to its end.
    File,
    /// From where the file stands to its end.
    tokio::fs::File,
    /// These bytes.
    Bytes,
    /// These bytes.
    Vec<u8>,
    /// These bytes.
    &'static [u8]
);

/// What tells a source from another, or from itself after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Bytes.
    pub(super) size: u64,
    /// Of a file.
    pub(super) modified: Option<SystemTime>,
}

/// A source that is read at any place.
#[derive(Clone, Debug)]
pub(super) struct Content {
    ready: Ready,
    /// As it was when opened.
    pub(super) print: Fingerprint,
    /// The length of the whole file, of which a part may be uploaded.
    file_size: Option<u64>,
}

impl Content {
    pub(super) async fn new(ready: Ready) -> io::Result<Self> {
        let facts = facts(&ready).await?;
        Ok(Self {
            print: Fingerprint {
                size: ready.length().unwrap_or_default(),
                modified: facts.map(|(_, modified)| modified),
            },
            file_size: facts.map(|(size, _)| size),
            ready,
        })
    }

    /// Begins to compute the MD5 of the whole, on a thread of its own.
    pub(super) fn hash(&self) -> Hashing {
        let is_wanted = Arc::new(AtomicBool::new(true));
        let whole = self.ready.clone();
        Hashing {
            task: spawn_blocking({
                let is_wanted = Arc::clone(&is_wanted);
                move || whole.md5_while(|| is_wanted.load(Ordering::Relaxed))
            }),
            is_wanted,
        }
    }

    /// Names the content where no path does: a file by nothing but its
    /// [fingerprint](Self::print), bytes by their MD5.
    pub(super) async fn name(&self) -> io::Result<String> {
        if self.file_size.is_some() {
            return Ok("file".to_owned());
        }
        let md5 = self.hash().finish().await?;
        Ok(format!("bytes:{md5}"))
    }

    /// The bytes of a part; the last one is shorter.
    pub(super) fn part(&self, part: u32, part_size: u64) -> Ready {
        let begin = u64::from(part).saturating_mul(part_size);
        self.ready.range(begin, part_size)
    }

    /// # Errors
    /// If the file was written to since it was opened: then the parts do not fit together.
    pub(super) async fn check_unchanged(&self) -> io::Result<()> {
        let now = facts(&self.ready).await?;
        if now == self.file_size.zip(self.print.modified) {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file changed while it was uploaded",
            ))
        }
    }
}

/// The size and the time of last modification of a file; `None` for bytes in memory.
async fn facts(ready: &Ready) -> io::Result<Option<(u64, SystemTime)>> {
    let Some(file) = ready.file_handle().map(Arc::clone) else {
        return Ok(None);
    };
    blocking(move || {
        let facts = file.metadata()?;
        Ok(Some((facts.len(), facts.modified()?)))
    })
    .await
}

/// The MD5 of a source while it is computed; dropped, the computation ends.
pub(super) struct Hashing {
    task: JoinHandle<io::Result<Md5Digest>>,
    is_wanted: Arc<AtomicBool>,
}

impl Hashing {
    pub(super) async fn finish(mut self) -> io::Result<Md5Digest> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.is_wanted.store(false, Ordering::Relaxed);
    }
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
