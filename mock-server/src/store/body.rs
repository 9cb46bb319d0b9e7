//! A body that was received and has no key yet.

use std::{
    fs::File,
    io::{self, IoSlice, Seek as _, Write as _},
};

use bytes::Bytes;
use upyun_client::protocol::Md5Digest;

use super::{Service, files::TempFile};

/// Bodies up to this size stay in memory until they are whole: for them, handing work to another
/// thread costs more than the work.
pub(super) const SMALL: u64 = 64 * 1024;

/// A whole body that has no key yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Body {
    pub(super) service: Service,
    pub(super) size: u64,
    pub(super) md5: Md5Digest,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Memory(Vec<Bytes>),
    File(TempFile, File),
}

impl Body {
    /// Bytes.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Of all bytes.
    pub(crate) fn md5(&self) -> Md5Digest {
        self.md5
    }

    /// The content, if it is small enough to be in memory.
    pub(crate) fn in_memory(&self) -> Option<Bytes> {
        match &self.content {
            Content::Memory(chunks) => match chunks.as_slice() {
                [one] => Some(one.clone()),
                chunks => Some(chunks.concat().into()),
            },
            Content::File(..) => None,
        }
    }

    /// The content, from its beginning. Reading may block.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub(crate) fn reader(&self) -> io::Result<Box<dyn io::Read + Send>> {
        match self.file()? {
            Some(file) => Ok(Box::new(file)),
            None => Ok(Box::new(io::Cursor::new(
                self.in_memory().unwrap_or_default(),
            ))),
        }
    }

    /// A second handle on the content, at its beginning, if it is a file.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub(crate) fn file(&self) -> io::Result<Option<File>> {
        match &self.content {
            Content::Memory(_) => Ok(None),
            Content::File(_, file) => {
                let mut file = file.try_clone()?;
                file.rewind()?;
                Ok(Some(file))
            }
        }
    }
}

/// Writes all chunks with as few calls as possible.
pub(super) fn write_all(file: &mut File, chunks: &[Bytes]) -> io::Result<()> {
    let mut slices: Vec<IoSlice<'_>> = chunks.iter().map(|chunk| IoSlice::new(chunk)).collect();
    let mut left = slices.as_mut_slice();
    IoSlice::advance_slices(&mut left, 0);
    while !left.is_empty() {
        match file.write_vectored(left) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut left, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
