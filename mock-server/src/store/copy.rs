//! Copies and moves inside one service.

use rustix::fs::FileType;
use upyun_client::protocol::Key;

use super::{
    Body, ObjectInfo, Opened, Overwrite, Service, StoreError,
    object::content_type_of,
    record::{Attributes, Origin, Record},
    sidecar::hash,
    upload::{Content, SMALL},
};

impl Service {
    /// Copies an object with changed metadata.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotAFile`], those of a commit, and those of the
    /// change.
    pub async fn copy<E: From<StoreError>>(
        &self,
        from: &Key,
        to: &Key,
        change: impl FnOnce(&mut Attributes) -> Result<(), E>,
    ) -> Result<ObjectInfo, E> {
        let Opened::File(source) = self.open(from).await? else {
            return Err(StoreError::NotAFile(from.clone()).into());
        };
        let attributes = changed(from, &source.record, change)?;
        let (size, md5) = (source.record.size, source.record.md5);
        let (temporary, copy) = self.temporary()?;
        let duplicate = move || {
            // The library copies inside the kernel where the file system can.
            std::io::copy(&mut &source.file, &mut &copy)
                .map(|_| copy)
                .map_err(|error| StoreError::io("copy an object", error))
        };
        let copy = if size <= SMALL {
            duplicate()?
        } else {
            let copied = tokio::task::spawn_blocking(duplicate).await;
            copied
                .map_err(|error| StoreError::io("copy an object", std::io::Error::other(error)))??
        };
        let body = Body {
            service: self.clone(),
            size,
            md5,
            content: Content::File(temporary, copy),
        };
        Ok(body.commit(to, attributes, Overwrite::Anything).await?)
    }

    /// Gives an object another key and changed metadata.
    ///
    /// # Errors
    /// As [`copy`](Self::copy).
    pub async fn rename<E: From<StoreError>>(
        &self,
        from: &Key,
        to: &Key,
        change: impl FnOnce(&mut Attributes) -> Result<(), E>,
    ) -> Result<ObjectInfo, E> {
        // Hashes a dropped-in file outside the locks.
        let Opened::File(source) = self.open(from).await? else {
            return Err(StoreError::NotAFile(from.clone()).into());
        };
        let mut attributes = changed(from, &source.record, change)?;
        attributes.origin = source.record.origin;
        let _shared = self.store.lock_shared();
        let (from_hash, to_hash) = (hash(&self.name, from), hash(&self.name, to));
        self.make_parents(to)?;
        let _locks = self.store.inner.locks.lock_two(&from_hash, &to_hash);
        let here = self
            .files()
            .look(&self.name, from)
            .map(|(_, identity)| identity);
        if here != Some(source.record.identity()) {
            // Another request changed or deleted it since it was opened.
            return Err(StoreError::NotFound(from.clone()).into());
        }
        let replaced = match self.files().look(&self.name, to) {
            Some((FileType::Directory, _)) => {
                return Err(StoreError::WrongEntryKind(to.clone()).into());
            }
            Some((_, identity)) => identity.size,
            None => 0,
        };
        let identity = source.record.identity();
        let record = Record::new(
            identity,
            source.record.md5,
            self.store.inner.clock.unix(),
            attributes,
        );
        let sidecars = &self.store.inner.sidecars;
        if from == to {
            sidecars.change(&self.name, &to_hash, &record)?;
        } else {
            let room = self.reserve(replaced, 0)?;
            sidecars.append(&self.name, &to_hash, &record)?;
            self.files().rename(&self.name, from, to)?;
            room.keep();
            sidecars.remove(&self.name, &from_hash);
            self.store.inner.schedule.set_expiry(&self.name, from, None);
        }
        self.set_expiry(to, &record);
        self.store.inner.indexes.count_write();
        Ok(ObjectInfo::of(to, &sidecars.remember(&to_hash, record)))
    }
}

/// The attributes of an object after a change; its type is no longer that of its key.
fn changed<E>(
    key: &Key,
    record: &Record,
    change: impl FnOnce(&mut Attributes) -> Result<(), E>,
) -> Result<Attributes, E> {
    let mut attributes = record.attributes();
    attributes.origin = Origin::Plain;
    attributes
        .content_type
        .get_or_insert_with(|| content_type_of(key).to_owned());
    change(&mut attributes)?;
    Ok(attributes)
}
