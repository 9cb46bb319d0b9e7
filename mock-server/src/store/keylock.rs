//! Locks of keys, for the instant in which an object changes.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::sidecar::KeyHash;

const SHARDS: usize = 64;

/// One of a fixed number of locks for each key.
#[derive(Debug)]
pub(super) struct KeyLocks {
    shards: [Mutex<()>; SHARDS],
}

impl Default for KeyLocks {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Mutex::new(())),
        }
    }
}

impl KeyLocks {
    /// Held over a few system calls, never over the reading or writing of a body.
    pub(super) fn lock(&self, key: &KeyHash) -> MutexGuard<'_, ()> {
        self.shard(shard(key))
    }

    /// Both locks, always in the same order, so that two who swap keys do not wait for each other.
    pub(super) fn lock_two(
        &self,
        a: &KeyHash,
        b: &KeyHash,
    ) -> (MutexGuard<'_, ()>, Option<MutexGuard<'_, ()>>) {
        let (a, b) = (shard(a), shard(b));
        let first = self.shard(a.min(b));
        (first, (a != b).then(|| self.shard(a.max(b))))
    }

    fn shard(&self, at: usize) -> MutexGuard<'_, ()> {
        // The lock guards files, not memory: a panic elsewhere leaves nothing broken in it.
        self.shards[at]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn shard(key: &KeyHash) -> usize {
    usize::from(key.as_bytes()[0]) % SHARDS
}
