//! A page of a folder.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::fs::{Dir, FileType};
use upyun_client::protocol::{
    Key,
    list::{EntryKind, ListEntry},
};

use super::{
    Service, StoreError,
    files::{Found, look_at},
    key_hash::hash,
    object::content_type_of,
};

/// Which page of a folder is wanted.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery {
    /// Begin after this name; at the beginning if `None`.
    pub after: Option<String>,
    /// At most this many entries.
    pub limit: usize,
    /// By name, upwards or downwards.
    pub order: Order,
    /// Whether the content types are wanted: each costs a look at the metadata.
    pub with_types: bool,
}

/// The order of names, by the bytes of their UTF-8 (`[choice R-58]`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// From the first name on.
    Asc,
    /// From the last name back.
    Desc,
}

/// A page of a folder.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// Files and folders, mixed.
    pub entries: Vec<ListEntry>,
    /// The name after which the next page begins; `None` on the last page.
    pub next: Option<String>,
}

/// A name and what it is.
pub(super) type Name = (Box<str>, EntryKind);

impl Service {
    /// A page of a folder.
    pub(crate) fn list_now(&self, key: &Key, query: &ListQuery) -> Result<Page, StoreError> {
        self.store.run_due_jobs();
        let found = {
            let _shared = self.store.inner.locks.shared();
            self.find(key)?
        };
        let folder = match found {
            Found::Folder(folder, _) => folder,
            Found::File(..) => return Err(StoreError::NotFound(key.clone())),
        };
        // One more than asked for shows whether there is a next page.
        let wanted = query.limit.saturating_add(1);
        let (path, after) = (self.path(key), query.after.as_deref());
        let indexes = &self.store.inner.indexes;
        let mut names = indexes.page(&path, &folder, after, wanted, query.order)?;
        let has_next = names.len() > query.limit;
        names.truncate(query.limit);
        let last = names.last().filter(|_| has_next);
        let next = last.map(|(name, _)| name.to_string());
        let entries = names
            .iter()
            .filter_map(|(name, kind)| self.list_entry(key, &folder, name, *kind, query));
        Ok(Page {
            entries: entries.collect(),
            next,
        })
    }

    /// `None` if the entry has gone in the meantime.
    fn list_entry(
        &self,
        folder_key: &Key,
        folder: &std::os::fd::OwnedFd,
        name: &str,
        kind: EntryKind,
        query: &ListQuery,
    ) -> Option<ListEntry> {
        let (file_type, identity) = look_at(folder, name)?;
        let key = folder_key.join(name).ok()?;
        let name = name.to_owned();
        match kind {
            EntryKind::Folder => {
                let created = self.store.inner.sidecars.folder_created(&self.name, &key);
                let modified = created.unwrap_or(identity.seconds());
                Some(ListEntry {
                    name,
                    kind,
                    size: 0,
                    modified: time(modified),
                    content_type: None,
                })
            }
            EntryKind::File if file_type != FileType::RegularFile => None,
            EntryKind::File => {
                let record = {
                    let shared = self.store.inner.locks.shared();
                    let locked = shared.key(hash(&self.name, &key));
                    let sidecars = &self.store.inner.sidecars;
                    sidecars.read(&self.name, &locked, identity)
                };
                // A dropped-in file is not hashed for a list.
                let modified = record
                    .as_ref()
                    .map_or(identity.seconds(), |record| record.modified);
                let content_type = query.with_types.then(|| {
                    record
                        .and_then(|record| record.content_type.clone())
                        .unwrap_or_else(|| content_type_of(&key).to_owned())
                });
                Some(ListEntry {
                    name,
                    kind,
                    size: identity.size,
                    modified: time(modified),
                    content_type,
                })
            }
        }
    }
}

/// All names of a folder that can be part of a key, unordered.
pub(super) fn scan(folder: &std::os::fd::OwnedFd) -> Result<Vec<Name>, StoreError> {
    let failed = |error: rustix::io::Errno| StoreError::io("read a folder", error);
    let mut names = Vec::new();
    for entry in Dir::read_from(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let Ok(name) = entry.file_name().to_str() else {
            continue;
        };
        if let Some(kind) = entry_kind(folder, name, entry.file_type()) {
            names.push((name.into(), kind));
        }
    }
    Ok(names)
}

/// What a name is for us; `None` for links, devices and names that no key can have.
pub(super) fn entry_kind(
    folder: &std::os::fd::OwnedFd,
    name: &str,
    file_type: FileType,
) -> Option<EntryKind> {
    if matches!(name, "." | "..") || name.contains(['\r', '\n', '\t']) {
        return None;
    }
    let file_type = match file_type {
        // Some file systems do not tell.
        FileType::Unknown => look_at(folder, name)?.0,
        known => known,
    };
    match file_type {
        FileType::RegularFile => Some(EntryKind::File),
        FileType::Directory => Some(EntryKind::Folder),
        _ => None,
    }
}

/// A time of the store, which counts Unix seconds.
fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .unwrap_or(UNIX_EPOCH)
}
