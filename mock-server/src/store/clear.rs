//! Removing everything at once.

use std::io;

use upyun_client::protocol::ServiceName;

use super::{Service, Store, StoreError, locks::ExclusiveLock};

impl Store {
    /// Removes all objects and unfinished uploads, at once, however many there are. Services stay.
    /// A data directory that another program removed is made again.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be written.
    pub(crate) fn reset(&self) -> Result<(), StoreError> {
        let exclusive = self.inner.locks.exclusive();
        self.inner.uploads.forget_all();
        let reset = self.clear_all(&exclusive);
        self.forget_caches();
        self.inner.schedule.replace(Vec::new());
        reset
    }

    /// Removes all objects and unfinished uploads of a service, which stays.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be written.
    pub(crate) fn empty(&self, service: &ServiceName) -> Result<(), StoreError> {
        let exclusive = self.inner.locks.exclusive();
        self.forget_uploads_of(service);
        let emptied = self.handle(service).clear(&exclusive);
        self.forget_caches();
        self.inner.schedule.forget_service(service);
        emptied
    }

    fn clear_all(&self, exclusive: &ExclusiveLock<'_>) -> Result<(), StoreError> {
        let names = match self.service_names() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.make_directories_again()?;
                Ok(Vec::new())
            }
            names => names,
        };
        let names = names.map_err(|error| StoreError::io("read the data directory", error))?;
        names
            .iter()
            .try_for_each(|name| self.handle(name).clear(exclusive))
    }
}

impl Service {
    /// Removes everything at once.
    pub(super) fn clear(&self, _: &ExclusiveLock<'_>) -> Result<(), StoreError> {
        // Objects first: a sidecar without its object means nothing.
        self.files().take_tree(&self.root_path())?;
        self.files().take_tree(&self.sidecars_path())?;
        self.make()
    }
}
