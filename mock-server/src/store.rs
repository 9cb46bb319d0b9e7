//! Objects in a directory: no HTTP here.
//!
//! # The tree
//!
//! Under the root each service is a plain tree: the object `/a/b.txt` of `demo` is the file
//! `demo/a/b.txt`. What the file system cannot hold lives beside it in `.upyun-mock/`: bodies that
//! are still arriving, and snapshots, in `tmp/`, and for each object a *sidecar* in `meta/<service>/`, named by the
//! MD5 of the key, and unfinished resumable uploads in `uploads/`. No service can be called `.upyun-mock`, and both parts are on one file system,
//! so a rename is atomic.
//!
//! # One atomic step
//!
//! Content and metadata are two files, and a reader must never see the one without the other. So a
//! sidecar is a list of records, a line of JSON each, and a record says which content it belongs to:
//! by the size and the modification time, to the nanosecond, of the file. A commit
//!
//! 1. has the whole body in `tmp/` and gives it a modification time that no other content has,
//! 2. appends a record with that time to the key's sidecar,
//! 3. renames the body over the key.
//!
//! The third step is the one that everybody sees. Before it, readers find the old content and, in
//! the sidecar, the old record; after it the new content and the new record. A process that is
//! killed between two steps leaves the old object and a line that belongs to nothing. A line that
//! was cut short is no JSON and is skipped. Steps two and three hold a lock of the key, for a few
//! microseconds; while bodies move, nothing is locked. Who opened the old content goes on reading
//! it: a rename does not touch open files. Nothing calls fsync: the promise is about killed
//! processes, not about power cuts.
//!
//! # Files that a person drops in
//!
//! A file without a fitting record is not ours. Its MD5 is computed when first needed. If the
//! sidecar has a record with that MD5 and size, the file was copied or restored from a backup, and
//! the record still holds; otherwise it is a new object without metadata, with a type by its name.
//! Either way a record is appended, and the next reader finds it. A file that is edited in place has
//! a new modification time, so the same happens.
//!
//! # Other states
//!
//! A snapshot is a tree of hard links, and so is a fork ([`Store::snapshot`], [`Store::fork`]). Going
//! back replaces each object that differs ([`Store::restore`]). A service that is emptied is renamed
//! away as a whole ([`Store::reset`]). All of them hold the exclusive lock, so no other request sees
//! half of it; killed in between, they leave each object as it was or as it is to be.
//!
//! # Threads
//!
//! The store is synchronous. One module, `facade`, makes it asynchronous and decides what runs on a
//! thread that may block and what is so short that it runs on the caller's.
//!
//! # Names stay inside
//!
//! Keys have no `..`, but a directory may hold symbolic links. Paths are resolved by the kernel with
//! links forbidden, so a link looks as if nothing were there, and so do devices and pipes.

mod adopt;
mod body;
mod clear;
mod commit;
mod copy;
mod digests;
mod error;
mod facade;
mod files;
mod fork;
mod index;
mod key_hash;
mod lines;
mod list;
mod lock;
mod locks;
mod multipart;
mod object;
mod quota;
mod record;
mod restore;
mod schedule;
mod service;
mod sidecar;
mod snapshot;
mod snapshots;
#[cfg(test)]
mod tests;
mod tree;
mod work_dir;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::SystemTime,
};

use parking_lot::Mutex;
use upyun_client::protocol::ServiceName;

pub(crate) use body::Body;
pub(crate) use commit::Overwrite;
pub use error::StoreError;
pub(crate) use facade::Upload;
pub(crate) use list::{ListQuery, Order, Page};
pub(crate) use multipart::{Announced, Completed, Multipart, MultipartError, Part};
pub use object::ObjectInfo;
pub(crate) use object::{Entry, FolderInfo, Kind, Object, Opened};
pub(crate) use record::Attributes;
pub use record::{ImageFacts, Origin};
pub(crate) use service::{Service, Touch};
pub use snapshot::Snapshot;
pub(crate) use snapshots::Snapshots;
pub(crate) use work_dir::WorkDir;

use self::{
    files::{Files, PRIVATE},
    index::Indexes,
    lock::DirectoryLock,
    locks::Locks,
    multipart::Uploads,
    quota::Quotas,
    schedule::Schedule,
    sidecar::Sidecars,
};
use crate::clock::Clock;

/// A directory of services. A cheap handle. What is not `async` may block.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    directory_lock: Mutex<DirectoryLock>,
    files: Files,
    sidecars: Sidecars,
    indexes: Indexes,
    locks: Locks,
    quotas: Quotas,
    schedule: Schedule,
    uploads: Uploads,
    clock: Clock,
    /// Held while due jobs are run.
    running_jobs: Mutex<()>,
}

impl Store {
    /// Opens a directory, which must exist. Bodies that an earlier process did not finish are
    /// removed. `holder` names this process to a second one.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has the directory, [`StoreError::Io`] when it
    /// cannot be read or written.
    pub(crate) fn open(root: &Path, clock: Clock, holder: &str) -> Result<Self, StoreError> {
        let root = root
            .canonicalize()
            .map_err(|error| StoreError::io("open the directory", error))?;
        let lock = DirectoryLock::acquire(&root.join(PRIVATE), holder)?;
        let files = Files::open(&root)?;
        let schedule = Schedule::open(&root.join(PRIVATE))?;
        let uploads = Uploads::open(&root)?;
        for (uuid, end) in uploads.ends() {
            schedule.forget_upload_at(SystemTime::UNIX_EPOCH + end, &uuid);
        }
        let inner = Inner {
            directory_lock: Mutex::new(lock),
            sidecars: Sidecars::open(&root)?,
            files,
            root,
            indexes: Indexes::default(),
            locks: Locks::default(),
            quotas: Quotas::default(),
            schedule,
            uploads,
            clock,
            running_jobs: Mutex::default(),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The directory.
    pub(crate) fn root(&self) -> &Path {
        &self.inner.root
    }

    /// A service; its folder is made if need be.
    ///
    /// # Errors
    /// [`StoreError::Io`] when it cannot be made.
    pub(crate) fn service(&self, name: &ServiceName) -> Result<Service, StoreError> {
        let service = self.handle(name);
        service.make()?;
        Ok(service)
    }

    /// A service whose folder was made before; no file is touched. If another program removes the
    /// folder, the next operation that needs it makes it again.
    pub(crate) fn handle(&self, name: &ServiceName) -> Service {
        Service {
            store: self.clone(),
            name: name.clone(),
        }
    }

    /// Opens the directories again by their paths: after this process entered another mount namespace,
    /// where they are on other mounts.
    ///
    /// # Errors
    /// [`StoreError::Io`] when they cannot be opened.
    #[cfg(target_os = "linux")]
    pub(crate) fn reopen_directories(&self) -> Result<(), StoreError> {
        self.inner.files.make_again()
    }

    /// Makes the directory again that another program removed while the server runs. Whatever was
    /// stored is gone.
    fn make_directories_again(&self) -> Result<(), StoreError> {
        tracing::warn!(
            "the data directory {} was removed while the server runs; it is made again, empty",
            self.root().display()
        );
        self.inner.files.make_again()?;
        let mut lock = self.inner.directory_lock.lock();
        lock.acquire_again(&self.private(""))?;
        self.inner.sidecars.make_directory()?;
        self.inner.uploads.make_directory()?;
        self.inner.uploads.forget_all();
        self.inner.schedule.replace(Vec::new());
        self.forget_caches();
        Ok(())
    }

    /// Forgets what is in memory of files that were replaced.
    fn forget_caches(&self) {
        self.inner.sidecars.forget();
        self.inner.indexes.forget();
        self.inner.quotas.forget();
    }

    /// Whether a deletion or expiry is due.
    fn has_due_jobs(&self) -> bool {
        self.inner.schedule.is_any_due(self.inner.clock.now())
    }

    /// Runs the deletions and expiries that are due. Blocks.
    pub(crate) fn run_due_jobs(&self) {
        let now = self.inner.clock.now();
        let schedule = &self.inner.schedule;
        if !self.has_due_jobs() {
            return;
        }
        // A request that finds no job left must find all of them done.
        let _running = self.inner.running_jobs.lock();
        while let Some(due) = schedule.pop_due(now) {
            service::run(self, &due.job, now);
            schedule.finished(&due);
            self.inner.clock.done(due.job.to_string());
        }
    }

    /// Runs all deletions that still wait, because the server stops.
    pub(crate) fn run_pending_deletions(&self) {
        let now = self.inner.clock.now();
        for due in self.inner.schedule.take_deletions() {
            service::run(self, &due.job, now);
            self.inner.schedule.finished(&due);
        }
    }

    /// When the next job falls due.
    pub(crate) fn next_due(&self) -> Option<SystemTime> {
        self.inner.schedule.next()
    }
}
