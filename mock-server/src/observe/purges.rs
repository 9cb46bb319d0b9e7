//! What was purged.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use serde::Serialize;

use super::clock::unix_milliseconds;

/// Purges that are remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;

/// A URL whose cached copies were dropped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PurgeEntry {
    /// By the server's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// Whose domain it is.
    pub service: String,
    /// Who asked.
    pub operator: String,
    /// As it was sent.
    pub url: String,
}

/// The purges of a server. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Purges(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    entries: VecDeque<PurgeEntry>,
    /// When each service asked for how many URLs, invalid ones too, oldest first.
    asked: VecDeque<(SystemTime, String, usize)>,
}

impl Purges {
    /// Counts URLs against a limit for some time; false, and nothing is counted, if that is too many.
    pub(crate) fn count(
        &self,
        service: &str,
        urls: usize,
        now: SystemTime,
        most: usize,
        window: Duration,
    ) -> bool {
        let mut inner = self.lock();
        // A clock that was set back must not keep the old counts forever.
        let is_recent =
            |then: SystemTime| now.duration_since(then).is_ok_and(|passed| passed < window);
        inner.asked.retain(|(then, ..)| is_recent(*then));
        let recent = inner.asked.iter().filter(|(_, name, _)| name == service);
        if recent.map(|(.., urls)| urls).sum::<usize>() + urls > most {
            return false;
        }
        inner.asked.push_back((now, service.to_owned(), urls));
        true
    }

    /// Remembers a URL.
    pub(crate) fn push(&self, now: SystemTime, service: &str, operator: &str, url: &str) {
        let mut inner = self.lock();
        if inner.entries.len() == CAPACITY {
            inner.entries.pop_front();
        }
        inner.entries.push_back(PurgeEntry {
            time_ms: unix_milliseconds(now),
            service: service.to_owned(),
            operator: operator.to_owned(),
            url: url.to_owned(),
        });
    }

    /// All that are remembered, oldest first.
    pub(crate) fn entries(&self) -> Vec<PurgeEntry> {
        self.lock().entries.iter().cloned().collect()
    }

    /// Forgets all, and what was counted.
    pub(crate) fn clear(&self) {
        *self.lock() = Inner::default();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
