//! The operations on the objects of one service.

use std::{fs::File, io::Read as _, os::fd::OwnedFd, path::PathBuf, sync::Arc, time::SystemTime};

use rustix::fs::FileType;
use upyun_client::protocol::{Key, Md5Digest, ServiceName};

use super::{
    Body, FolderInfo, Kind, Object, ObjectInfo, Opened, Overwrite, Store, StoreError,
    adopt::UnknownFile,
    body::Content,
    files::{Files, Found, TempFile},
    key_hash::hash,
    locks::LockedKey,
    quota::Reservation,
    record::{Attributes, Record},
    schedule::Job,
    tree,
};
use crate::clock::unix_seconds;

/// The objects of one service. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(super) store: Store,
    pub(super) name: ServiceName,
}

/// Whether a change of metadata changes the date too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Touch {
    Yes,
    No,
}

/// What is at a key.
#[derive(Debug)]
pub(super) enum Lookup {
    Opened(Opened),
    /// A file of another program, which has to be hashed first.
    Unknown(UnknownFile),
}

/// Runs a scheduled job. What can no longer be done is dropped: the key may have another object by
/// now, or the folder may have been filled.
pub(super) fn run(store: &Store, job: &Job, now: SystemTime) {
    let result = match job {
        Job::Delete { service, key, kind } => store.handle(service).delete_now(key, *kind),
        Job::Expire { service, key } => store.handle(service).expire_now(key, unix_seconds(now)),
        Job::ForgetUpload { uuid } => {
            store.inner.uploads.forget(uuid);
            Ok(())
        }
    };
    if let Err(error) = result {
        tracing::debug!("{job}, or rather not: {error}");
    }
}

/// Attempts to put an object into a folder that others keep deleting.
pub(super) const ATTEMPTS: usize = 16;

impl Service {
    /// Makes its folders, where they are not there.
    pub(super) fn make(&self) -> Result<(), StoreError> {
        match self.files().make_service(&self.name) {
            Err(error) if error.is_directory_missing() => {
                self.store.make_directories_again()?;
                self.files().make_service(&self.name)?;
            }
            made => made?,
        }
        self.store.inner.sidecars.make_service(&self.name)
    }

    /// The folder of its objects.
    pub(crate) fn root_path(&self) -> PathBuf {
        self.path(&Key::root())
    }

    /// The folder of its sidecars.
    pub(super) fn sidecars_path(&self) -> PathBuf {
        self.store.inner.sidecars.of_service(&self.name)
    }

    /// Its name.
    pub(crate) fn name(&self) -> &ServiceName {
        &self.name
    }

    /// The store that it is in.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Opens what is at a key. Blocks.
    pub(crate) fn open_now(&self, key: &Key) -> Result<Opened, StoreError> {
        match self.look_up(key)? {
            Lookup::Opened(opened) => Ok(opened),
            Lookup::Unknown(file) => self.adopt(file),
        }
    }

    /// Limits the bytes that it may hold.
    pub(crate) fn set_capacity(&self, capacity_bytes: Option<u64>) {
        // Every change counts from beginning to end, or not at all.
        let _exclusive = self.store.inner.locks.exclusive();
        self.store.inner.quotas.set(&self.name, capacity_bytes);
    }

    /// Looks up what is at a key.
    pub(super) fn look_up(&self, key: &Key) -> Result<Lookup, StoreError> {
        self.store.run_due_jobs();
        let shared = self.store.inner.locks.shared();
        let (file, identity) = match self.find(key)? {
            Found::Folder(_, modified) => {
                let folder = Opened::Folder(self.folder_info(key, modified));
                return Ok(Lookup::Opened(folder));
            }
            Found::File(file, identity) => (file, identity),
        };
        let key = key.clone();
        Ok(
            match self.known(&shared, hash(&self.name, &key), identity) {
                Some(record) => Lookup::Opened(Opened::File(Object { key, file, record })),
                None => Lookup::Unknown(UnknownFile {
                    key,
                    file,
                    identity,
                }),
            },
        )
    }

    /// Makes a folder and its parents. Returns those that were not there, each behind its parent.
    pub(super) fn make_folders_now(&self, key: &Key) -> Result<Vec<Key>, StoreError> {
        self.store.run_due_jobs();
        let _shared = self.store.inner.locks.shared();
        let mut made = Vec::new();
        for _ in 0..ATTEMPTS {
            match self.make_one_folder(key) {
                Err(StoreError::NotFound(_)) => made.extend(self.make_parents(key)?),
                Ok(is_new) => {
                    made.extend(is_new.then(|| key.clone()));
                    return Ok(made);
                }
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::NotFound(key.clone()))
    }

    /// Deletes at a later time whatever is there then.
    pub(super) fn schedule_deletion(
        &self,
        key: &Key,
        kind: Kind,
        due: SystemTime,
    ) -> Result<(), StoreError> {
        self.store.run_due_jobs();
        if key.is_root() {
            return Err(StoreError::Root);
        }
        let schedule = &self.store.inner.schedule;
        self.with_directories(|| schedule.delete_at(due, &self.name, key, kind))
    }

    /// The bytes of a file, or of all files below a folder.
    pub(super) fn usage_now(&self, key: &Key) -> Result<u64, StoreError> {
        self.store.run_due_jobs();
        let found = {
            let _shared = self.store.inner.locks.shared();
            self.find(key)?
        };
        match found {
            Found::File(_, identity) => Ok(identity.size),
            Found::Folder(..) => {
                tree::usage(&self.path(key)).map_err(|error| StoreError::io("add up sizes", error))
            }
        }
    }

    /// Changes the metadata of an object.
    pub(crate) fn update_now<E: From<StoreError>>(
        &self,
        object: Object,
        touch: Touch,
        change: impl FnOnce(&mut Attributes) -> Result<(), E>,
    ) -> Result<(), E> {
        let key = &object.key;
        let shared = self.store.inner.locks.shared();
        let locked = shared.key(hash(&self.name, key));
        let sidecars = &self.store.inner.sidecars;
        // Another request may have come in between, with other content or metadata.
        let identity = match self.files().look(&self.name, key) {
            Some((FileType::RegularFile, identity)) => identity,
            _ => return Err(StoreError::NotFound(key.clone()).into()),
        };
        let current = sidecars
            .read(&self.name, &locked, identity)
            .unwrap_or_else(|| Arc::clone(&object.record));
        let mut record = Record::clone(&current);
        let mut attributes = record.attributes();
        change(&mut attributes)?;
        record.set_attributes(attributes);
        if touch == Touch::Yes {
            record.modified = self.store.inner.clock.unix();
        }
        self.with_directories(|| sidecars.change(&self.name, &locked, &record))?;
        self.set_expiry(key, &record);
        sidecars.remember(&locked, record);
        Ok(())
    }

    /// Puts an object, for tests and tools: the caller has the whole content and may wait.
    ///
    /// # Errors
    /// Those of a commit.
    pub(crate) fn put_now(
        &self,
        key: &Key,
        content: &[u8],
        attributes: Attributes,
        overwrite: Overwrite,
    ) -> Result<ObjectInfo, StoreError> {
        let (size, md5) = (content.len() as u64, Md5Digest::of(content));
        let chunk = bytes::Bytes::copy_from_slice(content);
        let body = Body {
            service: self.clone(),
            size,
            md5,
            content: Content::Memory(vec![chunk]),
        };
        body.commit_now(key, attributes, overwrite)
    }

    /// The content of an object, for tests and tools.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotAFile`].
    pub(crate) fn get_now(&self, key: &Key) -> Result<Vec<u8>, StoreError> {
        self.store.run_due_jobs();
        let found = {
            let _shared = self.store.inner.locks.shared();
            self.find(key)?
        };
        let Found::File(mut file, _) = found else {
            return Err(StoreError::NotAFile(key.clone()));
        };
        let mut content = Vec::new();
        file.read_to_end(&mut content)
            .map_err(|error| StoreError::io("read an object", error))?;
        Ok(content)
    }

    /// Runs an operation. If a directory is missing because another program removed it, makes the
    /// directories again and repeats the operation.
    pub(super) fn with_directories<T>(
        &self,
        mut operation: impl FnMut() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match operation() {
            Err(error) if error.is_directory_missing() => {
                self.make()?;
                operation()
            }
            result => result,
        }
    }

    /// Runs an operation that needs the service's folder, if `needs_root`. If it is missing, makes it
    /// again and repeats the operation.
    fn with_root<T>(
        &self,
        needs_root: bool,
        operation: impl Fn() -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match operation() {
            Err(StoreError::NotFound(_)) if needs_root => {
                self.make()?;
                operation()
            }
            result => result,
        }
    }

    /// Opens whatever is at a key.
    pub(super) fn find(&self, key: &Key) -> Result<Found, StoreError> {
        self.with_root(key.is_root(), || self.files().find(&self.name, key))
    }

    /// The folder that holds a key, and the name in it.
    pub(super) fn parent<'k>(&self, key: &'k Key) -> Result<(OwnedFd, &'k str), StoreError> {
        self.with_root(is_below_root(key), || self.files().parent(&self.name, key))
    }

    /// Appends a record to the sidecar of a key.
    pub(super) fn append_record(
        &self,
        key: &LockedKey<'_>,
        record: &Record,
    ) -> Result<(), StoreError> {
        self.with_directories(|| self.store.inner.sidecars.append(&self.name, key, record))
    }

    pub(super) fn files(&self) -> &Files {
        &self.store.inner.files
    }

    /// A file without a name, on the file system of the objects; gone when it is closed.
    ///
    /// # Errors
    /// When the file system refuses it.
    pub(crate) fn scratch(&self) -> Result<File, StoreError> {
        let (temporary, file) = self.temporary()?;
        drop(temporary);
        Ok(file)
    }

    pub(super) fn temporary(&self) -> Result<(TempFile, File), StoreError> {
        match self.files().temporary() {
            Err(error) if error.is_directory_missing() => {
                self.store.make_directories_again()?;
                self.make()?;
                self.files().temporary()
            }
            made => made,
        }
    }

    /// Where a key lies, for what needs a path. It was seen not to lead through links.
    pub(super) fn path(&self, key: &Key) -> PathBuf {
        let mut path = self.store.inner.root.join(self.name.as_str());
        path.extend(key.segments());
        path
    }

    fn folder_info(&self, key: &Key, modified: u64) -> FolderInfo {
        let created = self.store.inner.sidecars.folder_created(&self.name, key);
        FolderInfo {
            modified: created.unwrap_or(modified),
        }
    }

    /// Makes one folder. `false` if it is there already.
    fn make_one_folder(&self, key: &Key) -> Result<bool, StoreError> {
        let make = || self.files().make_folder(&self.name, key);
        if key.is_root() || !self.with_root(is_below_root(key), make)? {
            return Ok(false);
        }
        let inner = &self.store.inner;
        let now = inner.clock.unix();
        let record = || inner.sidecars.set_folder_created(&self.name, key, now);
        if let Err(error) = self.with_directories(record) {
            // The folder has the date of the file system.
            tracing::debug!("the date of the folder {key} is not kept: {error}");
        }
        Ok(true)
    }

    /// Makes the folders above a key, the topmost first, and returns those that were not there.
    pub(super) fn make_parents(&self, key: &Key) -> Result<Vec<Key>, StoreError> {
        let mut missing = Vec::new();
        let mut at = key.parent();
        while let Some(folder) = at {
            match self.files().look(&self.name, &folder) {
                Some((FileType::Directory, _)) => break,
                _ if folder.is_root() => break,
                Some(_) => return Err(StoreError::ParentIsFile(key.clone())),
                None => {}
            }
            at = folder.parent();
            missing.push(folder);
        }
        let mut made = Vec::new();
        for folder in missing.into_iter().rev() {
            match self.make_one_folder(&folder) {
                Err(StoreError::WrongEntryKind(_)) => {
                    return Err(StoreError::ParentIsFile(key.clone()));
                }
                Ok(true) => made.push(folder),
                other => drop(other?),
            }
        }
        Ok(made)
    }

    pub(crate) fn delete_now(&self, key: &Key, kind: Kind) -> Result<(), StoreError> {
        if key.is_root() {
            return Err(StoreError::Root);
        }
        let shared = self.store.inner.locks.shared();
        let locked = shared.key(hash(&self.name, key));
        match self.files().look(&self.name, key) {
            Some((FileType::Directory, _)) if kind != Kind::File => {
                self.files().remove_folder(&self.name, key)?;
            }
            Some((FileType::RegularFile, identity)) if kind != Kind::Folder => {
                let room = self.reserve(identity.size, 0)?;
                self.files().remove_file(&self.name, key)?;
                room.keep();
                self.store.inner.schedule.set_expiry(&self.name, key, None);
            }
            _ => return Err(StoreError::NotFound(key.clone())),
        }
        self.store.inner.sidecars.remove(&self.name, &locked);
        self.store.inner.indexes.count_write();
        Ok(())
    }

    fn expire_now(&self, key: &Key, now: u64) -> Result<(), StoreError> {
        let expired = {
            let shared = self.store.inner.locks.shared();
            let locked = shared.key(hash(&self.name, key));
            let Some((FileType::RegularFile, identity)) = self.files().look(&self.name, key) else {
                return Ok(());
            };
            let record = self
                .store
                .inner
                .sidecars
                .read(&self.name, &locked, identity);
            record.is_some_and(|record| record.is_over(now))
        };
        if expired {
            self.delete_now(key, Kind::File)
        } else {
            Ok(())
        }
    }

    /// Schedules the end of an object, or that it has none.
    pub(super) fn set_expiry(&self, key: &Key, record: &Record) {
        let schedule = &self.store.inner.schedule;
        schedule.set_expiry(&self.name, key, record.expires_at);
    }

    /// Counts a change of size *before* it is made.
    pub(super) fn reserve(&self, removed: u64, added: u64) -> Result<Reservation<'_>, StoreError> {
        let quotas = &self.store.inner.quotas;
        quotas.reserve(&self.name, removed, added, || {
            tree::usage(&self.root_path()).map_err(|error| StoreError::io("add up sizes", error))
        })
    }
}

fn is_below_root(key: &Key) -> bool {
    key.parent().is_some_and(|parent| parent.is_root())
}
