//! Bytes that arrive from a client: hashed and written while more of them arrive.

use bytes::Bytes;
use md5::{Digest as _, Md5};
use tokio::task::JoinHandle;
use upyun_client::protocol::Md5Digest;

use super::{join, run_blocking};
use crate::store::{StoreError, body::SMALL};

/// What of a larger body is hashed and written at once. Two batches are in memory: one is hashed
/// and written on two other threads while the next arrives.
const BATCH: usize = 512 * 1024;

/// Where the bytes of a large body go.
pub(super) trait Sink: Send + 'static {
    /// Appends the chunks. Blocks.
    fn write(&mut self, chunks: &[Bytes]) -> Result<(), StoreError>;
}

/// Receives a body. A small one stays in memory, a large one goes to a sink.
#[derive(Debug)]
pub(super) struct Receiver<S> {
    size: u64,
    batch: Vec<Bytes>,
    batched: usize,
    progress: Progress<S>,
}

#[derive(Debug)]
enum Progress<S> {
    Idle(Md5, S),
    /// A batch is being hashed and written.
    Busy {
        hashing: JoinHandle<Md5>,
        writing: JoinHandle<Result<S, StoreError>>,
    },
    /// A batch could not be written.
    Failed,
}

/// A whole body.
#[derive(Debug)]
pub(super) struct Received<S> {
    pub(super) size: u64,
    pub(super) md5: Md5Digest,
    pub(super) content: ReceivedContent<S>,
}

#[derive(Debug)]
pub(super) enum ReceivedContent<S> {
    /// A small body, which its sink has not seen.
    Memory(Vec<Bytes>),
    /// A large body, which its sink holds.
    Written(S),
}

impl<S: Sink> Receiver<S> {
    pub(super) fn new(sink: S) -> Self {
        Self {
            size: 0,
            batch: Vec::new(),
            batched: 0,
            progress: Progress::Idle(Md5::new(), sink),
        }
    }

    /// Takes the next bytes.
    pub(super) async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.size += bytes.len() as u64;
        self.batched += bytes.len();
        self.batch.push(bytes);
        if self.size > SMALL && self.batched >= BATCH {
            self.flush().await?;
        }
        Ok(())
    }

    /// Ends the body.
    pub(super) async fn finish(mut self) -> Result<Received<S>, StoreError> {
        if self.size <= SMALL {
            let mut md5 = Md5::new();
            self.batch.iter().for_each(|bytes| md5.update(bytes));
            return Ok(Received {
                size: self.size,
                md5: Md5Digest::from_bytes(md5.finalize().into()),
                content: ReceivedContent::Memory(self.batch),
            });
        }
        self.flush().await?;
        let (md5, sink) = self.wait().await?;
        Ok(Received {
            size: self.size,
            md5: Md5Digest::from_bytes(md5.finalize().into()),
            content: ReceivedContent::Written(sink),
        })
    }

    /// Begins to hash and write the batch, once the previous one is done.
    async fn flush(&mut self) -> Result<(), StoreError> {
        let (mut md5, mut sink) = self.wait().await?;
        let batch = std::mem::take(&mut self.batch);
        self.batched = 0;
        let to_write = batch.clone();
        self.progress = Progress::Busy {
            hashing: run_blocking(move || {
                batch.iter().for_each(|bytes| md5.update(bytes));
                md5
            }),
            writing: run_blocking(move || sink.write(&to_write).map(|()| sink)),
        };
        Ok(())
    }

    /// Waits for the batch that is being hashed and written.
    async fn wait(&mut self) -> Result<(Md5, S), StoreError> {
        match std::mem::replace(&mut self.progress, Progress::Failed) {
            Progress::Idle(md5, sink) => Ok((md5, sink)),
            Progress::Busy { hashing, writing } => {
                let (md5, sink) = (join(hashing).await?, join(writing).await?);
                Ok((md5, sink?))
            }
            Progress::Failed => {
                let error = std::io::Error::other("an earlier part of the body was not written");
                Err(StoreError::io("write a body", error))
            }
        }
    }
}
