//! What all objects were at each snapshot, kept as what has changed since.
//!
//! A snapshot copies nothing. From then on, who changes a key for the first time puts aside what was
//! there: a second name for the content, and its record. So a snapshot costs nothing, a change one
//! link, and going back as much as there were changes, however much is stored. A service that is
//! emptied is put aside whole.
//!
//! Versions form a tree whose root is what lies in the directory now. Each knows the next one on the
//! way there and what it had otherwise than that one. Going back to a version turns its way round: each
//! change on it is undone, and what was there instead is kept for the way forth.
//!
//! What other programs do in the directory meanwhile is not seen, so it is not undone either.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
};

use rustix::fs::FileType;
use upyun_client::protocol::{Key, ServiceName};

use super::{
    Service, Store, StoreError,
    files::{Files, TempFile, TempTree},
    fork::Fork,
    past::{Aside, Noted},
    record::Record,
    sidecar::hash,
};

/// The versions of a store. Those that nobody holds any more go with what was put aside for them.
#[derive(Debug, Default)]
pub(super) struct History {
    /// The version whose next one is what lies in the directory.
    newest: Mutex<Weak<Version>>,
}

/// The state of all services at a moment.
#[derive(Debug, Default)]
pub(super) struct Version {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    changes: BTreeMap<ServiceName, Changed>,
    /// The next one on the way to now; none if that is the next.
    later: Option<Arc<Version>>,
}

/// What a service had otherwise than in the next version: these keys, in this tree if there is one.
#[derive(Debug, Default)]
struct Changed {
    keys: BTreeMap<Key, Was>,
    whole: Option<Whole>,
}

/// What was at a key.
#[derive(Debug)]
pub(super) enum Was {
    Nothing,
    Folder {
        created: Option<u64>,
    },
    File {
        content: TempFile,
        record: Option<Arc<Record>>,
    },
}

/// All that a service had.
#[derive(Debug)]
struct Whole {
    objects: TempTree,
    records: TempTree,
    /// What it still had to come.
    fork: Option<Arc<Fork>>,
}

impl History {
    /// A version that is as everything is now. The caller holds the store still.
    pub(super) fn begin(&self) -> Arc<Version> {
        let new = Arc::new(Version::default());
        if let Some(before) = self.newest() {
            if before.lock().changes.is_empty() {
                return before;
            }
            before.lock().later = Some(Arc::clone(&new));
        }
        self.set_newest(&new);
        new
    }

    fn newest(&self) -> Option<Arc<Version>> {
        let newest = self.newest.lock();
        newest.unwrap_or_else(PoisonError::into_inner).upgrade()
    }

    fn set_newest(&self, version: &Arc<Version>) {
        let newest = self.newest.lock();
        *newest.unwrap_or_else(PoisonError::into_inner) = Arc::downgrade(version);
    }
}

impl Version {
    fn knows(&self, service: &ServiceName, key: &Key) -> bool {
        let inner = self.lock();
        let changed = inner.changes.get(service);
        changed.is_some_and(|it| it.whole.is_some() || it.keys.contains_key(key))
    }

    /// Who came first knows what was there before all changes.
    fn note(&self, service: &ServiceName, key: &Key, was: Was) {
        let mut inner = self.lock();
        let changed = inner.changes.entry(service.clone()).or_default();
        if changed.whole.is_none() {
            changed.keys.entry(key.clone()).or_insert(was);
        }
    }

    fn note_whole(&self, service: &ServiceName, whole: Whole) {
        let mut inner = self.lock();
        let changed = inner.changes.entry(service.clone()).or_default();
        changed.whole.get_or_insert(whole);
    }

    pub(super) fn later(&self) -> Option<Arc<Self>> {
        self.lock().later.clone()
    }

    /// What it knows of a key.
    pub(super) fn noted(
        &self,
        service: &ServiceName,
        key: &Key,
        files: &Files,
    ) -> Result<Noted, StoreError> {
        let inner = self.lock();
        let Some(changed) = inner.changes.get(service) else {
            return Ok(Noted::Nothing);
        };
        Ok(match (changed.keys.get(key), &changed.whole) {
            (Some(was), _) => Noted::Was(was.again(files)?),
            (None, Some(whole)) => Noted::In(whole.place()),
            (None, None) => Noted::Nothing,
        })
    }

    /// Where all of a service is, if it was put aside whole.
    pub(super) fn aside(&self, service: &ServiceName) -> Option<Aside> {
        let inner = self.lock();
        let whole = inner.changes.get(service)?.whole.as_ref();
        whole.map(Whole::place)
    }

    /// The names of a folder of which it knows something.
    pub(super) fn names_in(
        &self,
        service: &ServiceName,
        folder: &Key,
        names: &mut BTreeSet<String>,
    ) {
        let inner = self.lock();
        let keys = inner.changes.get(service).map(|changed| &changed.keys);
        let below = keys.into_iter().flat_map(|keys| keys.range(folder..));
        let below = below.take_while(|(key, _)| key.as_str().starts_with(folder.as_str()));
        let children = below.filter(|(key, _)| key.parent().as_ref() == Some(folder));
        names.extend(children.map(|(key, _)| key.name().to_owned()));
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Was {
    /// The same once more.
    fn again(&self, files: &Files) -> Result<Self, StoreError> {
        Ok(match self {
            Self::Nothing => Self::Nothing,
            Self::Folder { created } => Self::Folder { created: *created },
            Self::File { content, record } => Self::File {
                content: files.again(content)?,
                record: record.clone(),
            },
        })
    }
}

impl Whole {
    fn place(&self) -> Aside {
        Aside {
            objects: self.objects.relative(),
            records: self.records.path(),
            fork: self.fork.clone(),
        }
    }
}

impl Drop for Version {
    /// One after the other: a way of many thousand versions must not end in as many nested calls.
    fn drop(&mut self) {
        let mut later = self.lock().later.take();
        while let Some(version) = later {
            later = Arc::into_inner(version).and_then(|it| it.lock().later.take());
        }
    }
}

impl Service {
    /// Puts aside what is at a key before it changes. The caller holds [`change`](Self::change), and the
    /// key's lock where there may be a file.
    pub(super) fn keep(&self, key: &Key) -> Result<(), StoreError> {
        let inner = &self.store.inner;
        let Some(version) = inner.history.newest() else {
            return Ok(());
        };
        if version.knows(&self.name, key) {
            return Ok(());
        }
        version.note(&self.name, key, self.is_at(key)?);
        Ok(())
    }

    /// What is at a key, to be kept. The caller holds its lock where there may be a file.
    pub(super) fn is_at(&self, key: &Key) -> Result<Was, StoreError> {
        let sidecars = &self.store.inner.sidecars;
        Ok(match self.files().look(&self.name, key) {
            Some((FileType::Directory, _)) => Was::Folder {
                created: sidecars.folder_created(&self.name, key),
            },
            Some((FileType::RegularFile, identity)) => Was::File {
                content: self.files().second_name(self.name.as_str(), key)?,
                record: sidecars.read(&self.name, &hash(&self.name, key), identity),
            },
            _ => Was::Nothing,
        })
    }

    /// Removes everything at once. The caller holds the store still.
    pub(super) fn clear(&self) -> Result<(), StoreError> {
        let whole = self.put_aside()?;
        if let Some(version) = self.store.inner.history.newest() {
            version.note_whole(&self.name, whole);
        }
        self.make()
    }

    fn put_aside(&self) -> Result<Whole, StoreError> {
        // Somebody may have removed the one or the other.
        self.make()?;
        Ok(Whole {
            objects: self.files().put_tree_aside(&self.path(&Key::root()))?,
            records: self.files().put_tree_aside(&self.records())?,
            fork: self.store.inner.forks.take(&self.name),
        })
    }

    fn put_back(&self, whole: Whole) -> Result<(), StoreError> {
        self.files()
            .put_tree_back(whole.objects, &self.path(&Key::root()))?;
        self.files().put_tree_back(whole.records, &self.records())?;
        if let Some(fork) = whole.fork {
            self.store.inner.forks.set(&self.name, fork);
        }
        Ok(())
    }

    /// Makes it what it was; gives what it is now if that is to be kept.
    fn swap(&self, changed: Changed, is_kept: bool) -> Result<Option<Changed>, StoreError> {
        let Changed { keys, whole } = changed;
        let mut now = Changed::default();
        if let Some(whole) = whole {
            let aside = self.put_aside()?;
            self.put_back(whole)?;
            now.whole = is_kept.then_some(aside);
        }
        // What a folder holds goes before the folder.
        for (key, was) in keys.iter().rev() {
            let is = self.take_away(key, was)?;
            if now.whole.is_none() {
                now.keys.insert(key.clone(), is);
            }
        }
        for (key, was) in keys {
            self.give_back(&key, was)?;
        }
        Ok(is_kept.then_some(now))
    }

    /// Removes what is at a key and gives it. A folder that stays one keeps what it holds.
    fn take_away(&self, key: &Key, was: &Was) -> Result<Was, StoreError> {
        let sidecars = &self.store.inner.sidecars;
        let hash = hash(&self.name, key);
        let is = match self.files().look(&self.name, key) {
            Some((FileType::Directory, _)) => {
                let created = sidecars.folder_created(&self.name, key);
                if !matches!(was, Was::Folder { .. }) {
                    self.remove_folder(key)?;
                }
                Was::Folder { created }
            }
            Some((FileType::RegularFile, identity)) => Was::File {
                record: sidecars.read(&self.name, &hash, identity),
                content: self.files().put_aside(&self.name, key)?,
            },
            _ => Was::Nothing,
        };
        sidecars.remove(&self.name, &hash);
        Ok(is)
    }

    fn remove_folder(&self, key: &Key) -> Result<(), StoreError> {
        match self.files().remove_folder(&self.name, key) {
            // Another program put something there.
            Err(StoreError::NotEmpty(_)) => {
                drop(self.files().put_tree_aside(&self.path(key))?);
                Ok(())
            }
            other => other,
        }
    }

    pub(super) fn give_back(&self, key: &Key, was: Was) -> Result<(), StoreError> {
        let sidecars = &self.store.inner.sidecars;
        match was {
            Was::Nothing => {}
            Was::Folder { created } => {
                self.make_parents(key)?;
                self.files().make_folder(&self.name, key)?;
                if let Some(created) = created {
                    sidecars.set_folder_created(&self.name, key, created);
                }
            }
            Was::File {
                mut content,
                record,
            } => {
                self.make_parents(key)?;
                if let Some(record) = &record {
                    sidecars.append(&self.name, &hash(&self.name, key), record)?;
                }
                let (parent, name) = self.files().parent(&self.name, key)?;
                self.files().place(&mut content, &parent, name, key)?;
            }
        }
        Ok(())
    }
}

impl Store {
    /// Makes everything what it was. The caller holds the store still.
    pub(super) fn go_to(&self, version: &Arc<Version>) -> Result<(), StoreError> {
        let mut way = vec![Arc::clone(version)];
        while let Some(later) = way.last().and_then(|it| it.lock().later.clone()) {
            way.push(later);
        }
        let mut newer: Option<Arc<Version>> = None;
        for version in way.into_iter().rev() {
            let changes = {
                let mut inner = version.lock();
                inner.later = None;
                mem::take(&mut inner.changes)
            };
            self.inner.history.set_newest(&version);
            for (name, changed) in changes {
                let service = Service::new(self.clone(), &name)?;
                let now = service.swap(changed, newer.is_some())?;
                if let (Some(now), Some(newer)) = (now, &newer) {
                    newer.lock().changes.insert(name, now);
                }
            }
            if let Some(newer) = newer.replace(Arc::clone(&version)) {
                newer.lock().later = Some(version);
            }
        }
        Ok(())
    }
}
