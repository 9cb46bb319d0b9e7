//! Files that another program put there become objects when they are first asked for.

use std::{fs::File, io::Seek as _, os::unix::fs::FileExt as _, sync::Arc};

use md5::{Digest as _, Md5};
use upyun_client::protocol::{Key, Md5Digest};

use super::{
    Object, Opened, Service, StoreError,
    files::Identity,
    key_hash::{KeyHash, hash},
    locks::SharedLock,
    record::{Attributes, Record},
};

/// A file without a record that fits it.
#[derive(Debug)]
pub(super) struct UnknownFile {
    pub(super) key: Key,
    pub(super) file: File,
    pub(super) identity: Identity,
}

impl Service {
    /// The record that fits the file at a key.
    pub(super) fn known(
        &self,
        shared: &SharedLock<'_>,
        hash: KeyHash,
        identity: Identity,
    ) -> Option<Arc<Record>> {
        let sidecars = &self.store.inner.sidecars;
        let cached = sidecars.cached(&hash, identity);
        cached.or_else(|| sidecars.read(&self.name, &shared.key(hash), identity))
    }

    /// Finds the MD5 of a file that another program put there, and the record that it had elsewhere.
    pub(super) fn adopt(&self, unknown: UnknownFile) -> Result<Opened, StoreError> {
        let UnknownFile {
            key,
            file,
            identity,
        } = unknown;
        let md5 = md5_of(&file).map_err(|error| StoreError::io("read an object", error))?;
        let record = self.record_adopted(&key, identity, md5);
        Ok(Opened::File(Object { key, file, record }))
    }

    fn record_adopted(&self, key: &Key, identity: Identity, md5: Md5Digest) -> Arc<Record> {
        let inner = &self.store.inner;
        let sidecars = &inner.sidecars;
        let shared = inner.locks.shared();
        let locked = shared.key(hash(&self.name, key));
        if let Some(record) = sidecars.read(&self.name, &locked, identity) {
            // Another request was faster.
            return record;
        }
        let record = match sidecars.read_same_content(&self.name, &locked, identity.size, md5) {
            Some(record) => Record {
                stamp: identity.stamp,
                ..record
            },
            None => Record::new(identity, md5, identity.seconds(), Attributes::default()),
        };
        // A file that changed while it was read is hashed again by the next request.
        let is_same = self
            .files()
            .look(&self.name, key)
            .is_some_and(|(_, now)| now == identity);
        if !is_same {
            return Arc::new(record);
        }
        if let Err(error) = self.append_record(&locked, &record) {
            tracing::debug!("the MD5 of {key} is not kept: {error}");
        }
        sidecars.remember(&locked, record)
    }
}

/// The MD5 of a whole file; its position is at the beginning afterwards.
pub(super) fn md5_of(file: &File) -> std::io::Result<Md5Digest> {
    let mut md5 = Md5::new();
    let mut buffer = vec![0; 128 * 1024];
    let mut at = 0;
    loop {
        match file.read_at(&mut buffer, at)? {
            0 => break,
            read => {
                md5.update(&buffer[..read]);
                at += read as u64;
            }
        }
    }
    (&mut &*file).rewind()?;
    Ok(Md5Digest::from_bytes(md5.finalize().into()))
}
