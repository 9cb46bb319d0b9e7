//! Snapshots that are kept by id, for who is in another process.

use std::{collections::BTreeMap, sync::Arc, time::SystemTime};

use parking_lot::Mutex;
use serde::Serialize;

use super::Snapshot;
use crate::clock::unix_milliseconds;

/// Kept snapshots. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshots(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    taken: u64,
    kept: BTreeMap<u64, Kept>,
}

#[derive(Debug)]
struct Kept {
    time_ms: u64,
    snapshot: Snapshot,
}

/// What is reported of one.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct SnapshotRecord {
    id: String,
    time_ms: u64,
}

impl Snapshots {
    /// Keeps one; returns its id, and when it was taken.
    pub(crate) fn keep(&self, snapshot: Snapshot, now: SystemTime) -> (String, u64) {
        let time_ms = unix_milliseconds(now);
        let mut inner = self.0.lock();
        inner.taken += 1;
        let number = inner.taken;
        inner.kept.insert(number, Kept { time_ms, snapshot });
        (id(number), time_ms)
    }

    pub(crate) fn all(&self) -> Vec<SnapshotRecord> {
        let inner = self.0.lock();
        let kept = inner.kept.iter();
        kept.map(|(number, kept)| SnapshotRecord {
            id: id(*number),
            time_ms: kept.time_ms,
        })
        .collect()
    }

    pub(crate) fn get(&self, id: &str) -> Option<Snapshot> {
        let number = number(id)?;
        let inner = self.0.lock();
        inner.kept.get(&number).map(|kept| kept.snapshot.clone())
    }

    /// False if there is none.
    pub(crate) fn forget(&self, id: &str) -> bool {
        let Some(number) = number(id) else {
            return false;
        };
        // Its files are removed when the lock is no longer held.
        let gone = self.0.lock().kept.remove(&number);
        gone.is_some()
    }
}

fn id(number: u64) -> String {
    format!("s{number}")
}

fn number(id: &str) -> Option<u64> {
    id.strip_prefix('s')?.parse().ok()
}
