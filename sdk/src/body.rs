//! What an upload sends.

mod file;
mod outgoing;
mod ready;
mod sync;

use std::{fmt, io, path::PathBuf, pin::Pin};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::{TryStream, TryStreamExt as _};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio_util::io::ReaderStream;

pub(crate) use outgoing::Watch;
pub(crate) use ready::{Readable, Ready};

use crate::error::BoxError;

/// How much is read and sent at a time unless set.
pub(crate) const CHUNK_BYTES: usize = 256 * 1024;

pub(crate) type ByteStream = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The body of an upload: bytes, a file, or a stream.
///
/// ```
/// use upyun_client::Body;
///
/// let bytes = Body::from("hello");
/// let file = Body::path("movie.mp4");
/// let pipe = Body::reader(tokio::io::empty());
/// let known = Body::reader(tokio::io::empty()).length(0);
/// ```
///
/// Nothing reads it whole into memory. Bytes and files can be sent a second time when a connection
/// breaks; readers and streams only while nothing has been read from them. A body whose length is
/// not known is sent in chunks.
pub struct Body(Source);

enum Source {
    Bytes(Bytes),
    Path(PathBuf),
    File(tokio::fs::File),
    Stream {
        stream: ByteStream,
        length: Option<u64>,
    },
    Reader {
        reader: Pin<Box<dyn AsyncRead + Send>>,
        length: Option<u64>,
    },
    SyncReader {
        reader: Box<dyn io::Read + Send>,
        length: Option<u64>,
    },
    /// Opened already.
    Ready(Ready),
}

impl Body {
    /// No bytes at all, which makes an empty object.
    pub fn empty() -> Self {
        Self(Source::Bytes(Bytes::new()))
    }

    /// The file of this name, opened when the request is sent.
    ///
    /// What is not a regular file, like a pipe, is read once, and its length is not known.
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self(Source::Path(path.into()))
    }

    /// What a reader gives until its end. Give the [`length`](Self::length) too if it is known.
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        Self(Source::Reader {
            reader: Box::pin(reader),
            length: None,
        })
    }

    /// What a reader of the standard library gives until its end; it is read on threads that may
    /// block. Give the [`length`](Self::length) too if it is known.
    pub fn sync_reader(reader: impl io::Read + Send + 'static) -> Self {
        Self(Source::SyncReader {
            reader: Box::new(reader),
            length: None,
        })
    }

    /// What a stream gives until its end. Give the [`length`](Self::length) too if it is known.
    pub fn stream<S>(stream: S) -> Self
    where
        S: TryStream + Send + 'static,
        S::Ok: Into<Bytes>,
        S::Error: Into<BoxError>,
    {
        let stream = stream
            .map_ok(Into::into)
            .map_err(|error| io::Error::other(error.into()));
        Self(Source::Stream {
            stream: Box::pin(stream),
            length: None,
        })
    }

    /// The length in bytes of a reader or stream. Without effect on bytes and files, which know
    /// theirs.
    ///
    /// A reader is read no further than this. One that ends earlier fails the request, and so does a
    /// stream with a chunk that goes beyond.
    #[must_use]
    pub fn length(mut self, bytes: u64) -> Self {
        if let Source::Stream { length, .. }
        | Source::Reader { length, .. }
        | Source::SyncReader { length, .. } = &mut self.0
        {
            *length = Some(bytes);
        }
        self
    }

    /// Opens what has to be opened, and finds the length. Readers are read so many bytes at a time.
    pub(crate) async fn ready(self, chunk_bytes: usize) -> io::Result<Ready> {
        Ok(match self.0 {
            Source::Bytes(bytes) => Ready::bytes(bytes),
            Source::Path(path) => {
                Self::open(tokio::fs::File::open(path).await?, chunk_bytes).await?
            }
            Source::File(file) => Self::open(file, chunk_bytes).await?,
            Source::Stream { stream, length } => Ready::once(stream, length),
            Source::Reader { reader, length } => {
                let stream: ByteStream = match length {
                    Some(bytes) => {
                        Box::pin(ReaderStream::with_capacity(reader.take(bytes), chunk_bytes))
                    }
                    None => Box::pin(ReaderStream::with_capacity(reader, chunk_bytes)),
                };
                Ready::once(stream, length)
            }
            Source::SyncReader { reader, length } => {
                Ready::once(sync::stream(reader, length, chunk_bytes), length)
            }
            Source::Ready(ready) => ready,
        })
    }

    async fn open(file: tokio::fs::File, chunk_bytes: usize) -> io::Result<Ready> {
        if file.metadata().await?.is_file() {
            let file = file.into_std().await;
            let part = tokio::task::spawn_blocking(move || file::FilePart::rest_of(file)).await??;
            Ok(Ready::file(part))
        } else {
            let stream = ReaderStream::with_capacity(file, chunk_bytes);
            Ok(Ready::once(Box::pin(stream), None))
        }
    }
}

impl Default for Body {
    fn default() -> Self {
        Self::empty()
    }
}

impl From<Ready> for Body {
    fn from(ready: Ready) -> Self {
        Self(Source::Ready(ready))
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self(Source::Bytes(bytes))
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl From<&'static [u8]> for Body {
    fn from(bytes: &'static [u8]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

impl<const N: usize> From<&'static [u8; N]> for Body {
    fn from(bytes: &'static [u8; N]) -> Self {
        Bytes::from_static(bytes).into()
    }
}

/// From where the file stands to its end.
impl From<tokio::fs::File> for Body {
    fn from(file: tokio::fs::File) -> Self {
        Self(Source::File(file))
    }
}

/// From where the file stands to its end.
impl From<std::fs::File> for Body {
    fn from(file: std::fs::File) -> Self {
        tokio::fs::File::from_std(file).into()
    }
}

/// The file of this name, as [`Body::path`].
impl From<PathBuf> for Body {
    fn from(path: PathBuf) -> Self {
        Self::path(path)
    }
}

/// The file of this name, as [`Body::path`].
impl From<&std::path::Path> for Body {
    fn from(path: &std::path::Path) -> Self {
        Self::path(path)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Source::Bytes(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            Source::Path(path) => write!(f, "Body({})", path.display()),
            Source::File(_) => f.write_str("Body(file)"),
            Source::Ready(ready) => write!(f, "Body({ready:?})"),
            Source::Stream { length, .. }
            | Source::Reader { length, .. }
            | Source::SyncReader { length, .. } => match length {
                Some(length) => write!(f, "Body(stream of {length} bytes)"),
                None => f.write_str("Body(stream)"),
            },
        }
    }
}
