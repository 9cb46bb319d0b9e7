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

mod undo;
mod version;

use std::{
    collections::{BTreeSet, HashSet},
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak, atomic::Ordering},
};

use upyun_client::protocol::ServiceName;

use self::version::{Inner, is_among};
pub(super) use self::version::{Version, Was};
use super::{Service, Store, StoreError, fork::Fork};

/// The versions of a store. Those that nobody needs any more go with what was put aside for them.
#[derive(Debug, Default)]
pub(super) struct History {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    /// The version whose next one is what lies in the directory.
    newest: Weak<Version>,
    all: Vec<Weak<Version>>,
}

/// A version that somebody outside wants to go back to.
#[derive(Debug)]
pub(super) struct Held(Arc<Version>);

impl Held {
    pub(super) fn new(version: Arc<Version>) -> Self {
        version.holders.fetch_add(1, Ordering::Relaxed);
        Self(version)
    }

    pub(super) fn version(&self) -> &Arc<Version> {
        &self.0
    }
}

impl Clone for Held {
    fn clone(&self) -> Self {
        Self::new(Arc::clone(&self.0))
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.holders.fetch_sub(1, Ordering::Relaxed);
    }
}

impl History {
    /// A version that is as everything is now. The caller holds the store still.
    fn begin(&self) -> Arc<Version> {
        let new = Arc::new(Version::default());
        if let Some(before) = self.newest() {
            if before.lock().changes.is_empty() {
                return before;
            }
            before.lock().later = Some(Arc::clone(&new));
        }
        self.set_newest(&new);
        self.lock().all.push(Arc::downgrade(&new));
        new
    }

    fn newest(&self) -> Option<Arc<Version>> {
        self.lock().newest.upgrade()
    }

    fn set_newest(&self, version: &Arc<Version>) {
        self.lock().newest = Arc::downgrade(version);
    }

    /// All versions that there still are.
    fn all(&self) -> Vec<Arc<Version>> {
        let mut known = self.lock();
        known.all.retain(|version| version.strong_count() > 0);
        known.all.iter().filter_map(Weak::upgrade).collect()
    }

    /// Whether anybody may want to see what there was before.
    fn is_needed(&self) -> bool {
        self.all().iter().any(|it| it.is_held())
    }

    /// Drops what nobody can come to, neither who holds a version nor these forks. Versions may hold each
    /// other: what is put aside for one may be a fork that begins with an earlier one. Those that are only on
    /// the way to others become one with these. The caller holds the store still.
    fn tidy(&self, forks: &[Arc<Fork>]) {
        let all = self.all();
        let services: BTreeSet<_> = all.iter().flat_map(|it| it.services()).collect();
        let (mut ends, mut todo) = (Vec::new(), Vec::new());
        for version in all.iter().filter(|it| it.is_held()) {
            ends.push(Arc::clone(version));
            let each = services.iter().cloned();
            todo.extend(each.map(|service| (Arc::clone(version), service)));
        }
        for fork in forks {
            ends.push(Arc::clone(&fork.at));
            todo.push((Arc::clone(&fork.at), fork.source.clone()));
        }
        let mut needed = HashSet::new();
        while let Some((version, service)) = todo.pop() {
            if !needed.insert((Arc::as_ptr(&version), service.clone())) {
                continue;
            }
            let inner = version.lock();
            let whole = inner.changes.get(&service).and_then(|it| it.whole.as_ref());
            match whole {
                Some(whole) => {
                    if let Some(fork) = &whole.fork {
                        ends.push(Arc::clone(&fork.at));
                        todo.push((Arc::clone(&fork.at), fork.source.clone()));
                    }
                }
                None => todo.extend(inner.later.clone().map(|later| (later, service))),
            }
        }
        let mut kept: Vec<Arc<Version>> = Vec::new();
        for end in &ends {
            let mut at = Some(Arc::clone(end));
            while let Some(version) = at.filter(|it| !is_among(&kept, it)) {
                at = version.later();
                kept.push(version);
            }
        }
        // No version goes meanwhile, for all are in `all`: so none is locked twice.
        for version in &all {
            let mut inner = version.lock();
            if is_among(&kept, version) {
                let is_needed =
                    |it: &ServiceName| needed.contains(&(Arc::as_ptr(version), it.clone()));
                inner.changes.retain(|service, _| is_needed(service));
            } else {
                *inner = Inner::default();
            }
        }
        for version in &kept {
            if version.absorb(&kept, &ends) {
                self.set_newest(version);
            }
        }
        let newest = self.newest();
        if newest.is_some_and(|newest| !is_among(&kept, &newest)) {
            self.lock().newest = Weak::new();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// A version that is as everything is now. The caller holds the store still.
    pub(super) fn version(&self) -> Arc<Version> {
        self.tidy();
        self.inner.history.begin()
    }

    /// Drops the versions that nobody needs any more. The caller holds the store still.
    pub(super) fn tidy(&self) {
        self.inner.history.tidy(&self.inner.forks.all());
    }

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
