//! A body on its way into the store: hashed and written while it arrives, invisible until commit.

use std::{
    fs::File,
    io::{self, IoSlice, Write as _},
    sync::Arc,
};

use bytes::Bytes;
use md5::{Digest as _, Md5};
use tokio::task::JoinHandle;
use upyun_client::protocol::Md5Digest;

use super::{Service, StoreError, files::TempFile, multipart::Claim};

/// Bodies up to this size stay in memory until they are whole: for them, handing work to another
/// thread costs more than the work.
pub(super) const SMALL: u64 = 64 * 1024;
/// What of a larger body is hashed and written at once. Two batches are in memory: one is hashed
/// and written on two other threads while the next arrives.
const BATCH: usize = 512 * 1024;

/// A body that is arriving. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Upload {
    service: Service,
    size: u64,
    batch: Vec<Bytes>,
    batched: usize,
    destination: Destination,
    /// Once the body is no longer small.
    large: Option<Large>,
}

/// Where a body goes that is not small.
#[derive(Debug)]
enum Destination {
    /// A file of its own.
    Temporary,
    /// The place of a part: an open file at the right position, and the right to write there.
    Place(File, Arc<Claim>),
    /// It is on its way.
    Taken,
}

#[derive(Debug)]
struct Large {
    /// None for the place of a part.
    temporary: Option<TempFile>,
    claim: Option<Arc<Claim>>,
    hashing: JoinHandle<Md5>,
    writing: JoinHandle<io::Result<File>>,
}

impl Upload {
    pub(super) fn new(service: Service) -> Self {
        Self {
            service,
            size: 0,
            batch: Vec::new(),
            batched: 0,
            destination: Destination::Temporary,
            large: None,
        }
    }

    /// A body that is written to the place of a part.
    pub(super) fn into_place(service: Service, file: File, claim: Arc<Claim>) -> Self {
        Self {
            destination: Destination::Place(file, claim),
            ..Self::new(service)
        }
    }

    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the file system refuses to keep them.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.size += bytes.len() as u64;
        self.batched += bytes.len();
        self.batch.push(bytes);
        if self.size > SMALL && self.batched >= BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    /// Ends the body.
    ///
    /// # Errors
    /// When the file system refused to keep it.
    pub async fn finish(mut self) -> Result<Body, StoreError> {
        if self.size > SMALL {
            self.flush().await?;
        }
        let Self {
            service,
            size,
            batch,
            large,
            ..
        } = self;
        let Some(large) = large else {
            let mut md5 = Md5::new();
            batch.iter().for_each(|bytes| md5.update(bytes));
            let md5 = Md5Digest::from_bytes(md5.finalize().into());
            return Ok(Body {
                service,
                size,
                md5,
                content: Content::Memory(batch),
            });
        };
        let md5 = joined(large.hashing.await)?;
        let file = written(large.writing.await)?;
        let md5 = Md5Digest::from_bytes(md5.finalize().into());
        let content = match large.temporary {
            Some(temporary) => Content::File(temporary, file),
            None => Content::Placed,
        };
        Ok(Body {
            service,
            size,
            md5,
            content,
        })
    }

    async fn flush(&mut self) -> Result<(), StoreError> {
        let batch = std::mem::take(&mut self.batch);
        self.batched = 0;
        let (temporary, claim, mut md5, mut file) = match self.large.take() {
            Some(Large {
                temporary,
                claim,
                hashing,
                writing,
            }) => {
                let (md5, file) = (joined(hashing.await)?, written(writing.await)?);
                (temporary, claim, md5, file)
            }
            None => match std::mem::replace(&mut self.destination, Destination::Taken) {
                Destination::Place(file, claim) => (None, Some(claim), Md5::new(), file),
                Destination::Temporary | Destination::Taken => {
                    let (temporary, file) = self.service.temporary()?;
                    (Some(temporary), None, Md5::new(), file)
                }
            },
        };
        let to_write = batch.clone();
        let hashing = tokio::task::spawn_blocking(move || {
            batch.iter().for_each(|bytes| md5.update(bytes));
            md5
        });
        let right = claim.clone();
        let writing = tokio::task::spawn_blocking(move || {
            match right {
                Some(claim) => claim.write(|| write_all(&mut file, &to_write))?,
                None => write_all(&mut file, &to_write)?,
            }
            Ok(file)
        });
        self.large = Some(Large {
            temporary,
            claim,
            hashing,
            writing,
        });
        Ok(())
    }
}

fn joined<T>(result: Result<T, tokio::task::JoinError>) -> Result<T, StoreError> {
    result.map_err(|error| StoreError::io("keep a body", io::Error::other(error)))
}

fn written(result: Result<io::Result<File>, tokio::task::JoinError>) -> Result<File, StoreError> {
    joined(result)?.map_err(|error| StoreError::io("write a body", error))
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

/// A whole body that has no key yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Body {
    pub(super) service: Service,
    pub(super) size: u64,
    pub(super) md5: Md5Digest,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Memory(Vec<Bytes>),
    File(TempFile, File),
    /// A part that is where it belongs already; it has no name of its own.
    Placed,
}

impl Body {
    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Of all bytes.
    pub fn md5(&self) -> Md5Digest {
        self.md5
    }

    /// The content, if it is small enough to be in memory.
    pub fn in_memory(&self) -> Option<Bytes> {
        match &self.content {
            Content::Memory(chunks) => match chunks.as_slice() {
                [one] => Some(one.clone()),
                chunks => Some(chunks.concat().into()),
            },
            Content::File(..) | Content::Placed => None,
        }
    }

    /// The content, from its beginning. Reading may block.
    ///
    /// # Errors
    /// When the process has no file descriptor left.
    pub fn reader(&self) -> io::Result<Box<dyn io::Read + Send>> {
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
    pub fn file(&self) -> io::Result<Option<File>> {
        use std::io::Seek as _;
        match &self.content {
            Content::Memory(_) | Content::Placed => Ok(None),
            Content::File(_, file) => {
                let mut file = file.try_clone()?;
                file.rewind()?;
                Ok(Some(file))
            }
        }
    }
}
