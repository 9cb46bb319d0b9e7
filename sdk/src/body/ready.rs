//! A body that can be sent, and perhaps sent again.

use std::{
    fs::File,
    io,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use bytes::Bytes;
use tokio::task::spawn_blocking;

use super::{
    ByteStream,
    file::{FilePart, Reader},
    outgoing::{Flow, Outgoing, Watch},
};
use crate::{progress::Meter, protocol::Md5Digest};

/// Below this, hashing is quicker than asking another thread to do it.
const HASH_HERE_BYTES: usize = 64 * 1024;

/// A body whose length is known as well as it ever will be.
#[derive(Clone, Debug)]
pub(crate) struct Ready {
    source: Source,
    length: Option<u64>,
}

/// How a body can be read.
pub(crate) enum Readable {
    /// At any place, by [`Ready::range`].
    Again(Ready),
    /// From its beginning, once.
    Once(ByteStream),
}

#[derive(Clone, Debug)]
enum Source {
    Bytes(Bytes),
    File(FilePart),
    Once(Arc<Once>),
}

/// A stream, shared with the attempt that sends it: an attempt that fails before it reads anything,
/// because no connection can be made, leaves the stream to the next one.
pub(super) struct Once {
    pub(super) stream: Mutex<ByteStream>,
    pub(super) is_touched: AtomicBool,
}

impl Ready {
    pub(crate) fn bytes(bytes: Bytes) -> Self {
        Self {
            length: Some(bytes.len() as u64),
            source: Source::Bytes(bytes),
        }
    }

    pub(super) fn file(part: FilePart) -> Self {
        Self {
            length: Some(part.length()),
            source: Source::File(part),
        }
    }

    pub(super) fn once(stream: ByteStream, length: Option<u64>) -> Self {
        let once = Once {
            stream: Mutex::new(stream),
            is_touched: AtomicBool::new(false),
        };
        Self {
            source: Source::Once(Arc::new(once)),
            length,
        }
    }

    /// What can be read at any place, or what can be read once.
    pub(crate) fn into_readable(self) -> Readable {
        match self.source {
            Source::Once(once) => match Arc::try_unwrap(once) {
                Ok(once) => {
                    let stream = once.stream.into_inner();
                    Readable::Once(stream.unwrap_or_else(PoisonError::into_inner))
                }
                // No attempt of it has been made, so there is no other handle.
                Err(once) => Readable::Again(Self {
                    source: Source::Once(once),
                    length: self.length,
                }),
            },
            source => Readable::Again(Self {
                source,
                length: self.length,
            }),
        }
    }

    /// Some bytes of what can be read at any place; fewer if it ends earlier.
    pub(crate) fn range(&self, offset: u64, length: u64) -> Self {
        match &self.source {
            Source::File(part) => Self::file(part.range(offset, length)),
            Source::Bytes(bytes) => {
                let all = bytes.len() as u64;
                let end = offset.saturating_add(length).min(all);
                // Both fit: they are at most the length of bytes in memory.
                Self::bytes(bytes.slice(offset.min(end) as usize..end as usize))
            }
            Source::Once(once) => Self {
                source: Source::Once(Arc::clone(once)),
                length: self.length,
            },
        }
    }

    /// The file that the body reads, if it reads one.
    pub(crate) fn file_handle(&self) -> Option<&Arc<File>> {
        match &self.source {
            Source::File(part) => Some(part.file()),
            _ => None,
        }
    }

    /// Computes the MD5 of the whole, or fails as soon as it is not wanted any more. Blocks.
    pub(crate) fn md5_while(&self, is_wanted: impl Fn() -> bool) -> io::Result<Md5Digest> {
        match &self.source {
            Source::Bytes(bytes) => Ok(Md5Digest::of(bytes)),
            Source::File(part) => part.clone().md5_while(is_wanted),
            Source::Once(_) => Err(io::Error::other("a reader can be read only once")),
        }
    }

    /// Whether the body can be read a second time.
    pub(crate) fn is_repeatable(&self) -> bool {
        !matches!(self.source, Source::Once(_))
    }

    /// The length in bytes, if known.
    pub(crate) fn length(&self) -> Option<u64> {
        self.length
    }

    /// Whether the body can be sent (again) from its beginning.
    pub(crate) fn can_be_sent(&self) -> bool {
        match &self.source {
            Source::Bytes(_) | Source::File(_) => true,
            Source::Once(once) => !once.is_touched.load(Ordering::Acquire),
        }
    }

    /// The MD5 of the whole, without holding it; `None` for what can be read only once.
    pub(crate) async fn md5(&self) -> io::Result<Option<Md5Digest>> {
        Ok(Some(match &self.source {
            Source::Bytes(bytes) if bytes.len() <= HASH_HERE_BYTES => Md5Digest::of(bytes),
            Source::Bytes(bytes) => {
                let bytes = bytes.clone();
                spawn_blocking(move || Md5Digest::of(bytes)).await?
            }
            Source::File(part) => {
                let part = part.clone();
                spawn_blocking(move || part.md5()).await??
            }
            Source::Once(_) => return Ok(None),
        }))
    }

    /// The body of one attempt.
    pub(crate) fn send(
        &self,
        watch: &Arc<Watch>,
        meter: Option<&Arc<Meter>>,
        chunk_bytes: usize,
    ) -> reqwest::Body {
        let flow = match &self.source {
            Source::Bytes(bytes) => Flow::Bytes(bytes.clone(), chunk_bytes),
            Source::File(part) => Flow::File(Reader::new(part.clone(), chunk_bytes)),
            Source::Once(once) => Flow::Once(Arc::clone(once)),
        };
        reqwest::Body::wrap(Outgoing::new(
            flow,
            self.length,
            Arc::clone(watch),
            meter.cloned(),
        ))
    }
}

impl std::fmt::Debug for Once {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Once")
            .field("is_touched", &self.is_touched)
            .finish_non_exhaustive()
    }
}
