//! What was where at a version that is not what is there now.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use upyun_client::protocol::{Key, ServiceName};

use super::{
    Store, StoreError,
    files::Found,
    fork::Fork,
    history::{Version, Was},
    list::scan,
    sidecar::hash,
};

/// Where a service lies that was put aside whole.
#[derive(Debug)]
pub(super) struct Aside {
    /// Its objects, from the root directory on.
    pub(super) objects: String,
    pub(super) records: PathBuf,
    /// What it still had to come.
    pub(super) fork: Option<Arc<Fork>>,
}

/// What a version knows of a key.
pub(super) enum Noted {
    Was(Was),
    /// It is in this tree.
    In(Aside),
    /// It is as in the next version.
    Nothing,
}

impl Store {
    /// What was at a key. The caller holds the store from being replaced, and no key's lock.
    pub(super) fn was_at(
        &self,
        version: &Arc<Version>,
        service: &ServiceName,
        key: &Key,
    ) -> Result<Was, StoreError> {
        if let Some(was) = self.noted(version, service, key)? {
            return Ok(was);
        }
        let source = self.of(service);
        source.arrive(key)?;
        let is = {
            let _lock = self.inner.locks.lock(&hash(service, key));
            source.is_at(key)?
        };
        // Whoever changed it in between noted before what was there.
        Ok(self.noted(version, service, key)?.unwrap_or(is))
    }

    /// The names that a folder may have had; what was there under each is another question.
    pub(super) fn names_at(
        &self,
        version: &Arc<Version>,
        service: &ServiceName,
        folder: &Key,
    ) -> Result<BTreeSet<String>, StoreError> {
        let mut way = vec![Arc::clone(version)];
        let mut aside = None;
        while let Some(version) = way.last() {
            aside = version.aside(service);
            match version.later() {
                Some(later) if aside.is_none() => way.push(later),
                _ => break,
            }
        }
        let mut names = BTreeSet::new();
        let tree = match aside {
            Some(Aside { objects, fork, .. }) => {
                if let Some(fork) = fork {
                    names.extend(self.names_at(&fork.at, &fork.source, folder)?);
                }
                objects
            }
            None => {
                self.of(service).arrive_in(folder)?;
                service.to_string()
            }
        };
        match self.inner.files.find_in(&tree, folder) {
            Ok(Found::Folder(folder, _)) => {
                let found = scan(&folder)?;
                names.extend(found.into_iter().map(|(name, _)| name.into()));
            }
            Ok(Found::File(..)) | Err(StoreError::NotFound(_)) => {}
            Err(error) => return Err(error),
        }
        // After what is there: whatever went in between was noted before.
        for version in &way {
            version.names_in(service, folder, &mut names);
        }
        Ok(names)
    }

    fn noted(
        &self,
        version: &Arc<Version>,
        service: &ServiceName,
        key: &Key,
    ) -> Result<Option<Was>, StoreError> {
        let mut at = Some(Arc::clone(version));
        while let Some(version) = at {
            match version.noted(service, key, &self.inner.files)? {
                Noted::Was(was) => return Ok(Some(was)),
                Noted::In(aside) => return self.was_aside(aside, service, key).map(Some),
                Noted::Nothing => at = version.later(),
            }
        }
        Ok(None)
    }

    fn was_aside(&self, aside: Aside, service: &ServiceName, key: &Key) -> Result<Was, StoreError> {
        let Aside {
            objects,
            records,
            fork,
        } = aside;
        if let Some(fork) = fork.filter(|fork| !fork.has(key)) {
            return self.was_at(&fork.at, &fork.source, key);
        }
        let sidecars = &self.inner.sidecars;
        let hash = hash(service, key);
        let created = || sidecars.folder_created_in(&records, &hash);
        let record = |identity| sidecars.record_in(&records, &hash, identity).map(Arc::new);
        Was::at(&self.inner.files, &objects, key, created, record)
    }
}
