//! A body that can be sent, and perhaps sent again.

use std::{
    fs::File,
    io,
    sync::{
        Arc, Mutex,
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
#[derive(Debug)]
pub(crate) struct Ready {
    source: Source,
    length: Option<u64>,
}

#[derive(Debug)]
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

    /// Bytes of a file that others may read at the same time.
    pub(crate) fn part_of(file: &Arc<File>, offset: u64, length: u64) -> Self {
        Self::file(FilePart::new(Arc::clone(file), offset, length))
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
    pub(crate) fn send(&self, watch: &Arc<Watch>, meter: Option<&Arc<Meter>>) -> reqwest::Body {
        let flow = match &self.source {
            Source::Bytes(bytes) => Flow::Bytes(bytes.clone()),
            Source::File(part) => Flow::File(Reader::new(part.clone())),
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
