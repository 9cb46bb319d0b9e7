//! Files that somebody dropped in become objects when they are first asked for.

use std::{fs::File, io::Seek as _, os::unix::fs::FileExt as _, sync::Arc};

use md5::{Digest as _, Md5};
use upyun_client::protocol::{Key, Md5Digest};

use super::{
    Service, StoreError,
    files::Identity,
    record::{Attributes, Record},
    sidecar::KeyHash,
    upload::SMALL,
};

impl Service {
    /// The record that fits what lies there.
    pub(super) fn known(&self, hash: &KeyHash, identity: Identity) -> Option<Arc<Record>> {
        let sidecars = &self.store.inner.sidecars;
        sidecars.cached(hash, identity).or_else(|| {
            let _lock = self.store.inner.locks.lock(hash);
            sidecars.read(&self.name, hash, identity)
        })
    }

    /// Finds the MD5 of a file that somebody dropped in, and the record that it had elsewhere.
    pub(super) async fn adopt(
        &self,
        key: &Key,
        hash: &KeyHash,
        file: &File,
        identity: Identity,
    ) -> Result<Arc<Record>, StoreError> {
        let failed = |error| StoreError::io("read an object", error);
        let md5 = if identity.size <= SMALL {
            md5_of(file).map_err(failed)?
        } else {
            let file = file.try_clone().map_err(failed)?;
            let hashing = tokio::task::spawn_blocking(move || md5_of(&file));
            hashing
                .await
                .map_err(|error| failed(std::io::Error::other(error)))?
                .map_err(failed)?
        };
        let _lock = self.store.inner.locks.lock(hash);
        let sidecars = &self.store.inner.sidecars;
        if let Some(record) = sidecars.read(&self.name, hash, identity) {
            // Another request was faster.
            return Ok(record);
        }
        let record = match sidecars.read_same_content(&self.name, hash, identity.size, md5) {
            Some(record) => Record {
                stamp: identity.stamp,
                ..record
            },
            None => Record::new(identity, md5, identity.seconds(), Attributes::default()),
        };
        // A file that changed while it was read is hashed again by the next who asks.
        let is_same = self
            .files()
            .look(&self.name, key)
            .is_some_and(|(_, now)| now == identity);
        if !is_same {
            return Ok(Arc::new(record));
        }
        if let Err(error) = sidecars.append(&self.name, hash, &record) {
            tracing::debug!("the MD5 of {key} is not kept: {error}");
        }
        Ok(sidecars.remember(hash, record))
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
