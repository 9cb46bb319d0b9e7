//! A service once more, under another name.
//!
//! A fork copies nothing. It says whose objects at which version its own begin with, and each key comes
//! over when it is first asked for, a folder's names when it is first listed: contents as hard links,
//! records as copies. So a fork costs nothing, and what is used of it one link each.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, RwLockReadGuard,
        atomic::{AtomicBool, Ordering},
    },
};

use rustix::fs::FileType;
use upyun_client::protocol::{Key, ServiceName};

use super::{
    Service, Store, StoreError,
    history::{Version, Was},
};

/// Objects that come over before others have their turn.
const TURN: usize = 64;

/// The services that still have something to come.
#[derive(Debug, Default)]
pub(super) struct Forks {
    by_name: Mutex<HashMap<ServiceName, Arc<Fork>>>,
    /// What every operation looks at.
    is_any: AtomicBool,
}

/// What a service begins with, and how much of it is there.
#[derive(Debug)]
pub(super) struct Fork {
    pub(super) source: ServiceName,
    pub(super) at: Arc<Version>,
    arrived: Mutex<Arrived>,
}

#[derive(Debug, Default)]
struct Arrived {
    keys: HashSet<Key>,
    /// Folders of which all names have.
    folders: HashSet<Key>,
    all: bool,
}

impl Forks {
    fn of(&self, service: &ServiceName) -> Option<Arc<Fork>> {
        if !self.is_any.load(Ordering::Acquire) {
            return None;
        }
        self.lock().get(service).cloned()
    }

    pub(super) fn set(&self, service: &ServiceName, fork: Arc<Fork>) {
        let mut by_name = self.lock();
        by_name.insert(service.clone(), fork);
        self.is_any.store(true, Ordering::Release);
    }

    pub(super) fn take(&self, service: &ServiceName) -> Option<Arc<Fork>> {
        let mut by_name = self.lock();
        let fork = by_name.remove(service);
        self.is_any.store(!by_name.is_empty(), Ordering::Release);
        fork
    }

    pub(super) fn are_any(&self) -> bool {
        self.is_any.load(Ordering::Acquire)
    }

    pub(super) fn all(&self) -> Vec<Arc<Fork>> {
        self.lock().values().cloned().collect()
    }

    fn names(&self) -> Vec<ServiceName> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<ServiceName, Arc<Fork>>> {
        self.by_name.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fork {
    /// Whether what was at a key is to be found in the fork.
    pub(super) fn has(&self, key: &Key) -> bool {
        let arrived = self.lock();
        arrived.all || arrived.keys.contains(key)
    }

    fn lock(&self) -> MutexGuard<'_, Arrived> {
        self.arrived.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Service {
    /// Held by every operation on a key; see [`Store::snapshot`]. What a fork has there has come over.
    pub(super) fn ready(&self, key: &Key) -> Result<RwLockReadGuard<'_, ()>, StoreError> {
        let still = self.change();
        self.arrive(key)?;
        Ok(still)
    }

    /// Brings over what the source had at a key. The caller holds [`change`](Self::change), and no key's
    /// lock.
    pub(super) fn arrive(&self, key: &Key) -> Result<(), StoreError> {
        let Some(fork) = self.fork() else {
            return Ok(());
        };
        if fork.lock().all {
            return Ok(());
        }
        if self.store.inner.quotas.limits(&self.name) {
            // How full it is depends on everything.
            return self.arrive_wholly(&fork);
        }
        self.bring(&fork, &mut fork.lock(), key)
    }

    /// Brings over all names of a folder.
    pub(super) fn arrive_in(&self, folder: &Key) -> Result<(), StoreError> {
        let Some(fork) = self.fork() else {
            return Ok(());
        };
        let mut arrived = fork.lock();
        if arrived.all {
            return Ok(());
        }
        self.bring(&fork, &mut arrived, folder)?;
        if arrived.folders.contains(folder) {
            return Ok(());
        }
        let names = self.store.names_at(&fork.at, &fork.source, folder)?;
        self.bring_all(&fork, &mut arrived, folder, &names)?;
        arrived.folders.insert(folder.clone());
        Ok(())
    }

    /// Brings over everything. The caller holds [`change`](Self::change).
    fn arrive_wholly(&self, fork: &Fork) -> Result<(), StoreError> {
        let mut arrived = fork.lock();
        let mut folders = vec![Key::root()];
        while let Some(folder) = folders.pop() {
            let names = self.store.names_at(&fork.at, &fork.source, &folder)?;
            folders.extend(self.bring_all(fork, &mut arrived, &folder, &names)?);
        }
        arrived.all = true;
        Ok(())
    }

    /// Brings over whatever is below a folder, and lets others have their turn in between. The caller holds
    /// nothing.
    pub(super) fn fetch(&self, folder: &Key) -> Result<(), StoreError> {
        let Some(fork) = self.fork() else {
            return Ok(());
        };
        let mut folders = vec![folder.clone()];
        while let Some(folder) = folders.pop() {
            let names: Vec<_> = {
                let Some(_still) = self.still_at(&fork) else {
                    return Ok(());
                };
                let names = self.store.names_at(&fork.at, &fork.source, &folder)?;
                names.into_iter().collect()
            };
            for names in names.chunks(TURN) {
                let Some(_still) = self.still_at(&fork) else {
                    return Ok(());
                };
                folders.extend(self.bring_all(&fork, &mut fork.lock(), &folder, names)?);
            }
        }
        if folder.is_root()
            && let Some(_still) = self.still_at(&fork)
        {
            fork.lock().all = true;
            self.store.inner.forks.take(&self.name);
        }
        Ok(())
    }

    /// Keeps the fork from being replaced; none if it was.
    fn still_at(&self, fork: &Arc<Fork>) -> Option<RwLockReadGuard<'_, ()>> {
        let still = self.change();
        let is_same = self.fork().is_some_and(|it| Arc::ptr_eq(&it, fork));
        is_same.then_some(still)
    }

    /// Brings over these names of a folder; gives those that are folders.
    fn bring_all<'n>(
        &self,
        fork: &Fork,
        arrived: &mut Arrived,
        folder: &Key,
        names: impl IntoIterator<Item = &'n String>,
    ) -> Result<Vec<Key>, StoreError> {
        let mut folders = Vec::new();
        for key in names.into_iter().filter_map(|name| folder.join(name).ok()) {
            self.bring(fork, arrived, &key)?;
            // One that is no folder any more had all its names before it was deleted.
            let is = self.files().look(&self.name, &key);
            if is.is_some_and(|(kind, _)| kind == FileType::Directory) {
                folders.push(key);
            }
        }
        Ok(folders)
    }

    fn bring(&self, fork: &Fork, arrived: &mut Arrived, key: &Key) -> Result<(), StoreError> {
        if key.is_root() || arrived.keys.contains(key) {
            return Ok(());
        }
        if let Some(parent) = key.parent() {
            self.bring(fork, arrived, &parent)?;
        }
        let was = self.store.was_at(&fork.at, &fork.source, key)?;
        let record = match &was {
            Was::File { record, .. } => record.clone(),
            _ => None,
        };
        let now = self.store.inner.clock.unix();
        if !record.as_ref().is_some_and(|record| record.is_over(now)) {
            self.give_back(key, was)?;
            if let Some(record) = record {
                self.expect_end(key, &record);
            }
        }
        arrived.keys.insert(key.clone());
        Ok(())
    }

    fn fork(&self) -> Option<Arc<Fork>> {
        self.store.inner.forks.of(&self.name)
    }
}

impl Store {
    /// Makes the objects of a service, with their metadata, those of another too, which is emptied
    /// before. From then on each goes its own way. That costs the same however many there are: an object
    /// comes over when it is first asked for. Unfinished uploads are no objects, and what is to be deleted
    /// later is deleted in the first alone.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub fn fork(&self, from: &ServiceName, to: &ServiceName) -> Result<(), StoreError> {
        let (from, to) = (self.service(from)?, self.service(to)?);
        if from.name == to.name {
            return Ok(());
        }
        let _still = self.still();
        self.inner.uploads.forget_of(&to.name);
        let cleared = to.clear();
        self.forget_what_was_known();
        cleared?;
        let fork = Fork {
            source: from.name,
            at: self.version(),
            arrived: Mutex::default(),
        };
        self.inner.forks.set(&to.name, Arc::new(fork));
        Ok(())
    }

    /// Brings over all that forks still have to come: whoever looks into the directory finds all objects
    /// there.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub fn complete_forks(&self) -> Result<(), StoreError> {
        for name in self.inner.forks.names() {
            self.of(&name).fetch(&Key::root())?;
        }
        Ok(())
    }
}
