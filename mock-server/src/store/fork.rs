//! A service once more, under another name.

use std::{fs, io, path::Path, sync::PoisonError};

use upyun_client::protocol::{Key, ServiceName};

use super::{Store, StoreError, sidecar, tree};

impl Store {
    /// Makes the objects of a service, with their metadata, those of another too, which is emptied
    /// before. From then on each goes its own way. Unfinished uploads are no objects, and what is to be
    /// deleted later is deleted in the first alone.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub fn fork(&self, from: &ServiceName, to: &ServiceName) -> Result<(), StoreError> {
        self.service(to)?;
        self.empty(to)?;
        let _still = self
            .inner
            .whole
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let folder = |service: &ServiceName| self.inner.root.join(service.as_str());
        let forked = tree::link(&folder(from), &folder(to))
            .and_then(|()| self.copy_records(&folder(from), from, to));
        self.inner.indexes.forget();
        self.inner.quotas.forget();
        forked.map_err(|error| StoreError::io("fork a service", error))
    }

    /// A record is found by service and key, so every one has another name in the fork.
    fn copy_records(&self, root: &Path, from: &ServiceName, to: &ServiceName) -> io::Result<()> {
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                let relative = path.strip_prefix(root).ok().and_then(Path::to_str);
                if let Some(relative) = relative
                    && let Ok(key) = Key::parse(&format!("/{relative}"))
                {
                    let (old, new) = (sidecar::hash(from, &key), sidecar::hash(to, &key));
                    self.inner.sidecars.copy((from, &old), (to, &new))?;
                }
                if path.symlink_metadata()?.is_dir() {
                    folders.push(path);
                }
            }
        }
        Ok(())
    }
}
