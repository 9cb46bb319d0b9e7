//! One version, and what is put aside for it.

use std::{
    collections::{BTreeMap, BTreeSet},
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use rustix::fs::FileType;
use upyun_client::protocol::{Key, ServiceName};

use crate::store::{
    StoreError,
    files::{Files, Identity, TempFile, TempTree},
    fork::Fork,
    past::{Aside, Noted},
    record::Record,
};

/// The state of all services at a moment.
#[derive(Debug, Default)]
pub(in crate::store) struct Version {
    pub(super) inner: Mutex<Inner>,
    /// By how many [`Held`].
    pub(super) holders: AtomicUsize,
}

#[derive(Debug, Default)]
pub(super) struct Inner {
    pub(super) changes: BTreeMap<ServiceName, Changed>,
    /// The next one on the way to now; none if that is the next.
    pub(super) later: Option<Arc<Version>>,
}

/// What a service had otherwise than in the next version: these keys, in this tree if there is one.
#[derive(Debug, Default)]
pub(super) struct Changed {
    pub(super) keys: BTreeMap<Key, Was>,
    pub(super) whole: Option<Whole>,
}

/// What was at a key.
#[derive(Debug)]
pub(in crate::store) enum Was {
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
pub(super) struct Whole {
    pub(super) objects: TempTree,
    pub(super) records: TempTree,
    /// What it still had to come.
    pub(super) fork: Option<Arc<Fork>>,
}

impl Version {
    pub(super) fn knows(&self, service: &ServiceName, key: &Key) -> bool {
        let inner = self.lock();
        let changed = inner.changes.get(service);
        changed.is_some_and(|it| it.whole.is_some() || it.keys.contains_key(key))
    }

    /// Who came first knows what was there before all changes.
    pub(super) fn note(&self, service: &ServiceName, key: &Key, was: Was) {
        let mut inner = self.lock();
        let changed = inner.changes.entry(service.clone()).or_default();
        if changed.whole.is_none() {
            changed.keys.entry(key.clone()).or_insert(was);
        }
    }

    pub(super) fn note_whole(&self, service: &ServiceName, whole: Whole) {
        let mut inner = self.lock();
        let changed = inner.changes.entry(service.clone()).or_default();
        changed.whole.get_or_insert(whole);
    }

    /// Takes over what the next ones know, as long as nobody else comes to them. Tells whether it is the
    /// newest thereby.
    pub(super) fn absorb(self: &Arc<Self>, all: &[Arc<Self>], ends: &[Arc<Self>]) -> bool {
        let mut is_newest = false;
        while let Some(next) = self.later() {
            let leads_there =
                |it: &&Arc<Self>| it.later().is_some_and(|it| Arc::ptr_eq(&it, &next));
            if is_among(ends, &next) || all.iter().filter(leads_there).count() > 1 {
                break;
            }
            let Inner { changes, later } = mem::take(&mut *next.lock());
            is_newest = later.is_none();
            let mut inner = self.lock();
            for (service, changed) in changes {
                let known = inner.changes.entry(service).or_default();
                if known.whole.is_none() {
                    for (key, was) in changed.keys {
                        known.keys.entry(key).or_insert(was);
                    }
                    known.whole = changed.whole;
                }
            }
            inner.later = later;
        }
        is_newest
    }

    pub(super) fn is_held(&self) -> bool {
        self.holders.load(Ordering::Relaxed) > 0
    }

    pub(super) fn services(&self) -> Vec<ServiceName> {
        self.lock().changes.keys().cloned().collect()
    }

    pub(in crate::store) fn later(&self) -> Option<Arc<Self>> {
        self.lock().later.clone()
    }

    /// What it knows of a key.
    pub(in crate::store) fn noted(
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
    pub(in crate::store) fn aside(&self, service: &ServiceName) -> Option<Aside> {
        let inner = self.lock();
        let whole = inner.changes.get(service)?.whole.as_ref();
        whole.map(Whole::place)
    }

    /// The names of a folder of which it knows something.
    pub(in crate::store) fn names_in(
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

    pub(super) fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Was {
    /// What is at a key of a tree, to be kept, with what is known of it.
    pub(in crate::store) fn at(
        files: &Files,
        tree: &str,
        key: &Key,
        created: impl FnOnce() -> Option<u64>,
        record: impl FnOnce(Identity) -> Option<Arc<Record>>,
    ) -> Result<Self, StoreError> {
        Ok(match files.look_in(tree, key) {
            Some((FileType::Directory, _)) => Self::Folder { created: created() },
            Some((FileType::RegularFile, identity)) => Self::File {
                content: files.second_name(tree, key)?,
                record: record(identity),
            },
            _ => Self::Nothing,
        })
    }

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

pub(super) fn is_among(versions: &[Arc<Version>], version: &Arc<Version>) -> bool {
    versions.iter().any(|it| Arc::ptr_eq(it, version))
}
