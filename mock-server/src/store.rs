//! Objects in a directory: no HTTP here.
//!
//! # The tree
//!
//! Under the root each service is a plain tree: the object `/a/b.txt` of `demo` is the file
//! `demo/a/b.txt`. What the file system cannot hold lives beside it in `.upyun-mock/`: bodies that
//! are still arriving, and what was put aside, in `tmp/`, and for each object a *sidecar* in `meta/<service>/`, named by the
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
//! A snapshot copies nothing: whoever changes a key for the first time after it puts aside what was there,
//! and going back undoes these changes ([`Store::snapshot`], [`Store::restore`]). A fork copies nothing
//! either: a key comes over when it is first asked for ([`Store::fork`]). A service that is emptied is
//! renamed away as a whole. So all three cost the same however much is stored.
//!
//! # Names stay inside
//!
//! Keys have no `..`, but a directory may hold symbolic links. Paths are resolved by the kernel with
//! links forbidden, so a link looks as if nothing were there, and so do devices and pipes.

mod adopt;
mod commit;
mod copy;
mod digests;
mod due;
mod error;
mod files;
mod fork;
mod history;
mod index;
mod keylock;
mod lend;
mod list;
mod multipart;
mod object;
mod past;
mod quota;
mod record;
mod service;
mod sidecar;
mod snapshot;
mod snapshots;
mod tree;
mod upload;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, RwLock, RwLockWriteGuard},
    time::SystemTime,
};

use upyun_client::protocol::ServiceName;

pub use commit::Overwrite;
pub use error::StoreError;
pub use lend::Workplace;
pub use list::{ListQuery, Order, Page};
pub use multipart::{Announced, Completed, Multipart, MultipartError, Part, PartUpload};
pub use object::{Entry, FolderInfo, Kind, Object, ObjectInfo, Opened};
pub use record::{Attributes, ImageFacts, Origin};
pub use service::{Service, Touch};
pub use snapshot::Snapshot;
pub(crate) use snapshots::Snapshots;
pub use upload::{Body, Upload};

use self::{
    due::Due, files::Files, fork::Forks, history::History, index::Indexes, keylock::KeyLocks,
    multipart::Uploads, quota::Quotas, sidecar::Sidecars,
};
use crate::observe::{Clock, clock::Settled};

/// A directory of services. A cheap handle.
#[derive(Clone, Debug)]
pub struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    files: Files,
    sidecars: Sidecars,
    indexes: Indexes,
    locks: KeyLocks,
    quotas: Quotas,
    due: Due,
    uploads: Uploads,
    history: History,
    forks: Forks,
    clock: Clock,
    /// Held by whoever carries out what has fallen due.
    settling: Mutex<()>,
    /// Held for reading by every change, for writing while all objects are replaced.
    whole: RwLock<()>,
}

impl Store {
    /// Opens a directory, which must exist. Bodies that an earlier process did not finish are
    /// removed.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub fn open(root: &Path, clock: Clock) -> Result<Self, StoreError> {
        let root = root
            .canonicalize()
            .map_err(|error| StoreError::io("open the directory", error))?;
        let files = Files::open(&root)?;
        let due = Due::open(&root)?;
        let uploads = Uploads::open(&root)?;
        for (job, end) in uploads.ends() {
            due.push(SystemTime::UNIX_EPOCH + end, job);
        }
        let inner = Inner {
            sidecars: Sidecars::open(&root)?,
            files,
            root,
            indexes: Indexes::default(),
            locks: KeyLocks::default(),
            quotas: Quotas::default(),
            due,
            uploads,
            history: History::default(),
            forks: Forks::default(),
            clock,
            settling: Mutex::default(),
            whole: RwLock::new(()),
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.inner.root
    }

    /// A service; its folder is made if need be.
    ///
    /// # Errors
    /// [`StoreError::Io`] when it cannot be made.
    pub fn service(&self, name: &ServiceName) -> Result<Service, StoreError> {
        Service::new(self.clone(), name)
    }

    /// A service whose folder is there.
    fn of(&self, name: &ServiceName) -> Service {
        Service {
            store: self.clone(),
            name: name.clone(),
        }
    }

    /// Held while many objects are replaced; see [`Service::change`](service::Service).
    fn still(&self) -> RwLockWriteGuard<'_, ()> {
        let whole = self.inner.whole.write();
        whole.unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what is remembered of files, once they were replaced behind its back.
    fn forget_what_was_known(&self) {
        self.inner.sidecars.forget();
        self.inner.indexes.forget();
        self.inner.quotas.forget();
    }

    /// Carries out what has fallen due: deletions that were asked for later, ends of lives.
    pub fn settle(&self) {
        let now = self.inner.clock.now();
        if !self.inner.due.is_any(now) {
            return;
        }
        // Whoever finds nothing more to do must find it done.
        let settling = self.inner.settling.lock();
        let _settling = settling.unwrap_or_else(PoisonError::into_inner);
        while let Some(job) = self.inner.due.pop(now) {
            let what = job.to_string();
            service::run(self, job, now);
            self.inner.clock.done(what);
        }
    }

    /// Moves the clock, and carries out on the way what falls due until then: each at its time, in
    /// order. A clock that is put back settles nothing.
    pub(crate) async fn settle_until(&self, to: SystemTime) -> Vec<Settled> {
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
            self.settle();
        }
        clock.move_on(to);
        clock.done_since(before)
    }

    /// Carries out all deletions that still wait: they were promised, and the server stops.
    pub fn settle_deletions(&self) {
        let now = self.inner.clock.now();
        for job in self.inner.due.take_deletions() {
            service::run(self, job, now);
        }
    }

    /// When there will be something to settle.
    pub fn next_due(&self) -> Option<SystemTime> {
        self.inner.due.next()
    }

    /// Waits until [`next_due`](Self::next_due) may have changed.
    pub async fn due_changed(&self) {
        self.inner.due.changed().await;
    }
}
