//! Putting aside what is there before it changes, and putting it back.

use rustix::fs::FileType;
use upyun_client::protocol::Key;

use super::version::{Changed, Was, Whole};
use crate::store::{Service, Store, StoreError, sidecar::hash};

impl Service {
    /// Puts aside what is at a key before it changes. The caller holds [`change`](Self::change), and the
    /// key's lock where there may be a file.
    pub(in crate::store) fn keep(&self, key: &Key) -> Result<(), StoreError> {
        let inner = &self.store.inner;
        let Some(version) = inner.history.newest() else {
            return Ok(());
        };
        if version.knows(&self.name, key) {
            return Ok(());
        }
        version.note(&self.name, key, self.is_at(key)?);
        Ok(())
    }

    /// What is at a key, to be kept. The caller holds its lock where there may be a file.
    pub(in crate::store) fn is_at(&self, key: &Key) -> Result<Was, StoreError> {
        let sidecars = &self.store.inner.sidecars;
        let created = || sidecars.folder_created(&self.name, key);
        let record = |identity| sidecars.read(&self.name, &hash(&self.name, key), identity);
        Was::at(self.files(), self.name.as_str(), key, created, record)
    }

    /// Removes everything at once. The caller holds the store still.
    pub(in crate::store) fn clear(&self) -> Result<(), StoreError> {
        let whole = self.put_aside()?;
        let Store { inner } = &self.store;
        let is_needed = inner.history.is_needed() || inner.forks.are_any();
        if let Some(version) = inner.history.newest().filter(|_| is_needed) {
            version.note_whole(&self.name, whole);
        }
        self.make()
    }

    fn put_aside(&self) -> Result<Whole, StoreError> {
        // Somebody may have removed the one or the other.
        self.make()?;
        Ok(Whole {
            objects: self.files().put_tree_aside(&self.path(&Key::root()))?,
            records: self.files().put_tree_aside(&self.records())?,
            fork: self.store.inner.forks.take(&self.name),
        })
    }

    fn put_back(&self, whole: Whole) -> Result<(), StoreError> {
        self.files()
            .put_tree_back(whole.objects, &self.path(&Key::root()))?;
        self.files().put_tree_back(whole.records, &self.records())?;
        if let Some(fork) = whole.fork {
            self.store.inner.forks.set(&self.name, fork);
        }
        Ok(())
    }

    /// Makes it what it was; gives what it is now if that is to be kept.
    pub(super) fn swap(
        &self,
        changed: Changed,
        is_kept: bool,
    ) -> Result<Option<Changed>, StoreError> {
        let Changed { keys, whole } = changed;
        let mut now = Changed::default();
        if let Some(whole) = whole {
            let aside = self.put_aside()?;
            self.put_back(whole)?;
            now.whole = is_kept.then_some(aside);
        }
        // What a folder holds goes before the folder.
        for (key, was) in keys.iter().rev() {
            let is = self.take_away(key, was)?;
            if now.whole.is_none() {
                now.keys.insert(key.clone(), is);
            }
        }
        for (key, was) in keys {
            self.give_back(&key, was)?;
        }
        Ok(is_kept.then_some(now))
    }

    /// Removes what is at a key and gives it. A folder that stays one keeps what it holds.
    fn take_away(&self, key: &Key, was: &Was) -> Result<Was, StoreError> {
        let sidecars = &self.store.inner.sidecars;
        let hash = hash(&self.name, key);
        let is = match self.files().look(&self.name, key) {
            Some((FileType::Directory, _)) => {
                let created = sidecars.folder_created(&self.name, key);
                if !matches!(was, Was::Folder { .. }) {
                    self.remove_folder(key)?;
                }
                Was::Folder { created }
            }
            Some((FileType::RegularFile, identity)) => Was::File {
                record: sidecars.read(&self.name, &hash, identity),
                content: self.files().put_aside(&self.name, key)?,
            },
            _ => Was::Nothing,
        };
        sidecars.remove(&self.name, &hash);
        Ok(is)
    }

    fn remove_folder(&self, key: &Key) -> Result<(), StoreError> {
        match self.files().remove_folder(&self.name, key) {
            // Another program put something there.
            Err(StoreError::NotEmpty(_)) => {
                drop(self.files().put_tree_aside(&self.path(key))?);
                Ok(())
            }
            other => other,
        }
    }

    pub(in crate::store) fn give_back(&self, key: &Key, was: Was) -> Result<(), StoreError> {
        let sidecars = &self.store.inner.sidecars;
        match was {
            Was::Nothing => {}
            Was::Folder { created } => {
                self.make_parents(key)?;
                self.files().make_folder(&self.name, key)?;
                if let Some(created) = created {
                    sidecars.set_folder_created(&self.name, key, created);
                }
            }
            Was::File {
                mut content,
                record,
            } => {
                self.make_parents(key)?;
                if let Some(record) = &record {
                    sidecars.append(&self.name, &hash(&self.name, key), record)?;
                }
                let (parent, name) = self.files().parent(&self.name, key)?;
                self.files().place(&mut content, &parent, name, key)?;
            }
        }
        Ok(())
    }
}
