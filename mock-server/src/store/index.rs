//! Sorted names of large folders, so that a page costs what the page costs.
//!
//! A folder gives its names in no order, so a page of it needs all of them, sorted. For a small one
//! that is nothing; for a million entries it is a second, and so their names are kept. What keeps
//! them true is the kernel: it reports every name that comes or goes in a watched folder, ours and
//! those of other programs alike, and all reports are read before a page is answered. So no write
//! has to tell the index anything, and a file that somebody drops in is listed at once. Reports that
//! overflow the kernel's queue make us forget the index and read the folder again.

use std::{
    collections::{BTreeMap, HashMap},
    ops::Bound,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU32, Ordering},
};

use parking_lot::Mutex;
use upyun_client::protocol::list::EntryKind;

use super::{
    StoreError,
    list::{Name, Order, scan},
};

/// Folders with fewer names are read each time.
const LARGE: usize = 1000;
/// Names that are kept in all; the index that was used longest ago goes first.
const MOST_NAMES: usize = 4_000_000;
/// The kernel's queue holds 16,384 reports, and nobody reads it while nobody lists.
const READ_EVERY: u32 = 4096;

#[derive(Debug, Default)]
pub(super) struct Indexes {
    inner: Mutex<Inner>,
    /// Whether there is anything to keep true.
    in_use: AtomicBool,
    writes: AtomicU32,
}

#[derive(Debug, Default)]
struct Inner {
    watching: Watching,
    folders: HashMap<PathBuf, Index>,
    uses: u64,
}

/// Whether the kernel reports changes.
#[derive(Debug, Default)]
enum Watching {
    /// No large folder was listed yet.
    #[default]
    Unused,
    On(Watcher),
    /// The system has no watcher to give.
    Impossible,
}

#[derive(Debug)]
struct Index {
    watch: i32,
    names: BTreeMap<Box<str>, EntryKind>,
    /// What changed while the folder was being read; `None` afterwards.
    meanwhile: Option<Vec<(Box<str>, Option<EntryKind>)>>,
    last_use: u64,
}

impl Index {
    fn change(&mut self, name: Box<str>, kind: Option<EntryKind>) {
        match (&mut self.meanwhile, kind) {
            (Some(meanwhile), kind) => meanwhile.push((name, kind)),
            (None, Some(kind)) => {
                self.names.insert(name, kind);
            }
            (None, None) => {
                self.names.remove(&name);
            }
        }
    }

    fn page(&self, after: Option<&str>, limit: usize, order: Order) -> Vec<Name> {
        let after = after.map_or(Bound::Unbounded, Bound::Excluded);
        match order {
            Order::Asc => {
                let names = self.names.range::<str, _>((after, Bound::Unbounded));
                names.take(limit).map(owned).collect()
            }
            Order::Desc => {
                let names = self.names.range::<str, _>((Bound::Unbounded, after));
                names.rev().take(limit).map(owned).collect()
            }
        }
    }
}

/// A name that outlives the lock.
fn owned<N: Clone>((name, kind): (&N, &EntryKind)) -> (N, EntryKind) {
    (name.clone(), *kind)
}

impl Indexes {
    /// The names of a page of the folder that is open at `folder` and lies at `path`.
    pub(super) fn page(
        &self,
        path: &Path,
        folder: &OwnedFd,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<Vec<Name>, StoreError> {
        if self.in_use.load(Ordering::Relaxed) {
            let mut inner = self.inner.lock();
            inner.read_reports();
            inner.uses += 1;
            let uses = inner.uses;
            if let Some(index) = inner.folders.get_mut(path)
                && index.meanwhile.is_none()
            {
                index.last_use = uses;
                return Ok(index.page(after, limit, order));
            }
        }
        let mut names = scan(folder)?;
        if names.len() >= LARGE {
            if let Some(page) = self.build(path, folder, after, limit, order)? {
                return Ok(page);
            }
            names = scan(folder)?;
        }
        names.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        if order == Order::Desc {
            names.reverse();
        }
        let begin = after.map_or(0, |after| match order {
            Order::Asc => names.partition_point(|(name, _)| &**name <= after),
            Order::Desc => names.partition_point(|(name, _)| &**name >= after),
        });
        Ok(names.drain(begin..).take(limit).collect())
    }

    /// Reads a folder under watch. `None` if it cannot be watched, or is being read already.
    fn build(
        &self,
        path: &Path,
        folder: &OwnedFd,
        after: Option<&str>,
        limit: usize,
        order: Order,
    ) -> Result<Option<Vec<Name>>, StoreError> {
        let watch = {
            let mut inner = self.inner.lock();
            if inner.folders.contains_key(path) {
                return Ok(None);
            }
            let Some(watch) = inner.watch(path) else {
                return Ok(None);
            };
            let index = Index {
                watch,
                names: BTreeMap::new(),
                meanwhile: Some(Vec::new()),
                last_use: 0,
            };
            inner.folders.insert(path.to_owned(), index);
            self.in_use.store(true, Ordering::Relaxed);
            watch
        };
        // The watch is on, so whatever the reading misses is reported.
        let names = scan(folder);
        let mut inner = self.inner.lock();
        inner.read_reports();
        inner.uses += 1;
        let uses = inner.uses;
        let Some(index) = inner
            .folders
            .get_mut(path)
            .filter(|index| index.watch == watch)
        else {
            return Ok(None);
        };
        let names = match names {
            Ok(names) => names,
            Err(error) => {
                inner.forget(path);
                return Err(error);
            }
        };
        index.names = names.into_iter().collect();
        index.last_use = uses;
        for (name, kind) in index.meanwhile.take().into_iter().flatten() {
            index.change(name, kind);
        }
        let page = index.page(after, limit, order);
        inner.make_room(path);
        Ok(Some(page))
    }

    /// Counts a write of ours, so that the reports of many do not overflow the kernel's queue.
    pub(super) fn count_write(&self) {
        if self.in_use.load(Ordering::Relaxed)
            && self.writes.fetch_add(1, Ordering::Relaxed) % READ_EVERY == READ_EVERY - 1
        {
            self.inner.lock().read_reports();
        }
    }

    /// Drops all indexes: the trees were replaced.
    pub(super) fn forget(&self) {
        self.inner.lock().forget_all();
    }
}

impl Inner {
    fn watch(&mut self, path: &Path) -> Option<i32> {
        if let Watching::Unused = self.watching {
            self.watching = Watcher::new().map_or(Watching::Impossible, Watching::On);
            if let Watching::Impossible = self.watching {
                tracing::info!("large folders are read for each page: nothing can be watched here");
            }
        }
        match &self.watching {
            Watching::On(watcher) => watcher.add(path),
            Watching::Unused | Watching::Impossible => None,
        }
    }

    fn read_reports(&mut self) {
        let Watching::On(watcher) = &self.watching else {
            return;
        };
        for report in watcher.read() {
            match report {
                Report::Name { watch, name, kind } => {
                    if let Some(index) =
                        self.folders.values_mut().find(|index| index.watch == watch)
                    {
                        index.change(name, kind);
                    }
                }
                Report::Gone { watch } => self.folders.retain(|_, index| index.watch != watch),
                Report::Overflow => {
                    self.forget_all();
                    return;
                }
            }
        }
    }

    fn forget_all(&mut self) {
        let paths: Vec<PathBuf> = self.folders.keys().cloned().collect();
        paths.iter().for_each(|path| self.forget(path));
    }

    fn forget(&mut self, path: &Path) {
        if let Some(index) = self.folders.remove(path)
            && let Watching::On(watcher) = &self.watching
        {
            watcher.remove(index.watch);
        }
    }

    /// Drops indexes until the rest is small enough, but never the one that was just built.
    fn make_room(&mut self, but: &Path) {
        while self
            .folders
            .values()
            .map(|index| index.names.len())
            .sum::<usize>()
            > MOST_NAMES
        {
            let others = self.folders.iter().filter(|(path, _)| *path != but);
            let oldest = others.min_by_key(|(_, index)| index.last_use);
            let Some(oldest) = oldest.map(|(path, _)| path.clone()) else {
                return;
            };
            self.forget(&oldest);
        }
    }
}

enum Report {
    Name {
        watch: i32,
        name: Box<str>,
        kind: Option<EntryKind>,
    },
    Gone {
        watch: i32,
    },
    Overflow,
}

#[cfg(target_os = "linux")]
use linux::Watcher;

#[cfg(target_os = "linux")]
mod linux {
    use std::{mem::MaybeUninit, os::fd::OwnedFd, path::Path};

    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
    use upyun_client::protocol::list::EntryKind;

    use super::Report;

    const BUFFER_BYTES: usize = 32 * 1024;

    #[derive(Debug)]
    pub(super) struct Watcher(OwnedFd);

    impl Watcher {
        pub(super) fn new() -> Option<Self> {
            inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC)
                .ok()
                .map(Self)
        }

        pub(super) fn add(&self, folder: &Path) -> Option<i32> {
            let changes = WatchFlags::CREATE
                | WatchFlags::DELETE
                | WatchFlags::MOVED_FROM
                | WatchFlags::MOVED_TO
                | WatchFlags::DELETE_SELF
                | WatchFlags::MOVE_SELF
                | WatchFlags::ONLYDIR
                | WatchFlags::DONT_FOLLOW;
            inotify::add_watch(&self.0, folder, changes).ok()
        }

        pub(super) fn remove(&self, watch: i32) {
            // Fails when the folder has gone, and the watch with it.
            let _ = inotify::remove_watch(&self.0, watch);
        }

        /// All reports up to now.
        pub(super) fn read(&self) -> Vec<Report> {
            let mut buffer = vec![MaybeUninit::uninit(); BUFFER_BYTES];
            let mut reader = Reader::new(&self.0, &mut buffer);
            let mut reports = Vec::new();
            while let Ok(event) = reader.next() {
                let (watch, flags) = (event.wd(), event.events());
                if flags.contains(ReadFlags::QUEUE_OVERFLOW) {
                    reports.push(Report::Overflow);
                    continue;
                }
                let gone = ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED;
                if flags.intersects(gone) {
                    reports.push(Report::Gone { watch });
                    continue;
                }
                let name = event.file_name().and_then(|name| name.to_str().ok());
                let Some(name) = name.filter(|name| !name.contains(['\r', '\n', '\t'])) else {
                    continue;
                };
                let came = flags.intersects(ReadFlags::CREATE | ReadFlags::MOVED_TO);
                let is_folder = flags.contains(ReadFlags::ISDIR);
                let kind = if is_folder {
                    EntryKind::Folder
                } else {
                    EntryKind::File
                };
                // Links and pipes are taken for files here and left out when they are looked at.
                reports.push(Report::Name {
                    watch,
                    name: name.into(),
                    kind: came.then_some(kind),
                });
            }
            reports
        }
    }
}

#[cfg(not(target_os = "linux"))]
use other::Watcher;

#[cfg(not(target_os = "linux"))]
mod other {
    use std::path::Path;

    use super::Report;

    /// Nothing is watched, so large folders are read for each page.
    #[derive(Debug)]
    pub(super) struct Watcher;

    impl Watcher {
        pub(super) fn new() -> Option<Self> {
            None
        }

        pub(super) fn add(&self, _: &Path) -> Option<i32> {
            None
        }

        pub(super) fn remove(&self, _: i32) {}

        pub(super) fn read(&self) -> Vec<Report> {
            Vec::new()
        }
    }
}
