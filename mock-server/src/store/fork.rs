//! A service once more, under another name.

use std::{io, path::Path};

use upyun_client::protocol::{Key, ServiceName};

use super::{Store, StoreError, tree};

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
        let _still = self.still();
        let folder = |service: &ServiceName| self.inner.root.join(service.as_str());
        let forked = tree::link(&folder(from), &folder(to))
            .and_then(|()| self.copy_records(&folder(from), from, to));
        self.forget_what_was_known();
        forked.map_err(|error| StoreError::io("fork a service", error))
    }

    /// A record is found by service and key, so every one has another name in the fork.
    fn copy_records(&self, root: &Path, from: &ServiceName, to: &ServiceName) -> io::Result<()> {
        tree::walk(root, &mut |path, _| {
            let relative = path.strip_prefix(root).ok().and_then(Path::to_str);
            let key = relative.and_then(|it| Key::parse(&format!("/{it}")).ok());
            match key {
                Some(key) => self.inner.sidecars.copy(&key, from, to),
                None => Ok(()),
            }
        })
    }
}
