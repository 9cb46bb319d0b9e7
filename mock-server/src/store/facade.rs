//! The asynchronous side of the store: the only part of it that knows of the runtime.
//!
//! The store is synchronous: it makes system calls and waits for them. Here its operations become
//! `async`, and here it is decided which thread an operation runs on:
//!
//! * [`blocking`]: on a thread that may block. What walks directories, deletes, or reads and writes
//!   large bodies.
//! * [`Service::short`]: on the thread of the caller, where changing threads costs more than the work:
//!   a few system calls on one key, as of a PUT, GET or HEAD of a small object. If the work would have
//!   to wait or to walk first, it runs on a thread that may block too.
//!
//! Lookups in memory ([`Service::multipart`], [`Service::unfinished`]) and what creates a single file
//! ([`Service::scratch`], [`Service::initiate`]) are called as they are.

mod part;
mod receive;
mod upload;

use std::{sync::Arc, time::SystemTime};

use tokio::task::JoinHandle;
use upyun_client::protocol::{Key, Md5Digest};

pub(crate) use self::upload::Upload;
use super::{
    Attributes, Body, Completed, Entry, Kind, ListQuery, Multipart, MultipartError, Object,
    ObjectInfo, Opened, Overwrite, Page, Service, Store, StoreError, Touch, body::SMALL,
    service::Lookup,
};
use crate::clock::CompletedJob;

/// Begins work on a thread that may block.
fn run_blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> JoinHandle<T> {
    tokio::task::spawn_blocking(work)
}

/// The result of such work.
async fn join<T>(work: JoinHandle<T>) -> Result<T, StoreError> {
    work.await
        .map_err(|error| StoreError::io("run an operation", std::io::Error::other(error)))
}

/// Runs work on a thread that may block.
async fn blocking<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<StoreError> + Send + 'static,
{
    join(run_blocking(work)).await?
}

impl Store {
    /// Runs the deletions and expiries that are due, if there are any.
    pub(crate) async fn catch_up(&self) {
        if self.has_due_jobs() {
            let store = self.clone();
            if let Err(error) = join(run_blocking(move || store.run_due_jobs())).await {
                tracing::error!("internal error: {error}");
            }
        }
    }

    /// Moves the clock, and runs on the way the jobs that fall due until then: each at its time, in
    /// order. A clock that is put back runs nothing.
    pub(crate) async fn run_jobs_until(&self, to: SystemTime) -> Vec<CompletedJob> {
        let clock = &self.inner.clock;
        let before = clock.done_so_far();
        if to < clock.now() {
            clock.set(to);
            return Vec::new();
        }
        loop {
            clock.idle().await;
            let next = [self.next_due(), clock.next_work()].into_iter().flatten();
            let Some(due) = next.min().filter(|due| *due <= to) else {
                break;
            };
            clock.move_on(due);
            self.catch_up().await;
        }
        clock.move_on(to);
        clock.done_since(before)
    }

    /// Waits until [`next_due`](Self::next_due) may have changed.
    pub(crate) async fn due_changed(&self) {
        self.inner.schedule.changed().await;
    }
}

impl Service {
    /// Runs work of a few system calls on this thread, unless it would have to wait or to walk first.
    async fn short<T, E>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        if self.is_quick() {
            return work(self);
        }
        self.long(work).await
    }

    /// Runs work on a thread that may block.
    async fn long<T, E>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let service = self.clone();
        blocking(move || work(&service)).await
    }

    /// Whether no job is due, no snapshot is being taken or restored, and sizes are counted.
    fn is_quick(&self) -> bool {
        let inner = &self.store.inner;
        !self.store.has_due_jobs()
            && !inner.locks.is_exclusive()
            && !inner.quotas.must_count(&self.name)
    }

    /// What is at a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub(crate) async fn entry(&self, key: &Key) -> Result<Entry, StoreError> {
        Ok(match self.open(key).await? {
            Opened::File(object) => Entry::File(object.info()),
            Opened::Folder(folder) => Entry::Folder(folder),
        })
    }

    /// Opens what is at a key.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub(crate) async fn open(&self, key: &Key) -> Result<Opened, StoreError> {
        let wanted = key.clone();
        let looked_up = self.short(move |service| service.look_up(&wanted)).await?;
        match looked_up {
            Lookup::Opened(opened) => Ok(opened),
            Lookup::Unknown(file) if file.identity.size <= SMALL => self.adopt(file),
            Lookup::Unknown(file) => self.long(move |service| service.adopt(file)).await,
        }
    }

    /// Opens the object at a key.
    async fn open_file(&self, key: &Key) -> Result<Object, StoreError> {
        match self.open(key).await? {
            Opened::File(object) => Ok(object),
            Opened::Folder(_) => Err(StoreError::NotAFile(key.clone())),
        }
    }

    /// Makes a folder and its parents.
    ///
    /// # Errors
    /// [`StoreError::WrongEntryKind`] or [`StoreError::ParentIsFile`] when a file is in the way.
    pub(crate) async fn make_folder(&self, key: &Key) -> Result<(), StoreError> {
        self.make_folders(key).await.map(drop)
    }

    /// Makes a folder and its parents. Returns those that were not there, each behind its parent.
    ///
    /// # Errors
    /// As of [`make_folder`](Self::make_folder).
    pub(crate) async fn make_folders(&self, key: &Key) -> Result<Vec<Key>, StoreError> {
        let key = key.clone();
        self.short(move |service| service.make_folders_now(&key))
            .await
    }

    /// A page of a folder. Entries that come and go between pages do not disturb the others.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] if there is no such folder.
    pub(crate) async fn list(&self, key: &Key, query: ListQuery) -> Result<Page, StoreError> {
        let key = key.clone();
        self.long(move |service| service.list_now(&key, &query))
            .await
    }

    /// The bytes of a file, or of all files below a folder.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub(crate) async fn usage(&self, key: &Key) -> Result<u64, StoreError> {
        let key = key.clone();
        self.long(move |service| service.usage_now(&key)).await
    }

    /// Deletes a file or an empty folder.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotEmpty`], [`StoreError::Root`].
    pub(crate) async fn delete(&self, key: &Key, kind: Kind) -> Result<(), StoreError> {
        let key = key.clone();
        let delete = move |service: &Self| {
            service.store.run_due_jobs();
            service.delete_now(&key, kind)
        };
        self.long(delete).await
    }

    /// Deletes at a later time whatever is there then; a folder that is not empty by then stays
    /// (`[choice R-51]`).
    ///
    /// # Errors
    /// [`StoreError::Root`], and [`StoreError::Io`] when it cannot be written down.
    pub(crate) async fn delete_later(
        &self,
        key: &Key,
        kind: Kind,
        due: SystemTime,
    ) -> Result<(), StoreError> {
        let key = key.clone();
        self.short(move |service| service.schedule_deletion(&key, kind, due))
            .await
    }

    /// Changes the metadata of an object.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotAFile`], and those of the change.
    pub(crate) async fn update<E: From<StoreError> + Send + 'static>(
        &self,
        key: &Key,
        touch: Touch,
        change: impl FnOnce(&mut Attributes) -> Result<(), E> + Send + 'static,
    ) -> Result<(), E> {
        // Hashes a dropped-in file outside the locks.
        let object = self.open_file(key).await?;
        self.short(move |service| service.update_now(object, touch, change))
            .await
    }

    /// Copies an object with changed metadata.
    ///
    /// # Errors
    /// [`StoreError::NotFound`], [`StoreError::NotAFile`], those of a commit, and those of the
    /// change.
    pub(crate) async fn copy<E: From<StoreError> + Send + 'static>(
        &self,
        from: &Key,
        to: &Key,
        change: impl FnOnce(&mut Attributes) -> Result<(), E> + Send + 'static,
    ) -> Result<ObjectInfo, E> {
        let source = self.open_file(from).await?;
        let to = to.clone();
        let is_small = source.info().size <= SMALL;
        let copy = move |service: &Self| service.copy_now(source, &to, change);
        match is_small {
            true => self.short(copy).await,
            false => self.long(copy).await,
        }
    }

    /// Gives an object another key and changed metadata.
    ///
    /// # Errors
    /// As [`copy`](Self::copy).
    pub(crate) async fn rename<E: From<StoreError> + Send + 'static>(
        &self,
        from: &Key,
        to: &Key,
        change: impl FnOnce(&mut Attributes) -> Result<(), E> + Send + 'static,
    ) -> Result<ObjectInfo, E> {
        // Hashes a dropped-in file outside the locks.
        let source = self.open_file(from).await?;
        let to = to.clone();
        self.short(move |service| service.rename_now(source, &to, change))
            .await
    }

    /// Makes the object of an upload whose parts are all there. It is finished even if the caller does
    /// not wait for it.
    ///
    /// # Errors
    /// [`MultipartError`]; the parts stay, unless the MD5 is another one, which discards the upload
    /// (`[choice M-22]`).
    pub(crate) async fn complete(
        &self,
        upload: &Arc<Multipart>,
        md5: Option<Md5Digest>,
        expires_at: Option<u64>,
    ) -> Result<Completed, MultipartError> {
        let upload = Arc::clone(upload);
        self.long(move |service| service.complete_now(&upload, md5, expires_at))
            .await
    }

    /// Gives an upload up: its parts are dropped.
    ///
    /// # Errors
    /// [`MultipartError::Completed`].
    pub(crate) async fn cancel(&self, upload: &Arc<Multipart>) -> Result<(), MultipartError> {
        let upload = Arc::clone(upload);
        self.long(move |service| service.cancel_now(&upload)).await
    }
}

impl Body {
    /// Gives the body a key: the step after which everybody sees it, content and metadata together.
    ///
    /// # Errors
    /// [`StoreError::WrongEntryKind`], [`StoreError::ParentIsFile`], [`StoreError::Resumable`],
    /// [`StoreError::Full`], [`StoreError::DiskFull`]; nothing has changed then.
    pub(crate) async fn commit(
        self,
        key: &Key,
        attributes: Attributes,
        overwrite: Overwrite,
    ) -> Result<ObjectInfo, StoreError> {
        let (service, key) = (self.service.clone(), key.clone());
        let is_small = self.size <= SMALL;
        let commit = move |_: &Service| self.commit_now(&key, attributes, overwrite);
        match is_small {
            true => service.short(commit).await,
            false => service.long(commit).await,
        }
    }
}
