//! Copies and moves inside one service.

use rustix::fs::FileType;
use upyun_client::protocol::Key;

use super::{
    Body, Object, ObjectInfo, Overwrite, Service, StoreError,
    body::Content,
    key_hash::hash,
    object::content_type_of,
    record::{Attributes, Origin, Record},
};

impl Service {
    /// Copies an object with changed metadata.
    pub(super) fn copy_now<E: From<StoreError>>(
        &self,
        source: Object,
        to: &Key,
        change: impl FnOnce(&mut Attributes) -> Result<(), E>,
    ) -> Result<ObjectInfo, E> {
        let attributes = changed(&source.key, &source.record, change)?;
        let (temporary, copy) = self.temporary()?;
        // The library copies inside the kernel where the file system can.
        std::io::copy(&mut &source.file, &mut &copy)
            .map_err(|error| StoreError::io("copy an object", error))?;
        let body = Body {
            service: self.clone(),
            size: source.record.size,
            md5: source.record.md5,
            content: Content::File(temporary, copy),
        };
        Ok(body.commit_now(to, attributes, Overwrite::Anything)?)
    }

    /// Gives an object another key and changed metadata.
    pub(super) fn rename_now<E: From<StoreError>>(
        &self,
        source: Object,
        to: &Key,
        change: impl FnOnce(&mut Attributes) -> Result<(), E>,
    ) -> Result<ObjectInfo, E> {
        let from = &source.key;
        let mut attributes = changed(from, &source.record, change)?;
        attributes.origin = source.record.origin;
        let inner = &self.store.inner;
        let shared = inner.locks.shared();
        self.make_parents(to)?;
        let hashes = (hash(&self.name, from), hash(&self.name, to));
        let (from_key, to_key) = shared.two_keys(hashes.0, hashes.1);
        let current = self.files().look(&self.name, from);
        if current.map(|(_, identity)| identity) != Some(source.record.identity()) {
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
        let record = Record::new(
            source.record.identity(),
            source.record.md5,
            inner.clock.unix(),
            attributes,
        );
        if from == to {
            inner.sidecars.change(&self.name, &to_key, &record)?;
        } else {
            let room = self.reserve(replaced, 0)?;
            self.append_record(&to_key, &record)?;
            self.files().rename(&self.name, from, to)?;
            room.keep();
            inner.sidecars.remove(&self.name, &from_key);
            inner.schedule.set_expiry(&self.name, from, None);
        }
        self.set_expiry(to, &record);
        inner.indexes.count_write();
        Ok(ObjectInfo::of(
            to,
            &inner.sidecars.remember(&to_key, record),
        ))
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
