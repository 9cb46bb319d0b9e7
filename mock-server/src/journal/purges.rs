//! What was purged.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime},
};

use parking_lot::Mutex;
use serde::Serialize;

use crate::clock::unix_milliseconds;

/// Purges that are remembered; the oldest are forgotten first.
const CAPACITY: usize = 10_000;
/// What they may hold, in bytes.
const MAX_BYTES: usize = 16 * 1024 * 1024;

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

impl PurgeEntry {
    fn bytes(&self) -> usize {
        size_of::<Self>() + self.service.len() + self.operator.len() + self.url.len()
    }
}

/// The purges of a server. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Purges(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    entries: VecDeque<PurgeEntry>,
    /// The sum of all entries' bytes.
    bytes: usize,
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
        let mut inner = self.0.lock();
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
        let mut inner = self.0.lock();
        let entry = PurgeEntry {
            time_ms: unix_milliseconds(now),
            service: service.to_owned(),
            operator: operator.to_owned(),
            url: url.to_owned(),
        };
        inner.bytes += entry.bytes();
        inner.entries.push_back(entry);
        while inner.entries.len() > CAPACITY || inner.bytes > MAX_BYTES {
            let Some(oldest) = inner.entries.pop_front() else {
                break;
            };
            inner.bytes -= oldest.bytes();
        }
    }

    /// All that are remembered, oldest first.
    pub(crate) fn entries(&self) -> Vec<PurgeEntry> {
        self.0.lock().entries.iter().cloned().collect()
    }

    /// Forgets all, and what was counted.
    pub(crate) fn clear(&self) {
        *self.0.lock() = Inner::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_urls_push_the_oldest_out() {
        let purges = Purges::default();
        let url = "x".repeat(MAX_BYTES / 4);
        for time in 0..10 {
            let now = SystemTime::UNIX_EPOCH + Duration::from_millis(time);
            purges.push(now, "demo", "ann", &url);
        }
        let times: Vec<u64> = purges.entries().iter().map(|entry| entry.time_ms).collect();
        assert_eq!(times, [7, 8, 9]);
        assert!(purges.0.lock().bytes <= MAX_BYTES);
    }
}
