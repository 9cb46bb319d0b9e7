//! A part of a file, read without a position of its own.

use std::{
    fs::File,
    io::{self, Seek as _},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use md5::{Digest as _, Md5};
use tokio::task::{JoinHandle, spawn_blocking};

use super::CHUNK_BYTES;
use crate::protocol::Md5Digest;

/// Bytes of a file, from an offset.
///
/// Reads name their offset, so that a second attempt, or another part of the same file, is not
/// disturbed by what an abandoned read of the first one leaves behind.
#[derive(Clone, Debug)]
pub(crate) struct FilePart {
    file: Arc<File>,
    offset: u64,
    length: u64,
}

impl FilePart {
    /// Bytes of this part, counted from its beginning; fewer if it ends earlier.
    pub(super) fn range(&self, offset: u64, length: u64) -> Self {
        let offset = offset.min(self.length);
        Self {
            file: Arc::clone(&self.file),
            offset: self.offset + offset,
            length: length.min(self.length - offset),
        }
    }

    pub(super) fn file(&self) -> &Arc<File> {
        &self.file
    }

    /// From where the file stands to its end.
    pub(super) fn rest_of(mut file: File) -> io::Result<Self> {
        let offset = file.stream_position()?;
        let length = file.metadata()?.len().saturating_sub(offset);
        Ok(Self {
            file: Arc::new(file),
            offset,
            length,
        })
    }

    pub(super) fn length(&self) -> u64 {
        self.length
    }

    /// The next chunk, and the part without it. Blocks.
    fn take_chunk(mut self, chunk_bytes: usize) -> io::Result<(Bytes, Self)> {
        let want = chunk_bytes.min(usize::try_from(self.length).unwrap_or(chunk_bytes));
        let mut chunk = vec![0; want];
        let got = loop {
            match read_at(&self.file, &mut chunk, self.offset) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => break other?,
            }
        };
        if got == 0 && want > 0 {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the file became shorter: {} bytes are missing", self.length),
            ));
        }
        chunk.truncate(got);
        self.offset += got as u64;
        self.length -= got as u64;
        Ok((chunk.into(), self))
    }

    /// Reads the part once. Blocks.
    pub(super) fn md5(self) -> io::Result<Md5Digest> {
        self.md5_while(|| true)
    }

    /// Reads the part once, or fails as soon as the MD5 is not wanted any more. Blocks.
    pub(super) fn md5_while(mut self, is_wanted: impl Fn() -> bool) -> io::Result<Md5Digest> {
        let mut md5 = Md5::new();
        while self.length > 0 {
            if !is_wanted() {
                return Err(io::ErrorKind::Interrupted.into());
            }
            let (chunk, rest) = self.take_chunk(CHUNK_BYTES)?;
            md5.update(&chunk);
            self = rest;
        }
        Ok(Md5Digest::from_bytes(md5.finalize().into()))
    }
}

/// Reads a part on the blocking pool, one chunk ahead of the network.
#[derive(Debug)]
pub(super) struct Reader {
    chunk_bytes: usize,
    next: Option<JoinHandle<io::Result<(Bytes, FilePart)>>>,
}

impl Reader {
    pub(super) fn new(part: FilePart, chunk_bytes: usize) -> Self {
        let mut reader = Self {
            chunk_bytes,
            next: None,
        };
        reader.start(part);
        reader
    }

    fn start(&mut self, part: FilePart) {
        let length = part.length;
        let chunk_bytes = self.chunk_bytes;
        let read = move || part.take_chunk(chunk_bytes);
        self.next = (length > 0).then(|| spawn_blocking(read));
    }

    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        let Some(next) = &mut self.next else {
            return Poll::Ready(None);
        };
        let read = ready!(Pin::new(next).poll(cx));
        self.next = None;
        match read.unwrap_or_else(|error| Err(io::Error::other(error))) {
            Ok((chunk, rest)) => {
                self.start(rest);
                Poll::Ready(Some(Ok(chunk)))
            }
            Err(error) => Poll::Ready(Some(Err(error))),
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, chunk: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, chunk, offset)
}

#[cfg(windows)]
fn read_at(file: &File, chunk: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, chunk, offset)
}
