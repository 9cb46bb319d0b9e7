//! Copies of a service.

use std::path::Path;

use upyun_client::protocol::ServiceName;

use super::{Store, StoreError, files::link, key_hash::hash, restore::key_of, tree};

impl Store {
    /// Gives a service the objects of another, with their metadata, at the cost of two hard links
    /// each. What it had before is removed. Unfinished uploads and scheduled deletions are not copied.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub(crate) fn fork(&self, from: &ServiceName, to: &ServiceName) -> Result<(), StoreError> {
        self.run_due_jobs();
        let (from, to) = (self.service(from)?, self.service(to)?);
        if from.name == to.name {
            return Ok(());
        }
        let exclusive = self.inner.locks.exclusive();
        self.forget_uploads_of(&to.name);
        self.inner.schedule.forget_service(&to.name);
        let cleared = to.clear(&exclusive);
        self.forget_caches();
        cleared?;
        let root = from.root_path();
        // Before the content: an object without its record would have lost its metadata.
        let mut link_sidecar = |path: &Path| {
            let Some(key) = key_of(&root, path) else {
                return Ok(());
            };
            let sidecar = |service: &super::Service| {
                let name = hash(&service.name, &key).to_string();
                service.sidecars_path().join(name)
            };
            match link(&sidecar(&from), &sidecar(&to)) {
                // Another program put the file there, and no request has read it yet.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
                linked => linked,
            }
        };
        tree::link_all(&root, &to.root_path(), &mut link_sidecar)
            .map_err(|error| StoreError::io("copy a service", error))?;
        self.inner.schedule.copy_expiries(&from.name, &to.name);
        Ok(())
    }
}
