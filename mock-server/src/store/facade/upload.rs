//! A body on its way into the store, invisible until it is committed.

use std::fs::File;

use bytes::Bytes;

use super::receive::{Received, ReceivedContent, Receiver, Sink};
use crate::store::{
    Body, Service, StoreError,
    body::{Content, write_all},
    files::TempFile,
};

/// A body that is arriving. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub(crate) struct Upload {
    service: Service,
    receiver: Receiver<TemporarySink>,
}

/// A temporary file, made by the first write.
#[derive(Debug)]
pub(super) struct TemporarySink {
    service: Service,
    file: Option<(TempFile, File)>,
}

impl TemporarySink {
    pub(super) fn new(service: Service) -> Self {
        let file = None;
        Self { service, file }
    }

    /// The file with what was written.
    pub(super) fn into_file(self) -> Result<(TempFile, File), StoreError> {
        match self.file {
            Some(file) => Ok(file),
            None => self.service.temporary(),
        }
    }
}

impl Sink for TemporarySink {
    fn write(&mut self, chunks: &[Bytes]) -> Result<(), StoreError> {
        let (_, file) = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.service.temporary()?),
        };
        write_all(file, chunks).map_err(|error| StoreError::io("write a body", error))
    }
}

impl Service {
    /// Begins to receive a body.
    pub(crate) fn upload(&self) -> Upload {
        Upload {
            service: self.clone(),
            receiver: Receiver::new(TemporarySink::new(self.clone())),
        }
    }
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When the file system refuses to keep them.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.receiver.write(bytes).await
    }

    /// Ends the body.
    ///
    /// # Errors
    /// When the file system refused to keep it.
    pub(crate) async fn finish(self) -> Result<Body, StoreError> {
        let Received { size, md5, content } = self.receiver.finish().await?;
        let content = match content {
            ReceivedContent::Memory(chunks) => Content::Memory(chunks),
            ReceivedContent::Written(sink) => {
                let (temporary, file) = sink.into_file()?;
                Content::File(temporary, file)
            }
        };
        Ok(Body {
            service: self.service,
            size,
            md5,
            content,
        })
    }
}
