//! A part in the data of its upload.

use std::{
    collections::hash_map::Entry,
    fs::File,
    io::{self, Seek as _, SeekFrom},
    os::unix::fs::FileExt as _,
    sync::Arc,
};

use md5::Digest as _;
use upyun_client::protocol::Md5Digest;

use super::{
    MultipartError,
    claim::Claim,
    files::Line,
    state::{Multipart, Part, Prefix},
};
use crate::store::Service;

impl Multipart {
    /// Claims the place of a part for a request that begins to send it. `None` if another request has
    /// the place.
    pub(in crate::store) fn claim(&self, id: u32) -> Result<Option<Arc<Claim>>, MultipartError> {
        let mut state = self.lock();
        self.check_part(&state, id)?;
        Ok(match state.claims.entry(id) {
            Entry::Occupied(_) => None,
            Entry::Vacant(free) => Some(Arc::clone(free.insert(Arc::default()))),
        })
    }

    /// Claims the place of a part for a request that has received all of it; a request that is still
    /// sending loses the place.
    pub(in crate::store) fn take_claim(&self, id: u32) -> Result<Arc<Claim>, MultipartError> {
        let mut state = self.lock();
        self.check_part(&state, id)?;
        let claim = Arc::<Claim>::default();
        if let Some(other) = state.claims.insert(id, Arc::clone(&claim)) {
            other.revoke();
        }
        Ok(claim)
    }

    /// Gives a claim back.
    pub(in crate::store) fn release(&self, id: u32, claim: &Arc<Claim>) {
        claim.revoke();
        let mut state = self.lock();
        if let Entry::Occupied(current) = state.claims.entry(id)
            && Arc::ptr_eq(current.get(), claim)
        {
            current.remove();
        }
    }

    /// Whether a part would be accepted now.
    pub(in crate::store) fn accepts_part(&self, id: u32) -> Result<(), MultipartError> {
        self.check_part(&self.lock(), id)
    }
}

impl Service {
    /// The data of an upload, at the offset of a part.
    pub(in crate::store) fn part_place(&self, upload: &Multipart, id: u32) -> io::Result<File> {
        let mut file = self.store.inner.uploads.files.open_data(&upload.uuid)?;
        file.seek(SeekFrom::Start(u64::from(id) * upload.announced.part_size))?;
        Ok(file)
    }

    /// Records a part that is in its place: from now on it counts.
    pub(in crate::store) fn record_part(
        &self,
        upload: &Multipart,
        id: u32,
        size: u64,
        md5: Md5Digest,
    ) -> Result<(), MultipartError> {
        let inner = &self.store.inner;
        let modified = inner.clock.unix();
        let part = Part {
            id,
            size,
            md5,
            modified,
        };
        let mut state = upload.lock();
        upload.check_part(&state, id)?;
        let line = Line::Part(part.clone());
        let recorded = inner.uploads.files.append(&upload.uuid, &line);
        recorded.map_err(|error| MultipartError::io("record a part", error))?;
        state.add(part, upload.announced.part_size);
        state.claims.remove(&id);
        drop(state);
        upload.changes.send_replace(());
        Ok(())
    }

    /// Computes the MD5 of the data that has no gap. If another thread is at it already, that one goes
    /// on with the new parts; what is left is done by the completion.
    pub(in crate::store) fn hash_gapless(&self, upload: &Multipart) {
        let Some(mut prefix) = upload.prefix.try_lock() else {
            return;
        };
        let Ok(data) = self.store.inner.uploads.files.open_data(&upload.uuid) else {
            return;
        };
        loop {
            let full = u64::from(upload.lock().gapless) * upload.announced.part_size;
            if prefix.bytes >= full {
                return;
            }
            // Nothing is lost: the completion tries again and reports the error.
            if prefix.advance(&data, full).is_err() {
                return;
            }
        }
    }
}

impl Prefix {
    /// Hashes up to this many bytes from the beginning.
    pub(super) fn advance(&mut self, data: &File, to: u64) -> io::Result<()> {
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
        Ok(())
    }
}
