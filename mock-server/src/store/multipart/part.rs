//! A part on its way to its place.

use std::{
    io::{self, Seek as _, SeekFrom},
    sync::{Arc, Mutex, PoisonError},
};

use bytes::Bytes;
use upyun_client::protocol::Md5Digest;

use super::{
    MultipartError,
    files::Line,
    state::{Multipart, Part, Prefix},
};
use crate::store::{Service, StoreError, Upload, upload::Content};

/// The right to write a part to its place, until it is revoked.
#[derive(Debug, Default)]
pub(in crate::store) struct Claim {
    revoked: Mutex<bool>,
}

impl Claim {
    /// After this, nothing is written under the claim.
    pub(super) fn revoke(&self) {
        *self.revoked.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// Writes, unless the claim was revoked.
    pub(in crate::store) fn write(&self, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let revoked = self.revoked.lock().unwrap_or_else(PoisonError::into_inner);
        if *revoked {
            return Err(io::Error::other("another request has stored this part"));
        }
        write()
    }
}

/// A part that is arriving. Dropped, it leaves nothing that counts.
#[derive(Debug)]
pub struct PartUpload {
    service: Service,
    multipart: Arc<Multipart>,
    id: u32,
    body: Upload,
    /// Without one, the body goes to a file of its own: another request has the part's place.
    claim: Option<Arc<Claim>>,
}

impl Drop for PartUpload {
    fn drop(&mut self) {
        if let Some(claim) = self.claim.take() {
            claim.revoke();
            release(&self.multipart, self.id, &claim);
        }
    }
}

fn release(multipart: &Multipart, id: u32, claim: &Arc<Claim>) {
    let mut state = multipart.lock();
    if state
        .claims
        .get(&id)
        .is_some_and(|held| Arc::ptr_eq(held, claim))
    {
        state.claims.remove(&id);
    }
}

impl Service {
    /// Begins to receive a part.
    ///
    /// # Errors
    /// When the part is not welcome.
    pub fn receive_part(
        &self,
        multipart: &Arc<Multipart>,
        id: u32,
    ) -> Result<PartUpload, MultipartError> {
        let claim = {
            let mut state = multipart.lock();
            multipart.check_part(&state, id)?;
            match state.claims.entry(id) {
                std::collections::hash_map::Entry::Occupied(_) => None,
                std::collections::hash_map::Entry::Vacant(free) => {
                    Some(Arc::clone(free.insert(Arc::default())))
                }
            }
        };
        let mut part = PartUpload {
            service: self.clone(),
            multipart: Arc::clone(multipart),
            id,
            body: self.upload(),
            claim,
        };
        if let Some(claim) = &part.claim {
            let file = part
                .place()
                .map_err(|error| MultipartError::io("open an upload", error))?;
            part.body = Upload::into_place(self.clone(), file, Arc::clone(claim));
        }
        Ok(part)
    }
}

impl PartUpload {
    /// Takes the next bytes. The caller sees to it that there are not more than the part may have.
    ///
    /// # Errors
    /// When the file system refuses to keep them.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), StoreError> {
        self.body.write(bytes).await
    }

    /// Ends the part; it counts if `check` accepts its size and MD5.
    ///
    /// # Errors
    /// Those of the check, and when the part is no longer welcome.
    pub async fn finish<E: From<MultipartError>>(
        mut self,
        check: impl FnOnce(u64, Md5Digest) -> Result<(), E>,
    ) -> Result<(), E> {
        let empty = Upload::new(self.service.clone());
        let body = std::mem::replace(&mut self.body, empty).finish().await;
        let body = body.map_err(|error| self.superseded(error))?;
        check(body.size(), body.md5())?;
        let (size, md5) = (body.size(), body.md5());
        match body.content {
            Content::Placed => {}
            content => self.put_in_place(content).await?,
        }
        self.record(size, md5)?;
        self.hash_behind();
        Ok(())
    }

    /// A write that failed because another request stored the part is told as that.
    fn superseded(&self, error: StoreError) -> MultipartError {
        match self.multipart.check_part(&self.multipart.lock(), self.id) {
            Ok(()) => error.into(),
            Err(unwelcome) => unwelcome,
        }
    }

    /// Writes a body that is small, or that came in a file of its own.
    async fn put_in_place(&mut self, content: Content) -> Result<(), MultipartError> {
        let failed = |error| MultipartError::io("write a part", error);
        let claim = match &self.claim {
            Some(claim) => Arc::clone(claim),
            None => {
                // We are whole first: the other request loses its place.
                let mut state = self.multipart.lock();
                self.multipart.check_part(&state, self.id)?;
                let claim = Arc::<Claim>::default();
                if let Some(other) = state.claims.insert(self.id, Arc::clone(&claim)) {
                    other.revoke();
                }
                self.claim = Some(Arc::clone(&claim));
                claim
            }
        };
        let mut place = self.place().map_err(failed)?;
        match content {
            Content::Memory(chunks) => {
                let written = claim.write(|| crate::store::upload::write_all(&mut place, &chunks));
                written.map_err(|error| self.superseded(StoreError::io("write a part", error)))
            }
            Content::File(_temporary, mut file) => {
                let copying = tokio::task::spawn_blocking(move || {
                    file.seek(SeekFrom::Start(0))?;
                    claim.write(|| io::copy(&mut file, &mut place).map(|_| ()))
                });
                let copied = copying
                    .await
                    .map_err(|error| failed(io::Error::other(error)))?;
                copied.map_err(|error| self.superseded(StoreError::io("write a part", error)))
            }
            Content::Placed => Ok(()),
        }
    }

    /// The data, at the part's offset.
    fn place(&self) -> io::Result<std::fs::File> {
        let uploads = &self.service.store.inner.uploads;
        let mut file = uploads.files.open_data(&self.multipart.uuid)?;
        let offset = u64::from(self.id) * self.multipart.announced.part_size;
        file.seek(SeekFrom::Start(offset))?;
        Ok(file)
    }

    fn record(&mut self, size: u64, md5: Md5Digest) -> Result<(), MultipartError> {
        let inner = &self.service.store.inner;
        let part = Part {
            id: self.id,
            size,
            md5,
            modified: inner.clock.unix(),
        };
        let mut state = self.multipart.lock();
        self.multipart.check_part(&state, self.id)?;
        inner
            .uploads
            .files
            .append(&self.multipart.uuid, &Line::Part(part.clone()))
            .map_err(|error| MultipartError::io("note a part", error))?;
        state.add(part, self.multipart.announced.part_size);
        state.claims.remove(&self.id);
        self.claim = None;
        drop(state);
        self.multipart.changes.send_replace(());
        Ok(())
    }

    /// Computes the MD5 of what has no gap, behind the answer. If somebody is at it already, they
    /// go on with this part; what is left is done by the completion.
    fn hash_behind(&self) {
        let Ok(mut prefix) = Arc::clone(&self.multipart.prefix).try_lock_owned() else {
            return;
        };
        let Ok(data) = self
            .service
            .store
            .inner
            .uploads
            .files
            .open_data(&self.multipart.uuid)
        else {
            return;
        };
        let multipart = Arc::clone(&self.multipart);
        tokio::task::spawn_blocking(move || {
            loop {
                let full = u64::from(multipart.lock().gapless) * multipart.announced.part_size;
                match prefix.advance(&data, full) {
                    Ok(true) => {}
                    // Nothing is lost: the completion tries again and reports the error.
                    Ok(false) | Err(_) => return,
                }
            }
        });
    }
}

impl Prefix {
    /// Hashes up to this many bytes from the beginning; `false` if nothing was left to do.
    pub(super) fn advance(&mut self, data: &std::fs::File, to: u64) -> io::Result<bool> {
        use md5::Digest as _;
        use std::os::unix::fs::FileExt as _;
        if self.bytes >= to {
            return Ok(false);
        }
        let mut buffer = vec![0; 256 * 1024];
        while self.bytes < to {
            let wanted = usize::try_from(to - self.bytes)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            match data.read_at(&mut buffer[..wanted], self.bytes)? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                read => {
                    self.md5.update(&buffer[..read]);
                    self.bytes += read as u64;
                }
            }
        }
        Ok(true)
    }
}
