//! The journal: what was asked, what was answered, and why it was refused.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use upyun_client::protocol::ErrorCode;

use super::{ApiName, AppliedFault, RequestId};
use crate::auth::Explanation;

/// One request and its answer.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Counts the requests of this server, from 1.
    pub number: u64,
    /// The `X-Request-Id` of the answer.
    pub id: RequestId,
    /// When it arrived by the server's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// The request method.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// Path and query as sent.
    pub path: String,
    /// Who was named in the authorization, whether or not the signature was right.
    pub operator: Option<String>,
    /// The status of the answer.
    pub status: u16,
    /// The service's code, if the answer is an error.
    pub code: Option<ErrorCode>,
    /// Bytes of the request's body that were read.
    pub bytes_in: u64,
    /// Bytes of the answer's body that were sent.
    pub bytes_out: u64,
    /// From the end of the request's head to the end of the answer's body, in microseconds.
    pub duration_us: u64,
    /// Why it was refused, in words.
    pub explanation: Option<Arc<Explanation>>,
    /// The API that it was for.
    pub api: Option<ApiName>,
    /// The service that it named, whether or not there is one.
    pub service: Option<String>,
    /// What faults did to it, in the order in which they did.
    pub faults: Vec<AppliedFault>,
    /// The ids of what is legal about it but fragile.
    pub fragile: Vec<&'static str>,
}

/// The newest requests of a server. A cheap handle.
#[derive(Clone, Debug)]
pub struct Journal {
    inner: Arc<Mutex<Inner>>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Inner {
    entries: VecDeque<Arc<JournalEntry>>,
    written: u64,
}

impl Journal {
    /// A journal that keeps this many entries and forgets the oldest first.
    pub fn with_capacity(capacity: usize) -> Self {
        Self {
            inner: Arc::default(),
            capacity: capacity.max(1),
        }
    }

    /// Appends an entry and numbers it.
    pub(crate) fn record(&self, mut entry: JournalEntry) -> Arc<JournalEntry> {
        let mut inner = self.lock();
        inner.written += 1;
        entry.number = inner.written;
        let entry = Arc::new(entry);
        if inner.entries.len() == self.capacity {
            inner.entries.pop_front();
        }
        inner.entries.push_back(Arc::clone(&entry));
        entry
    }

    /// All entries that are kept, oldest first.
    pub fn entries(&self) -> Vec<Arc<JournalEntry>> {
        self.lock().entries.iter().cloned().collect()
    }

    /// The newest entries that the filter lets through, oldest first.
    pub fn select(&self, filter: &JournalFilter) -> Vec<Arc<JournalEntry>> {
        let mut selected: Vec<_> = self
            .lock()
            .entries
            .iter()
            .rev()
            .filter(|entry| filter.matches(entry))
            .take(filter.limit.unwrap_or(usize::MAX))
            .cloned()
            .collect();
        selected.reverse();
        selected
    }

    /// Forgets all entries. Numbers go on.
    pub fn clear(&self) {
        self.lock().entries.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which entries are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct JournalFilter {
    /// At most this many, the newest.
    pub limit: Option<usize>,
    /// This method, in any case of letters.
    pub method: Option<String>,
    /// Paths that contain this text.
    pub path: Option<String>,
    /// This operator.
    pub operator: Option<String>,
    /// This status.
    pub status: Option<u16>,
    /// Entries with a higher number.
    pub after: Option<u64>,
}

impl JournalFilter {
    fn matches(&self, entry: &JournalEntry) -> bool {
        self.method
            .as_deref()
            .is_none_or(|method| entry.method.eq_ignore_ascii_case(method))
            && self
                .path
                .as_deref()
                .is_none_or(|path| entry.path.contains(path))
            && self
                .operator
                .as_ref()
                .is_none_or(|name| entry.operator.as_ref() == Some(name))
            && self.status.is_none_or(|status| entry.status == status)
            && self.after.is_none_or(|after| entry.number > after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, status: u16) -> JournalEntry {
        JournalEntry {
            number: 0,
            id: RequestId::random(),
            time_ms: 0,
            method: "GET".into(),
            host: String::new(),
            path: path.into(),
            operator: Some("op".into()),
            status,
            code: None,
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            explanation: None,
            api: None,
            service: None,
            faults: Vec::new(),
            fragile: Vec::new(),
        }
    }

    #[track_caller]
    fn check(journal: &Journal, filter: JournalFilter, want: &[u64]) {
        let got: Vec<u64> = journal
            .select(&filter)
            .iter()
            .map(|entry| entry.number)
            .collect();
        assert_eq!(got, want);
    }

    #[test]
    fn the_oldest_entries_make_room() {
        let journal = Journal::with_capacity(2);
        for path in ["/a", "/b", "/c"] {
            journal.record(entry(path, 200));
        }
        check(&journal, JournalFilter::default(), &[2, 3]);
        journal.clear();
        assert!(journal.entries().is_empty());
        assert_eq!(journal.record(entry("/d", 200)).number, 4);
    }

    #[test]
    fn filters_narrow_and_limits_keep_the_newest() {
        let journal = Journal::with_capacity(9);
        for (path, status) in [("/x/a", 200), ("/x/b", 404), ("/y", 404)] {
            journal.record(entry(path, status));
        }
        let any = JournalFilter::default();
        check(
            &journal,
            JournalFilter {
                limit: Some(1),
                ..any.clone()
            },
            &[3],
        );
        check(
            &journal,
            JournalFilter {
                status: Some(404),
                ..any.clone()
            },
            &[2, 3],
        );
        check(
            &journal,
            JournalFilter {
                path: Some("/x".into()),
                ..any.clone()
            },
            &[1, 2],
        );
        check(
            &journal,
            JournalFilter {
                after: Some(2),
                ..any.clone()
            },
            &[3],
        );
        check(
            &journal,
            JournalFilter {
                method: Some("get".into()),
                ..any.clone()
            },
            &[1, 2, 3],
        );
        check(
            &journal,
            JournalFilter {
                operator: Some("x".into()),
                ..any
            },
            &[],
        );
    }
}
