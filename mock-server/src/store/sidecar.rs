//! Sidecars: the records of a key, and a cache of those that were read last.

use std::{
    io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::Arc,
};

use lru::LruCache;
use parking_lot::Mutex;
use upyun_client::protocol::{Key, Md5Digest, ServiceName};

use super::{
    StoreError,
    files::{Identity, PRIVATE},
    key_hash::{KeyHash, hash},
    lines,
    locks::LockedKey,
    record::Record,
};

/// Records that are kept in memory.
const CACHED: NonZeroUsize = NonZeroUsize::new(8192).expect("not zero");
/// A sidecar that has grown beyond this is rewritten with its newest record alone.
const COMPACT_BYTES: u64 = 16 * 1024;

/// All sidecars of a store.
#[derive(Debug)]
pub(super) struct Sidecars {
    directory: PathBuf,
    cache: Mutex<LruCache<KeyHash, Arc<Record>>>,
}

/// The line of a folder.
#[derive(serde::Serialize, serde::Deserialize)]
struct FolderRecord {
    /// Unix seconds by the server's clock.
    created: u64,
}

impl Sidecars {
    pub(super) fn open(root: &Path) -> Result<Self, StoreError> {
        let sidecars = Self {
            directory: root.join(PRIVATE).join("meta"),
            cache: Mutex::new(LruCache::new(CACHED)),
        };
        sidecars.make_directory()?;
        Ok(sidecars)
    }

    pub(super) fn make_directory(&self) -> Result<(), StoreError> {
        std::fs::create_dir_all(&self.directory)
            .map_err(|error| StoreError::io("prepare the data directory", error))
    }

    /// Where the sidecars of a service lie.
    pub(super) fn of_service(&self, service: &ServiceName) -> PathBuf {
        self.directory.join(service.as_str())
    }

    pub(super) fn make_service(&self, service: &ServiceName) -> Result<(), StoreError> {
        std::fs::create_dir_all(self.of_service(service))
            .map_err(|error| StoreError::io("make the folder of a service", error))
    }

    /// The record of a content, if it was used lately.
    pub(super) fn cached(&self, hash: &KeyHash, identity: Identity) -> Option<Arc<Record>> {
        let mut cache = self.cache.lock();
        cache
            .get(hash)
            .filter(|record| record.identity() == identity)
            .cloned()
    }

    /// The record of a content. The key is locked: a record that is read and put into the cache while
    /// another is being written would hide that one.
    pub(super) fn read(
        &self,
        service: &ServiceName,
        key: &LockedKey<'_>,
        identity: Identity,
    ) -> Option<Arc<Record>> {
        if let Some(record) = self.cached(&key.hash, identity) {
            return Some(record);
        }
        let record = self.last(service, &key.hash, |record| record.identity() == identity)?;
        Some(self.remember(key, record))
    }

    /// The newest record of this MD5 and size, whatever its stamp: a copied or restored file.
    pub(super) fn read_same_content(
        &self,
        service: &ServiceName,
        key: &LockedKey<'_>,
        size: u64,
        md5: Md5Digest,
    ) -> Option<Record> {
        self.last(service, &key.hash, |record| {
            record.size == size && record.md5 == md5
        })
    }

    /// Appends the record of another content than the sidecar knows.
    pub(super) fn append(
        &self,
        service: &ServiceName,
        key: &LockedKey<'_>,
        record: &Record,
    ) -> Result<(), StoreError> {
        let path = self.path(service, &key.hash);
        lines::open(&path)
            .and_then(|mut file| lines::append(&mut file, record))
            .map_err(|error| StoreError::io("write metadata", error))
    }

    /// Changes the record of the visible content. The sidecar becomes a new file: snapshots keep the
    /// old one.
    pub(super) fn change(
        &self,
        service: &ServiceName,
        key: &LockedKey<'_>,
        record: &Record,
    ) -> Result<(), StoreError> {
        let path = self.path(service, &key.hash);
        let mut records = self.bytes(&path);
        if records.len() as u64 > COMPACT_BYTES {
            records.clear();
        }
        records.push(b'\n');
        serde_json::to_writer(&mut records, record)
            .map_err(io::Error::from)
            .and_then(|()| replace(&path, &records))
            .map_err(|error| StoreError::io("write metadata", error))
    }

    /// Adds the records of another sidecar, if there is one.
    pub(super) fn merge(
        &self,
        service: &ServiceName,
        key: &LockedKey<'_>,
        other: &Path,
    ) -> io::Result<()> {
        let path = self.path(service, &key.hash);
        let records = [self.bytes(&path), self.bytes(other)].join(&b'\n');
        replace(&path, &records)
    }

    /// Puts a record into the cache: now it is that of the visible content.
    pub(super) fn remember(&self, key: &LockedKey<'_>, record: Record) -> Arc<Record> {
        let record = Arc::new(record);
        let mut cache = self.cache.lock();
        cache.put(key.hash, Arc::clone(&record));
        record
    }

    /// Removes all records of a key.
    pub(super) fn remove(&self, service: &ServiceName, key: &LockedKey<'_>) {
        self.cache.lock().pop(&key.hash);
        // A record that stays behind belongs to no content.
        let _ = std::fs::remove_file(self.path(service, &key.hash));
    }

    /// Forgets what is in memory: the files were replaced.
    pub(super) fn forget(&self) {
        self.cache.lock().clear();
    }

    /// Keeps the newest record alone if the sidecar has grown long. The caller holds the key's
    /// lock, and the record's content is visible.
    pub(super) fn compact(&self, service: &ServiceName, key: &LockedKey<'_>, record: &Record) {
        let path = self.path(service, &key.hash);
        let is_long = std::fs::metadata(&path).is_ok_and(|meta| meta.len() > COMPACT_BYTES);
        if !is_long {
            return;
        }
        // A sidecar that stays long is only slow.
        let line = serde_json::to_vec(record).map_err(io::Error::from);
        if let Err(error) = line.and_then(|line| replace(&path, &line)) {
            tracing::debug!("a sidecar was not compacted: {error}");
        }
    }

    /// When a folder was made, if we made it.
    pub(super) fn folder_created(&self, service: &ServiceName, key: &Key) -> Option<u64> {
        let bytes = self.bytes(&self.path(service, &hash(service, key)));
        let record = lines::parse::<FolderRecord>(&bytes).next_back()?;
        Some(record.created)
    }

    /// Records when a folder was made.
    pub(super) fn set_folder_created(
        &self,
        service: &ServiceName,
        key: &Key,
        created: u64,
    ) -> Result<(), StoreError> {
        let line = serde_json::json!(FolderRecord { created }).to_string();
        let path = self.path(service, &hash(service, key));
        replace(&path, line.as_bytes()).map_err(|error| StoreError::io("write metadata", error))
    }

    fn last(
        &self,
        service: &ServiceName,
        hash: &KeyHash,
        is_wanted: impl Fn(&Record) -> bool,
    ) -> Option<Record> {
        let bytes = self.bytes(&self.path(service, hash));
        lines::parse(&bytes).rev().find(is_wanted)
    }

    fn bytes(&self, path: &Path) -> Vec<u8> {
        match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => {
                tracing::warn!("the sidecar {} cannot be read: {error}", path.display());
                Vec::new()
            }
        }
    }

    fn path(&self, service: &ServiceName, hash: &KeyHash) -> PathBuf {
        let mut path = PathBuf::with_capacity(self.directory.as_os_str().len() + 100);
        path.push(&self.directory);
        path.push(service.as_str());
        path.push(hash.to_string());
        path
    }
}

/// Gives a file this content in one step.
fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    std::fs::write(&new, content)?;
    std::fs::rename(&new, path)
}
