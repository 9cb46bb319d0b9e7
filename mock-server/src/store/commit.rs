//! The one step after which everybody sees an object.

use std::io;

use rustix::fs::FileType;
use upyun_client::protocol::Key;

use super::{
    Body, ObjectInfo, StoreError,
    files::look_at,
    record::{Attributes, Origin, Record},
    service::ATTEMPTS,
    sidecar::hash,
    upload::{Content, write_all},
};
use crate::clock::unix_seconds;

/// What a commit may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// Any object.
    Anything,
    /// Any object but one that a resumable upload made.
    ButResumable,
}

impl Body {
    /// Gives the body a key: the step after which everybody sees it, content and metadata together.
    ///
    /// # Errors
    /// [`StoreError::WrongEntryKind`], [`StoreError::ParentIsFile`], [`StoreError::Resumable`],
    /// [`StoreError::Full`], [`StoreError::DiskFull`]; nothing has changed then.
    pub async fn commit(
        self,
        key: &Key,
        attributes: Attributes,
        overwrite: Overwrite,
    ) -> Result<ObjectInfo, StoreError> {
        self.commit_now(key, attributes, overwrite)
    }

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
            Content::Placed => unreachable!("a part is no object"),
        };
        let now = inner.clock.now();
        let identity = service.files().stamp(&file, now)?;
        let record = Record::new(identity, md5, unix_seconds(now), attributes);
        let _shared = service.store.lock_shared();
        let hash = hash(&service.name, key);
        for _ in 0..ATTEMPTS {
            let (parent, name) = match service.files().parent(&service.name, key) {
                Ok(parent) => parent,
                Err(StoreError::NotFound(_)) => {
                    service.make_parents(key)?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let _lock = inner.locks.lock(&hash);
            let old = match look_at(&parent, name) {
                Some((FileType::Directory, _)) => {
                    return Err(StoreError::WrongEntryKind(key.clone()));
                }
                Some((_, old)) => Some(old),
                None => None,
            };
            if let Some(old) = old
                && overwrite == Overwrite::ButResumable
                && let Some(record) = inner.sidecars.read(&service.name, &hash, old)
                && record.origin == Origin::Resumable
            {
                return Err(StoreError::Resumable(key.clone()));
            }
            let room = service.reserve(old.map_or(0, |old| old.size), size)?;
            inner.sidecars.append(&service.name, &hash, &record)?;
            match service.files().place(&mut temporary, &parent, name, key) {
                // Another request deleted the folder since it was opened.
                Err(StoreError::NotFound(_)) => continue,
                placed => placed?,
            }
            room.keep();
            if old.is_some() {
                inner.sidecars.compact(&service.name, &hash, &record);
            }
            service.set_expiry(key, &record);
            inner.indexes.count_write();
            return Ok(ObjectInfo::of(key, &inner.sidecars.remember(&hash, record)));
        }
        // Either other requests keep deleting the folder, or another program removed the body.
        let gone = io::Error::from(io::ErrorKind::NotFound);
        Err(StoreError::io("put an object in its place", gone))
    }
}
