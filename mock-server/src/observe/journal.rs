//! The journal: what was asked, what was answered, and why it was refused.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;
use tokio::sync::watch;
use upyun_client::protocol::ErrorCode;

use super::{ApiName, AppliedFault, JournalFilter, OperationName, RequestId, whole::Whole};
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
    /// What it asked for.
    pub operation: Option<OperationName>,
    /// The service that it named, whether or not there is one.
    pub service: Option<String>,
    /// What faults did to it, in the order in which they did.
    pub faults: Vec<AppliedFault>,
    /// The ids of what is legal about it but fragile.
    pub fragile: Vec<&'static str>,
    /// What only who looks at this one request wants to know.
    #[serde(skip)]
    pub(crate) whole: Whole,
}

impl JournalEntry {
    /// The headers of the request, in the order of their names' first appearance. A password is
    /// masked.
    pub fn request_headers(&self) -> Vec<(String, String)> {
        self.whole.request_headers()
    }

    /// The headers of the answer, without those that the HTTP library adds.
    pub fn response_headers(&self) -> Vec<(String, String)> {
        self.whole.response_headers()
    }

    /// The beginning of the request's body as far as it was read, at most 4 KiB.
    pub fn request_body(&self) -> &[u8] {
        &self.whole.request_body
    }

    /// The beginning of the answer's body, at most 4 KiB.
    pub fn response_body(&self) -> &[u8] {
        &self.whole.response_body
    }

    /// What it costs to keep, about.
    fn bytes(&self) -> usize {
        let explanation = self.explanation.as_ref().map_or(0, |why| {
            [&why.remedy, &why.string_to_sign, &why.client_signed]
                .into_iter()
                .flatten()
                .map(String::len)
                .sum::<usize>()
                + why.cause.len()
        });
        size_of::<Self>() + self.host.len() + self.path.len() + self.whole.bytes() + explanation
    }
}

/// The newest requests of a server. A cheap handle.
#[derive(Clone, Debug)]
pub struct Journal {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    inner: Mutex<Inner>,
    /// The newest number, for those who follow.
    newest: watch::Sender<u64>,
    most_entries: usize,
    most_bytes: usize,
}

/// The numbers of the entries that are kept have no gap, so that an entry is found by its number.
#[derive(Debug, Default)]
struct Inner {
    entries: VecDeque<Arc<JournalEntry>>,
    bytes: usize,
    written: u64,
    forgotten: u64,
}

impl Journal {
    /// A journal that keeps this many entries and forgets the oldest first; with 0 it keeps nothing.
    pub fn with_capacity(entries: usize) -> Self {
        Self::with_limits(entries, usize::MAX)
    }

    /// A journal that is also bounded in the bytes of its entries.
    pub fn with_limits(entries: usize, bytes: usize) -> Self {
        Self {
            shared: Arc::new(Shared {
                inner: Mutex::default(),
                newest: watch::Sender::new(0),
                most_entries: entries,
                most_bytes: bytes,
            }),
        }
    }

    /// Whether anything is kept.
    pub(crate) fn is_on(&self) -> bool {
        self.shared.most_entries > 0
    }

    /// Appends an entry and numbers it.
    pub(crate) fn record(&self, mut entry: JournalEntry) -> Arc<JournalEntry> {
        let mut inner = self.lock();
        inner.written += 1;
        entry.number = inner.written;
        let number = entry.number;
        let entry = Arc::new(entry);
        // Dropped when the lock is no longer held.
        let mut room = Vec::new();
        if self.is_on() {
            inner.bytes += entry.bytes();
            inner.entries.push_back(Arc::clone(&entry));
            while inner.entries.len() > self.shared.most_entries
                || inner.bytes > self.shared.most_bytes && inner.entries.len() > 1
            {
                let Some(oldest) = inner.entries.pop_front() else {
                    break;
                };
                inner.bytes -= oldest.bytes();
                inner.forgotten += 1;
                room.push(oldest);
            }
        }
        drop(inner);
        if self.shared.newest.receiver_count() > 0 {
            self.shared.newest.send_replace(number);
        }
        entry
    }

    /// All entries that are kept, oldest first.
    pub fn entries(&self) -> Vec<Arc<JournalEntry>> {
        self.lock().entries.iter().cloned().collect()
    }

    /// The entry of this number, if it is kept.
    pub fn entry(&self, number: u64) -> Option<Arc<JournalEntry>> {
        let inner = self.lock();
        let index = inner.index_after(number.checked_sub(1)?);
        let entry = inner.entries.get(index)?;
        (entry.number == number).then(|| Arc::clone(entry))
    }

    /// How many entries had to make room for newer ones.
    pub fn forgotten(&self) -> u64 {
        self.lock().forgotten
    }

    /// The newest entries that the filter lets through, oldest first.
    pub fn select(&self, filter: &JournalFilter) -> Vec<Arc<JournalEntry>> {
        let limit = filter.limit.unwrap_or(usize::MAX);
        let mut selected = Vec::new();
        let mut before = u64::MAX;
        // Searched without the lock, a piece at a time: a long history must not hold up requests.
        loop {
            let piece = self.before(before, filter.after.unwrap_or(0));
            let Some(oldest) = piece.last() else { break };
            before = oldest.number;
            for entry in piece {
                if selected.len() >= limit {
                    break;
                }
                if filter.matches(&entry) {
                    selected.push(entry);
                }
            }
            if selected.len() >= limit {
                break;
            }
        }
        selected.reverse();
        selected
    }

    /// Entries between two numbers, the newest first; not all if there are many.
    fn before(&self, before: u64, after: u64) -> Vec<Arc<JournalEntry>> {
        let inner = self.lock();
        let end = inner.index_after(before.saturating_sub(1));
        let begin = inner.index_after(after).max(end.saturating_sub(PIECE));
        let entries = inner.entries.range(begin.min(end)..end);
        entries.rev().cloned().collect()
    }

    /// The entries after a number, the oldest first; not all if there are many. Also how many that
    /// came after it are gone.
    pub(crate) fn after(&self, number: u64) -> (Vec<Arc<JournalEntry>>, u64) {
        let inner = self.lock();
        let begin = inner.index_after(number);
        let end = inner.entries.len().min(begin + PIECE);
        let first = inner.entries.get(begin).map(|first| first.number);
        let missed = first.map_or(0, |first| first.saturating_sub(number + 1));
        (inner.entries.range(begin..end).cloned().collect(), missed)
    }

    /// Tells whenever there are newer entries.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.shared.newest.subscribe()
    }

    /// The number of the newest request.
    pub(crate) fn newest(&self) -> u64 {
        self.lock().written
    }

    /// Forgets all entries. Numbers go on.
    pub fn clear(&self) {
        let entries = {
            let mut inner = self.lock();
            inner.bytes = 0;
            inner.forgotten = 0;
            std::mem::take(&mut inner.entries)
        };
        drop(entries);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.shared
            .inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// Entries that are taken out under one lock.
const PIECE: usize = 1024;

impl Inner {
    /// Where the first entry with a higher number is.
    fn index_after(&self, number: u64) -> usize {
        let Some(first) = self.entries.front() else {
            return 0;
        };
        let skipped = number.saturating_add(1).saturating_sub(first.number);
        usize::try_from(skipped)
            .unwrap_or(usize::MAX)
            .min(self.entries.len())
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
            operation: None,
            service: None,
            faults: Vec::new(),
            fragile: Vec::new(),
            whole: Whole::default(),
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
    fn the_bytes_are_bounded_too() {
        let journal = Journal::with_limits(1000, 10 * size_of::<JournalEntry>() + 100);
        for _ in 0..100 {
            journal.record(entry("/a", 200));
        }
        assert_eq!(journal.entries().len(), 10);
        assert_eq!(journal.forgotten(), 90);
        let huge = journal.record(entry(&"x".repeat(100_000), 200));
        check(&journal, JournalFilter::default(), &[huge.number]);
    }

    #[test]
    fn nothing_is_kept_with_no_capacity() {
        let journal = Journal::with_capacity(0);
        assert_eq!(journal.record(entry("/a", 200)).number, 1);
        assert!(journal.entries().is_empty());
    }

    #[test]
    fn entries_are_found_by_number_and_followers_hear_what_they_missed() {
        let journal = Journal::with_capacity(3000);
        for _ in 0..5000 {
            journal.record(entry("/a", 200));
        }
        assert_eq!(journal.entry(2000).map(|it| it.number), None);
        assert_eq!(journal.entry(2001).map(|it| it.number), Some(2001));
        assert_eq!(journal.entry(5000).map(|it| it.number), Some(5000));
        assert!(journal.entry(5001).is_none() && journal.entry(0).is_none());
        let (piece, missed) = journal.after(10);
        assert_eq!((piece[0].number, piece.len(), missed), (2001, PIECE, 1990));
        let (piece, missed) = journal.after(4999);
        assert_eq!((piece[0].number, piece.len(), missed), (5000, 1, 0));
        assert_eq!(journal.after(5000).0.len(), 0);
        let all = journal.select(&JournalFilter::default());
        let numbers: Vec<_> = all.iter().map(|entry| entry.number).collect();
        assert_eq!(numbers, (2001..=5000).collect::<Vec<_>>());
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
