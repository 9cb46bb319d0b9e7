//! The one step after which everybody sees an object.

use std::io;

use rustix::fs::FileType;
use upyun_client::protocol::Key;

use super::{
    Body, ObjectInfo, Service, StoreError,
    body::{Content, write_all},
    files::{Identity, look_at},
    key_hash::hash,
    locks::LockedKey,
    record::{Attributes, Origin, Record},
    service::ATTEMPTS,
};
use crate::clock::unix_seconds;

/// What a commit may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    /// Any object.
    Anything,
    /// Any object but one that a resumable upload made.
    ButResumable,
}

impl Body {
    /// Gives the body a key: the step after which everybody sees it, content and metadata together.
    pub(super) fn commit_now(
        self,
        key: &Key,
        attributes: Attributes,
        overwrite: Overwrite,
    ) -> Result<ObjectInfo, StoreError> {
        let Self {
            service,
            size,
            md5,
            content,
        } = self;
        service.store.run_due_jobs();
        let inner = &service.store.inner;
        let (mut temporary, file) = match content {
            Content::File(temporary, file) => (temporary, file),
            Content::Memory(chunks) => {
                let (temporary, mut file) = service.temporary()?;
                write_all(&mut file, &chunks)
                    .map_err(|error| StoreError::io("write a body", error))?;
                (temporary, file)
            }
        };
        let now = inner.clock.now();
        let identity = service.files().stamp(&file, now)?;
        let record = Record::new(identity, md5, unix_seconds(now), attributes);
        let shared = inner.locks.shared();
        for _ in 0..ATTEMPTS {
            let (parent, name) = match service.parent(key) {
                Ok(parent) => parent,
                Err(StoreError::NotFound(_)) => {
                    service.make_parents(key)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let locked = shared.key(hash(&service.name, key));
            let old = service.replaceable(key, look_at(&parent, name), &locked, overwrite)?;
            let room = service.reserve(old.map_or(0, |old| old.size), size)?;
            service.append_record(&locked, &record)?;
            match service.files().place(&mut temporary, &parent, name, key) {
                // Another request deleted the folder since it was opened.
                Err(StoreError::NotFound(_)) => continue,
                placed => placed?,
            }
            room.keep();
            if old.is_some() {
                inner.sidecars.compact(&service.name, &locked, &record);
            }
            service.set_expiry(key, &record);
            inner.indexes.count_write();
            let record = inner.sidecars.remember(&locked, record);
            return Ok(ObjectInfo::of(key, &record));
        }
        // Either other requests keep deleting the folder, or another program removed the body.
        let gone = io::Error::from(io::ErrorKind::NotFound);
        Err(StoreError::io("put an object in its place", gone))
    }
}

impl Service {
    /// The content at a key, if a commit may replace it.
    fn replaceable(
        &self,
        key: &Key,
        found: Option<(FileType, Identity)>,
        locked: &LockedKey<'_>,
        overwrite: Overwrite,
    ) -> Result<Option<Identity>, StoreError> {
        let old = match found {
            Some((FileType::Directory, _)) => return Err(StoreError::WrongEntryKind(key.clone())),
            Some((_, old)) => old,
            None => return Ok(None),
        };
        if overwrite == Overwrite::ButResumable
            && let Some(record) = self.store.inner.sidecars.read(&self.name, locked, old)
            && record.origin == Origin::Resumable
        {
            return Err(StoreError::Resumable(key.clone()));
        }
        Ok(Some(old))
    }
}
