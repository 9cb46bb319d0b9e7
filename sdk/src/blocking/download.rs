//! An object as it arrives, to be read as `std::io` reads.

use std::{
    io::{self, Read, Write},
    path::Path,
    sync::Arc,
};

use bytes::Bytes;

use super::runtime::Runtime;
use crate::{
    DownloadInfo,
    error::{Error, ErrorKind, Result},
};

/// An object whose headers have arrived. Read it by [`std::io::Read`], or with one of the methods.
///
/// A body that ends too early is an error, never a short success.
#[derive(Debug)]
#[must_use = "the body does not arrive until it is read"]
pub struct Download {
    info: DownloadInfo,
    /// Absent only after a panic while it was read.
    inner: Option<crate::Download>,
    /// What has arrived and has not been read.
    rest: Bytes,
    is_begun: bool,
    runtime: Arc<Runtime>,
}

impl Download {
    pub(super) fn new(inner: crate::Download, runtime: Arc<Runtime>) -> Self {
        Self {
            info: inner.info().clone(),
            inner: Some(inner),
            rest: Bytes::new(),
            is_begun: false,
            runtime,
        }
    }

    /// What the headers say.
    pub fn info(&self) -> &DownloadInfo {
        &self.info
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// As [`crate::Download::chunk`].
    pub fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.is_begun = true;
        if !self.rest.is_empty() {
            return Ok(Some(std::mem::take(&mut self.rest)));
        }
        let mut inner = self.open()?;
        let (inner, chunk) = self.runtime.run(async move {
            let chunk = inner.chunk().await;
            Ok((inner, chunk))
        })?;
        self.inner = Some(inner);
        chunk
    }

    /// The rest of the body in memory.
    ///
    /// # Errors
    /// As [`crate::Download::chunk`].
    pub fn bytes(mut self) -> Result<Bytes> {
        let first = std::mem::take(&mut self.rest);
        let inner = self.open()?;
        let rest = self.runtime.run(inner.bytes())?;
        Ok(if first.is_empty() {
            rest
        } else {
            [first, rest].concat().into()
        })
    }

    /// The rest of the body as text.
    ///
    /// # Errors
    /// As [`crate::Download::text`].
    pub fn text(self) -> Result<String> {
        String::from_utf8(self.bytes()?.into())
            .map_err(|error| Error::malformed("the object is not UTF-8").with_source(error))
    }

    /// Writes the rest of the body to a sink, flushes it, and returns the number of bytes.
    ///
    /// # Errors
    /// As [`crate::Download::write_to`].
    pub fn write_to(mut self, mut sink: impl Write) -> Result<u64> {
        let failed = |error| Error::io("the download could not be written", error);
        let mut written = 0;
        while let Some(chunk) = self.chunk()? {
            sink.write_all(&chunk).map_err(failed)?;
            written += chunk.len() as u64;
        }
        sink.flush().map_err(failed)?;
        Ok(written)
    }

    /// Saves the body as a file: the whole of it, or nothing. See [`crate::Download::into_file`].
    ///
    /// # Errors
    /// As [`crate::Download::into_file`], and kind Invalid if some of the body has been read already.
    pub fn into_file(mut self, path: impl AsRef<Path>) -> Result<u64> {
        if self.is_begun {
            return Err(Error::invalid(
                "a download that has been read in part cannot be saved whole",
            ));
        }
        let path = path.as_ref().to_owned();
        let inner = self.open()?;
        self.runtime.run(inner.into_file(path))
    }

    fn open(&mut self) -> Result<crate::Download> {
        let gone = || Error::new(ErrorKind::Transport, "the download has failed before");
        self.inner.take().ok_or_else(gone)
    }
}

impl Read for Download {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while self.rest.is_empty() {
            match self.chunk()? {
                Some(chunk) => self.rest = chunk,
                None => return Ok(0),
            }
        }
        let fits = self.rest.len().min(buffer.len());
        buffer[..fits].copy_from_slice(&self.rest.split_to(fits));
        Ok(fits)
    }
}
