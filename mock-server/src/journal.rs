//! The journal: what was asked, what was answered, and why it was refused.

mod entry;
mod filter;
mod fragile;
pub(crate) mod har;
mod headers;
pub(crate) mod log;
mod purges;

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use tokio::sync::watch;

pub use self::{entry::JournalEntry, filter::JournalFilter, purges::PurgeEntry};
pub(crate) use self::{
    entry::PREVIEW_BYTES,
    fragile::{CALLBACK_REFUSED, FRAGILE, Headers, has, of as fragile_of},
    headers::RecordedHeaders,
    purges::Purges,
};

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
    /// With what each costs to keep.
    entries: VecDeque<(Arc<JournalEntry>, usize)>,
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

    /// Appends an entry and returns its number.
    pub(crate) fn record(&self, mut entry: JournalEntry) -> u64 {
        let bytes = entry.bytes();
        let mut inner = self.shared.inner.lock();
        inner.written += 1;
        let number = inner.written;
        entry.number = number;
        // Dropped when the lock is no longer held.
        let mut forgotten = Vec::new();
        if self.is_on() {
            inner.bytes += bytes;
            inner.entries.push_back((Arc::new(entry), bytes));
            while inner.entries.len() > self.shared.most_entries
                || inner.bytes > self.shared.most_bytes && inner.entries.len() > 1
            {
                let Some((oldest, bytes)) = inner.entries.pop_front() else {
                    break;
                };
                inner.bytes -= bytes;
                inner.forgotten += 1;
                forgotten.push(oldest);
            }
        }
        drop(inner);
        if self.shared.newest.receiver_count() > 0 {
            self.shared.newest.send_replace(number);
        }
        number
    }

    /// All entries that are kept, oldest first.
    pub fn entries(&self) -> Vec<Arc<JournalEntry>> {
        let inner = self.shared.inner.lock();
        let entries = inner.entries.iter().map(|(entry, _)| Arc::clone(entry));
        entries.collect()
    }

    /// The entry of this number, if it is kept.
    pub fn entry(&self, number: u64) -> Option<Arc<JournalEntry>> {
        let inner = self.shared.inner.lock();
        let index = inner.index_after(number.checked_sub(1)?);
        let (entry, _) = inner.entries.get(index)?;
        (entry.number == number).then(|| Arc::clone(entry))
    }

    /// How many entries had to make room for newer ones.
    pub fn forgotten(&self) -> u64 {
        self.shared.inner.lock().forgotten
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
        let inner = self.shared.inner.lock();
        let end = inner.index_after(before.saturating_sub(1));
        let begin = inner.index_after(after).max(end.saturating_sub(PIECE));
        let entries = inner.entries.range(begin.min(end)..end);
        entries.rev().map(|(entry, _)| Arc::clone(entry)).collect()
    }

    /// The entries after a number, the oldest first; not all if there are many. Also how many that
    /// came after it are gone.
    pub(crate) fn after(&self, number: u64) -> (Vec<Arc<JournalEntry>>, u64) {
        let inner = self.shared.inner.lock();
        let begin = inner.index_after(number);
        let end = inner.entries.len().min(begin + PIECE);
        let first = inner.entries.get(begin).map(|(first, _)| first.number);
        let missed = first.map_or(0, |first| first.saturating_sub(number + 1));
        let entries = inner.entries.range(begin..end);
        let entries = entries.map(|(entry, _)| Arc::clone(entry));
        (entries.collect(), missed)
    }

    /// Tells whenever there are newer entries.
    pub(crate) fn follow(&self) -> watch::Receiver<u64> {
        self.shared.newest.subscribe()
    }

    /// The number of the newest request.
    pub(crate) fn newest(&self) -> u64 {
        self.shared.inner.lock().written
    }

    /// Forgets all entries. Numbers go on.
    pub fn clear(&self) {
        let entries = {
            let mut inner = self.shared.inner.lock();
            inner.bytes = 0;
            inner.forgotten = 0;
            std::mem::take(&mut inner.entries)
        };
        drop(entries);
    }
}

/// Entries that are taken out under one lock.
const PIECE: usize = 1024;

impl Inner {
    /// Where the first entry with a higher number is.
    fn index_after(&self, number: u64) -> usize {
        let Some((first, _)) = self.entries.front() else {
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
        JournalEntry::of_get(path, status)
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
        assert_eq!(journal.record(entry("/d", 200)), 4);
    }

    #[test]
    fn the_bytes_are_bounded_too() {
        let journal = Journal::with_limits(1000, 10 * entry("/a", 200).bytes());
        for _ in 0..100 {
            journal.record(entry("/a", 200));
        }
        assert_eq!(journal.entries().len(), 10);
        assert_eq!(journal.forgotten(), 90);
        let huge = journal.record(entry(&"x".repeat(100_000), 200));
        check(&journal, JournalFilter::default(), &[huge]);
    }

    #[test]
    fn nothing_is_kept_with_no_capacity() {
        let journal = Journal::with_capacity(0);
        assert_eq!(journal.record(entry("/a", 200)), 1);
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
