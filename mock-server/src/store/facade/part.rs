//! A part that arrives.

use std::{
    fs::File,
    io::{self, Seek as _},
    sync::Arc,
};

use bytes::Bytes;
use upyun_client::protocol::Md5Digest;

use super::{
    blocking,
    receive::{Received, ReceivedContent, Receiver, Sink},
    run_blocking,
    upload::TemporarySink,
};
use crate::store::{
    Multipart, MultipartError, Service, StoreError, body::write_all, multipart::Claim,
};

/// A part that is arriving. Dropped, it leaves nothing that counts.
#[derive(Debug)]
pub(crate) struct PartUpload {
    receiver: Receiver<PartSink>,
    place: Place,
}

/// The place of a part in the data of its upload.
#[derive(Debug)]
struct Place {
    service: Service,
    multipart: Arc<Multipart>,
    id: u32,
    /// Another request has the place if there is none.
    claim: Option<Arc<Claim>>,
}

/// Where the bytes of a large part go.
#[derive(Debug)]
enum PartSink {
    /// To the part's place, under a claim.
    Place(PlaceSink),
    /// To a file of their own, because another request has the place.
    Temporary(TemporarySink),
}

#[derive(Debug)]
struct PlaceSink {
    service: Service,
    multipart: Arc<Multipart>,
    id: u32,
    claim: Arc<Claim>,
    /// Opened by the first write.
    file: Option<File>,
}

impl Sink for PartSink {
    fn write(&mut self, chunks: &[Bytes]) -> Result<(), StoreError> {
        match self {
            Self::Place(place) => {
                let written = place.write(chunks);
                written.map_err(|error| StoreError::io("write a part", error))
            }
            Self::Temporary(sink) => sink.write(chunks),
        }
    }
}

impl PlaceSink {
    fn write(&mut self, chunks: &[Bytes]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(self.service.part_place(&self.multipart, self.id)?),
        };
        self.claim.write(|| write_all(file, chunks))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(claim) = self.claim.take() {
            self.multipart.release(self.id, &claim);
        }
    }
}

impl Service {
    /// Begins to receive a part.
    ///
    /// # Errors
    /// When the upload does not accept the part now.
    pub(crate) fn receive_part(
        &self,
        multipart: &Arc<Multipart>,
        id: u32,
    ) -> Result<PartUpload, MultipartError> {
        let claim = multipart.claim(id)?;
        let sink = match &claim {
            Some(claim) => PartSink::Place(PlaceSink {
                service: self.clone(),
                multipart: Arc::clone(multipart),
                id,
                claim: Arc::clone(claim),
                file: None,
            }),
            None => PartSink::Temporary(TemporarySink::new(self.clone())),
        };
        Ok(PartUpload {
            receiver: Receiver::new(sink),
            place: Place {
                service: self.clone(),
                multipart: Arc::clone(multipart),
                id,
                claim,
            },
        })
    }
}

impl PartUpload {
    /// Takes the next bytes. The caller sees to it that there are not more than the part may have.
    ///
    /// # Errors
    /// When the file system refuses to keep them.
    pub(crate) async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.receiver.write(bytes).await
    }

    /// Ends the part; it counts if `check` accepts its size and MD5.
    ///
    /// # Errors
    /// Those of the check, and when the upload does not accept the part any more.
    pub(crate) async fn finish<E: From<MultipartError>>(
        self,
        check: impl FnOnce(u64, Md5Digest) -> Result<(), E>,
    ) -> Result<(), E> {
        let Self {
            receiver,
            mut place,
        } = self;
        let received = receiver.finish().await;
        let Received { size, md5, content } = received.map_err(|error| place.failed(error))?;
        check(size, md5)?;
        match content {
            ReceivedContent::Memory(chunks) => place.put(&chunks)?,
            ReceivedContent::Written(PartSink::Temporary(sink)) => place.copy(sink).await?,
            ReceivedContent::Written(PartSink::Place(_)) => {}
        }
        place.record(size, md5)?;
        let (service, multipart) = (place.service.clone(), Arc::clone(&place.multipart));
        // Behind the response.
        drop(run_blocking(move || service.hash_gapless(&multipart)));
        Ok(())
    }
}

impl Place {
    /// The claim of this request, whose part is whole: another request loses the place.
    fn claim(&mut self) -> Result<Arc<Claim>, MultipartError> {
        if let Some(claim) = &self.claim {
            return Ok(Arc::clone(claim));
        }
        let claim = self.multipart.take_claim(self.id)?;
        self.claim = Some(Arc::clone(&claim));
        Ok(claim)
    }

    /// Writes a small part.
    fn put(&mut self, chunks: &[Bytes]) -> Result<(), MultipartError> {
        let claim = self.claim()?;
        let place = self.service.part_place(&self.multipart, self.id);
        let written = place.and_then(|mut place| claim.write(|| write_all(&mut place, chunks)));
        written.map_err(|error| self.failed(StoreError::io("write a part", error)))
    }

    /// Copies a part that has a file of its own.
    async fn copy(&mut self, sink: TemporarySink) -> Result<(), MultipartError> {
        let claim = self.claim()?;
        let (service, multipart, id) = (self.service.clone(), Arc::clone(&self.multipart), self.id);
        let copied = blocking(move || {
            let (_temporary, mut file) = sink.into_file()?;
            file.rewind()
                .and_then(|()| service.part_place(&multipart, id))
                .and_then(|mut place| claim.write(|| io::copy(&mut file, &mut place).map(|_| ())))
                .map_err(|error| StoreError::io("write a part", error))
        });
        copied.await.map_err(|error| self.failed(error))
    }

    fn record(&mut self, size: u64, md5: Md5Digest) -> Result<(), MultipartError> {
        self.service
            .record_part(&self.multipart, self.id, size, md5)?;
        // The upload has dropped it.
        self.claim = None;
        Ok(())
    }

    /// Why a write failed: if another request has stored the part, that is the error.
    fn failed(&self, error: StoreError) -> MultipartError {
        if error.is_directory_missing() {
            // If the data directory was removed, so was the upload.
            let _ = self.service.make();
        }
        match self.multipart.accepts_part(self.id) {
            Ok(()) => error.into(),
            Err(refused) => refused,
        }
    }
}
