//! The locks of objects, whose order is in their types: first all objects, then a key.
//!
//! A key is locked through the lock on all objects, and functions that need a locked key take a
//! [`LockedKey`]. The other mutexes of the store (caches, quotas, the schedule, uploads) are inside
//! their types and are held over none of these locks.

use parking_lot::{Mutex, MutexGuard, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::key_hash::KeyHash;

const SHARDS: usize = 64;

/// A lock on all objects, and one of a fixed number of locks for each key.
#[derive(Debug)]
pub(super) struct Locks {
    objects: RwLock<()>,
    keys: [Mutex<()>; SHARDS],
}

/// Held by every change of an object, and while one is opened.
pub(super) struct SharedLock<'l> {
    keys: &'l [Mutex<()>; SHARDS],
    _objects: RwLockReadGuard<'l, ()>,
}

/// Held while many objects are replaced: nothing else changes meanwhile.
pub(super) struct ExclusiveLock<'l> {
    _objects: RwLockWriteGuard<'l, ()>,
}

/// A key that no other thread changes. Held over a few system calls, never over the reading or
/// writing of a body.
pub(super) struct LockedKey<'l> {
    pub(super) hash: KeyHash,
    /// None if another guard locks the key too.
    _key: Option<MutexGuard<'l, ()>>,
}

impl Default for Locks {
    fn default() -> Self {
        Self {
            objects: RwLock::new(()),
            keys: std::array::from_fn(|_| Mutex::new(())),
        }
    }
}

impl Locks {
    pub(super) fn shared(&self) -> SharedLock<'_> {
        let objects = self.objects.read();
        SharedLock {
            keys: &self.keys,
            _objects: objects,
        }
    }

    pub(super) fn exclusive(&self) -> ExclusiveLock<'_> {
        let objects = self.objects.write();
        ExclusiveLock { _objects: objects }
    }

    /// Whether the shared lock would have to be waited for.
    pub(super) fn is_exclusive(&self) -> bool {
        self.objects.try_read().is_none()
    }
}

impl SharedLock<'_> {
    pub(super) fn key(&self, hash: KeyHash) -> LockedKey<'_> {
        LockedKey {
            hash,
            _key: Some(self.shard(shard(&hash))),
        }
    }

    /// Locks two keys, always in the same order: two threads that swap keys do not wait for each other.
    pub(super) fn two_keys(&self, a: KeyHash, b: KeyHash) -> (LockedKey<'_>, LockedKey<'_>) {
        let (first, second) = (shard(&a), shard(&b));
        let low = self.shard(first.min(second));
        let high = (first != second).then(|| self.shard(first.max(second)));
        let locked = |hash, key| LockedKey { hash, _key: key };
        (locked(a, Some(low)), locked(b, high))
    }

    fn shard(&self, at: usize) -> MutexGuard<'_, ()> {
        // The lock guards files, not memory: a panic elsewhere leaves nothing broken in it.
        self.keys[at].lock()
    }
}

impl ExclusiveLock<'_> {
    /// A key; all of them are locked.
    pub(super) fn key(&self, hash: KeyHash) -> LockedKey<'_> {
        LockedKey { hash, _key: None }
    }
}

fn shard(key: &KeyHash) -> usize {
    usize::from(key.as_bytes()[0]) % SHARDS
}
