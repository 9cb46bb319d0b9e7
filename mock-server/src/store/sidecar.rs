//! Sidecars: the records of a key, and a cache of those that were read last.

use std::{
    fs::{File, OpenOptions},
    io::{self, Read as _, Write as _},
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;
use upyun_client::protocol::{Key, Md5Digest, ServiceName};

use super::{
    StoreError,
    files::{Identity, PRIVATE},
    record::Record,
};

/// The name of a sidecar: the MD5 of service and key.
pub(super) type KeyHash = Md5Digest;

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

pub(super) fn hash(service: &ServiceName, key: &Key) -> KeyHash {
    Md5Digest::of([service.as_str(), key.as_str()].concat())
}

/// The line of a folder.
#[derive(serde::Serialize, serde::Deserialize)]
struct FolderRecord {
    /// Unix seconds by the server's clock.
    created: u64,
}

impl Sidecars {
    pub(super) fn open(root: &Path) -> Result<Self, StoreError> {
        let directory = root.join(PRIVATE).join("meta");
        std::fs::create_dir_all(&directory)
            .map_err(|error| StoreError::io("prepare the data directory", error))?;
        Ok(Self {
            directory,
            cache: Mutex::new(LruCache::new(CACHED)),
        })
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
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache
            .get(hash)
            .filter(|record| record.identity() == identity)
            .cloned()
    }

    /// The record of a content. The caller holds the key's lock: a record that is read and put into
    /// the cache while another is being written would hide that one.
    pub(super) fn read(
        &self,
        service: &ServiceName,
        hash: &KeyHash,
        identity: Identity,
    ) -> Option<Arc<Record>> {
        if let Some(record) = self.cached(hash, identity) {
            return Some(record);
        }
        let record = self.last(service, hash, |record| record.identity() == identity)?;
        Some(self.remember(hash, record))
    }

    /// The newest record of this MD5 and size, whatever its stamp: a copied or restored file.
    pub(super) fn read_same_content(
        &self,
        service: &ServiceName,
        hash: &KeyHash,
        size: u64,
        md5: Md5Digest,
    ) -> Option<Record> {
        self.last(service, hash, |record| {
            record.size == size && record.md5 == md5
        })
    }

    /// Appends a record. The caller holds the key's lock.
    pub(super) fn append(
        &self,
        service: &ServiceName,
        hash: &KeyHash,
        record: &Record,
    ) -> Result<(), StoreError> {
        // The line feed comes first: it ends what a killed process left unfinished.
        let mut line = vec![b'\n'];
        serde_json::to_writer(&mut line, record)
            .map_err(|error| StoreError::io("write metadata", io::Error::other(error)))?;
        self.append_line(service, hash, &line)
            .map_err(|error| StoreError::io("write metadata", error))
    }

    /// Puts a record into the cache: now it is that of the visible content.
    pub(super) fn remember(&self, hash: &KeyHash, record: Record) -> Arc<Record> {
        let record = Arc::new(record);
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        cache.put(*hash, Arc::clone(&record));
        record
    }

    /// Removes all records of a key.
    pub(super) fn remove(&self, service: &ServiceName, hash: &KeyHash) {
        self.cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop(hash);
        // A record that stays behind belongs to no content.
        let _ = std::fs::remove_file(self.path(service, hash));
    }

    /// Forgets what is in memory: the files were replaced.
    pub(super) fn forget(&self) {
        self.cache
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// Keeps the newest record alone if the sidecar has grown long. The caller holds the key's
    /// lock, and the record's content is visible.
    pub(super) fn compact(&self, service: &ServiceName, hash: &KeyHash, record: &Record) {
        let path = self.path(service, hash);
        let is_long = std::fs::metadata(&path).is_ok_and(|meta| meta.len() > COMPACT_BYTES);
        if !is_long {
            return;
        }
        let replace = || -> io::Result<()> {
            let new = path.with_extension("new");
            std::fs::write(&new, serde_json::to_vec(record)?)?;
            std::fs::rename(&new, &path)
        };
        // A sidecar that stays long is only slow.
        if let Err(error) = replace() {
            tracing::debug!("a sidecar was not compacted: {error}");
        }
    }

    /// When a folder was made, if we made it.
    pub(super) fn folder_created(&self, service: &ServiceName, key: &Key) -> Option<u64> {
        self.folder_created_in(&self.of_service(service), &hash(service, key))
    }

    /// The same among records that were put aside.
    pub(super) fn folder_created_in(&self, records: &Path, hash: &KeyHash) -> Option<u64> {
        let lines = self.lines(&records.join(hash.to_string()));
        let record = lines
            .split(|byte| *byte == b'\n')
            .rev()
            .find_map(|line| serde_json::from_slice::<FolderRecord>(line).ok())?;
        Some(record.created)
    }

    /// Remembers when a folder was made.
    pub(super) fn set_folder_created(&self, service: &ServiceName, key: &Key, created: u64) {
        let line = format!("\n{}", serde_json::json!(FolderRecord { created }));
        // Without it the folder has the date of the file system.
        if let Err(error) = self.append_line(service, &hash(service, key), line.as_bytes()) {
            tracing::debug!("the date of a folder was not kept: {error}");
        }
    }

    fn last(
        &self,
        service: &ServiceName,
        hash: &KeyHash,
        is_wanted: impl Fn(&Record) -> bool,
    ) -> Option<Record> {
        self.last_of(&self.path(service, hash), is_wanted)
    }

    /// The record of a content among those that were put aside.
    pub(super) fn record_in(
        &self,
        records: &Path,
        hash: &KeyHash,
        identity: Identity,
    ) -> Option<Record> {
        let path = records.join(hash.to_string());
        self.last_of(&path, |record| record.identity() == identity)
    }

    fn last_of(&self, path: &Path, is_wanted: impl Fn(&Record) -> bool) -> Option<Record> {
        let lines = self.lines(path);
        lines
            .split(|byte| *byte == b'\n')
            .rev()
            .filter_map(|line| serde_json::from_slice(line).ok())
            .find(is_wanted)
    }

    fn lines(&self, path: &Path) -> Vec<u8> {
        let mut lines = Vec::new();
        match File::open(path) {
            Ok(mut file) => {
                if let Err(error) = file.read_to_end(&mut lines) {
                    tracing::warn!("a sidecar cannot be read: {error}");
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => tracing::warn!("a sidecar cannot be opened: {error}"),
        }
        lines
    }

    fn append_line(&self, service: &ServiceName, hash: &KeyHash, line: &[u8]) -> io::Result<()> {
        let path = self.path(service, hash);
        let mut file = OpenOptions::new().append(true).create(true).open(path)?;
        // In one call, so that a reader of the file never finds half a line for long. What a full
        // disk cuts short belongs to nothing.
        match file.write(line)? {
            written if written == line.len() => Ok(()),
            _ => Err(io::ErrorKind::StorageFull.into()),
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
