//! The operations on the objects of one service.

use std::{
    fs::File,
    io::{Read as _, Seek as _},
    os::unix::fs::FileExt as _,
    path::PathBuf,
    sync::{Arc, PoisonError, RwLockReadGuard},
    time::SystemTime,
};

use md5::{Digest as _, Md5};
use rustix::fs::FileType;
use upyun_client::protocol::{Key, Md5Digest, ServiceName};

use super::{
    Body, Entry, FolderInfo, Kind, Object, ObjectInfo, Opened, Store, StoreError, Upload,
    due::Job,
    files::{Files, Found, Identity, TempFile, look_at},
    object::content_type_of,
    record::{Attributes, Origin, Record},
    sidecar::{KeyHash, hash},
    tree,
    upload::{Content, SMALL, write_all},
};
use crate::observe::clock::unix_seconds;

/// Attempts to put an object into a folder that others keep deleting.
const ATTEMPTS: usize = 16;

/// The objects of one service. A cheap handle.
#[derive(Clone, Debug)]
pub struct Service {
    pub(super) store: Store,
    pub(super) name: ServiceName,
}

/// What a commit may replace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overwrite {
    /// Any object.
    Anything,
    /// Any object but one that a resumable upload made.
    ButResumable,
}

/// Whether a change of metadata changes the date too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "yes and no")]
pub enum Touch {
    Yes,
    No,
}

/// Carries out what has fallen due. What can no longer be done is dropped: the key may have
/// another object by now, or the folder may have been filled.
pub(super) fn run(store: &Store, job: Job, now: SystemTime) {
    let done = match job {
        Job::Delete { service, key, kind } => Service {
            store: store.clone(),
            name: service,
        }
        .delete_now(&key, kind),
        Job::Expire { service, key } => Service {
            store: store.clone(),
            name: service,
        }
        .expire_now(&key, unix_seconds(now)),
    };
    if let Err(error) = done {
        tracing::debug!("nothing was deleted: {error}");
    }
}

impl Service {
    pub(super) fn new(store: Store, name: &ServiceName) -> Result<Self, StoreError> {
        let service = Self {
            store,
            name: name.clone(),
        };
        service.files().make_service(name)?;
        service.store.inner.sidecars.make_service(name)?;
        Ok(service)
    }

    /// Its name.
    pub fn name(&self) -> &ServiceName {
        &self.name
    }

    /// Limits the bytes that it may hold.
    pub fn set_capacity(&self, capacity_bytes: Option<u64>) {
        self.store.inner.quotas.set(&self.name, capacity_bytes);
    }

    /// What is at a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn entry(&self, key: &Key) -> Result<Entry, StoreError> {
        Ok(match self.open(key).await? {
            Opened::File(object) => Entry::File(object.info()),
            Opened::Folder(folder) => Entry::Folder(folder),
        })
    }

    /// Opens what is at a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn open(&self, key: &Key) -> Result<Opened, StoreError> {
        self.store.settle();
        let hash = hash(&self.name, key);
        match self.files().find(&self.name, key)? {
            Found::Folder(_, modified) => Ok(Opened::Folder(self.folder_info(key, modified))),
            Found::File(file, identity) => {
                let record = match self.known(&hash, identity) {
                    Some(record) => record,
                    None => self.adopt(key, &hash, &file, identity).await?,
                };
                Ok(Opened::File(Object {
                    key: key.clone(),
                    file,
                    record,
                }))
            }
        }
    }

    /// Begins to receive a body.
    pub fn upload(&self) -> Upload {
        Upload::new(self.clone())
    }

    /// Makes a folder and its parents.
    ///
    /// # Errors
    /// [`StoreError::OtherKind`] or [`StoreError::ParentIsFile`] when a file is in the way.
    pub async fn make_folder(&self, key: &Key) -> Result<(), StoreError> {
        self.store.settle();
        let _change = self.change();
        for _ in 0..ATTEMPTS {
            match self.make_one_folder(key) {
                Err(StoreError::NotFound(_)) => self.make_parents(key)?,
                other => return other,
            }
        }
        Err(StoreError::NotFound(key.clone()))
    }

    /// Deletes a file or an empty folder.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotEmpty`], [`StoreError::Root`].
    pub async fn delete(&self, key: &Key, kind: Kind) -> Result<(), StoreError> {
        self.store.settle();
        self.delete_now(key, kind)
    }

    /// Deletes at a later time whatever is there then; a folder that is not empty by then stays
    /// (`[choice R-51]`).
    ///
    /// # Errors
    /// [`StoreError::Root`].
    pub fn delete_later(&self, key: &Key, kind: Kind, due: SystemTime) -> Result<(), StoreError> {
        self.store.settle();
        if key.is_root() {
            return Err(StoreError::Root);
        }
        let (service, key) = (self.name.clone(), key.clone());
        self.store
            .inner
            .due
            .push(due, Job::Delete { service, key, kind });
        Ok(())
    }

    /// The bytes of a file, or of all files below a folder.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn usage(&self, key: &Key) -> Result<u64, StoreError> {
        self.store.settle();
        match self.files().find(&self.name, key)? {
            Found::File(_, identity) => Ok(identity.size),
            Found::Folder(..) => {
                let path = self.path(key);
                let walk = tokio::task::spawn_blocking(move || tree::usage(&path));
                let failed = |error| StoreError::io("add up sizes", error);
                walk.await
                    .map_err(|error| failed(std::io::Error::other(error)))?
                    .map_err(failed)
            }
        }
    }

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
        let _change = self.change();
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
            Some((FileType::Directory, _)) => return Err(StoreError::OtherKind(to.clone()).into()),
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
        sidecars.append(&self.name, &to_hash, &record)?;
        self.files().rename(&self.name, from, to)?;
        sidecars.remove(&self.name, &from_hash);
        self.count(replaced, 0)?;
        self.expect_end(to, &record);
        self.store.inner.indexes.count_write();
        Ok(ObjectInfo::of(to, &sidecars.remember(&to_hash, record)))
    }

    /// Changes the metadata of an object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotAFile`], and those of the change.
    pub async fn update<E: From<StoreError>>(
        &self,
        key: &Key,
        touch: Touch,
        change: impl FnOnce(&mut Attributes) -> Result<(), E>,
    ) -> Result<(), E> {
        let hash = hash(&self.name, key);
        // Hashes a dropped-in file outside the lock.
        let Opened::File(object) = self.open(key).await? else {
            return Err(StoreError::NotAFile(key.clone()).into());
        };
        let _change = self.change();
        let _lock = self.store.inner.locks.lock(&hash);
        let sidecars = &self.store.inner.sidecars;
        // Another request may have come in between, with other content or metadata.
        let identity = match self.files().look(&self.name, key) {
            Some((FileType::RegularFile, identity)) => identity,
            _ => return Err(StoreError::NotFound(key.clone()).into()),
        };
        let current = sidecars
            .read(&self.name, &hash, identity)
            .unwrap_or(object.record);
        let mut record = Record::clone(&current);
        let mut attributes = record.attributes();
        change(&mut attributes)?;
        record.set_attributes(attributes);
        if touch == Touch::Yes {
            record.modified = self.store.inner.clock.unix();
        }
        sidecars.append(&self.name, &hash, &record)?;
        self.expect_end(key, &record);
        sidecars.compact(&self.name, &hash, &record);
        sidecars.remember(&hash, record);
        Ok(())
    }

    /// Puts an object, for tests and tools: the caller has the whole content and may wait.
    ///
    /// # Errors
    /// Those of a commit.
    pub fn put_now(
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
    pub fn get_now(&self, key: &Key) -> Result<Vec<u8>, StoreError> {
        self.store.settle();
        let Found::File(mut file, _) = self.files().find(&self.name, key)? else {
            return Err(StoreError::NotAFile(key.clone()));
        };
        let mut content = Vec::new();
        file.read_to_end(&mut content)
            .map_err(|error| StoreError::io("read an object", error))?;
        Ok(content)
    }

    pub(super) fn files(&self) -> &Files {
        &self.store.inner.files
    }

    pub(super) fn temporary(&self) -> Result<(TempFile, File), StoreError> {
        self.files().temporary()
    }

    /// Where a key lies, for what needs a path. It was seen not to lead through links.
    pub(super) fn path(&self, key: &Key) -> PathBuf {
        let mut path = self.store.inner.root.join(self.name.as_str());
        path.extend(key.segments());
        path
    }

    /// Held by every change; see [`Store::snapshot`].
    fn change(&self) -> RwLockReadGuard<'_, ()> {
        self.store
            .inner
            .whole
            .read()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn known(&self, hash: &KeyHash, identity: Identity) -> Option<Arc<Record>> {
        let sidecars = &self.store.inner.sidecars;
        sidecars.cached(hash, identity).or_else(|| {
            let _lock = self.store.inner.locks.lock(hash);
            sidecars.read(&self.name, hash, identity)
        })
    }

    fn folder_info(&self, key: &Key, modified: u64) -> FolderInfo {
        let created = self.store.inner.sidecars.folder_created(&self.name, key);
        FolderInfo {
            modified: created.unwrap_or(modified),
        }
    }

    /// Finds the MD5 of a file that somebody dropped in, and the record that it had elsewhere.
    async fn adopt(
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

    fn make_one_folder(&self, key: &Key) -> Result<(), StoreError> {
        if key.is_root() {
            return Ok(());
        }
        if self.files().make_folder(&self.name, key)? {
            let now = self.store.inner.clock.unix();
            self.store
                .inner
                .sidecars
                .set_folder_created(&self.name, key, now);
        }
        Ok(())
    }

    /// Makes the folders above a key, the topmost first.
    fn make_parents(&self, key: &Key) -> Result<(), StoreError> {
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
        for folder in missing.iter().rev() {
            match self.make_one_folder(folder) {
                Err(StoreError::OtherKind(_)) => return Err(StoreError::ParentIsFile(key.clone())),
                other => other?,
            }
        }
        Ok(())
    }

    fn delete_now(&self, key: &Key, kind: Kind) -> Result<(), StoreError> {
        if key.is_root() {
            return Err(StoreError::Root);
        }
        let _change = self.change();
        let hash = hash(&self.name, key);
        let _lock = self.store.inner.locks.lock(&hash);
        let found = match self.files().look(&self.name, key) {
            Some((FileType::Directory, _)) if kind != Kind::File => {
                self.files().remove_folder(&self.name, key)?;
                0
            }
            Some((FileType::RegularFile, identity)) if kind != Kind::Folder => {
                self.files().remove_file(&self.name, key)?;
                identity.size
            }
            _ => return Err(StoreError::NotFound(key.clone())),
        };
        self.store.inner.sidecars.remove(&self.name, &hash);
        self.store.inner.indexes.count_write();
        self.count(found, 0)
    }

    fn expire_now(&self, key: &Key, now: u64) -> Result<(), StoreError> {
        let hash = hash(&self.name, key);
        let expired = {
            let _lock = self.store.inner.locks.lock(&hash);
            let Some((FileType::RegularFile, identity)) = self.files().look(&self.name, key) else {
                return Ok(());
            };
            let record = self.store.inner.sidecars.read(&self.name, &hash, identity);
            record
                .and_then(|record| record.expires_at)
                .is_some_and(|end| end <= now)
        };
        if expired {
            self.delete_now(key, Kind::File)
        } else {
            Ok(())
        }
    }

    fn expect_end(&self, key: &Key, record: &Record) {
        if let Some(expires_at) = record.expires_at {
            self.store.inner.due.expire(&self.name, key, expires_at);
        }
    }

    fn count(&self, removed: u64, added: u64) -> Result<(), StoreError> {
        self.store
            .inner
            .quotas
            .change(&self.name, removed, added, || {
                tree::usage(&self.path(&Key::root()))
                    .map_err(|error| StoreError::io("add up sizes", error))
            })
    }
}

impl Body {
    /// Gives the body a key: the step after which everybody sees it, content and metadata together.
    ///
    /// # Errors
    /// [`StoreError::OtherKind`], [`StoreError::ParentIsFile`], [`StoreError::Resumable`],
    /// [`StoreError::Full`], [`StoreError::DiskFull`]; nothing has changed then.
    pub async fn commit(
        self,
        key: &Key,
        attributes: Attributes,
        overwrite: Overwrite,
    ) -> Result<ObjectInfo, StoreError> {
        self.commit_now(key, attributes, overwrite)
    }

    fn commit_now(
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
        service.store.settle();
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
        let _change = service.change();
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
                Some((FileType::Directory, _)) => return Err(StoreError::OtherKind(key.clone())),
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
            service.count(old.map_or(0, |old| old.size), size)?;
            inner.sidecars.append(&service.name, &hash, &record)?;
            if let Err(error) = service.files().place(&mut temporary, &parent, name, key) {
                service.count(size, old.map_or(0, |old| old.size))?;
                if matches!(error, StoreError::NotFound(_)) {
                    // Somebody deleted the folder since it was opened.
                    continue;
                }
                return Err(error);
            }
            if old.is_some() {
                inner.sidecars.compact(&service.name, &hash, &record);
            }
            service.expect_end(key, &record);
            inner.indexes.count_write();
            return Ok(ObjectInfo::of(key, &inner.sidecars.remember(&hash, record)));
        }
        Err(StoreError::NotFound(key.clone()))
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

/// The MD5 of a whole file; its position is at the beginning afterwards.
fn md5_of(file: &File) -> std::io::Result<Md5Digest> {
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
