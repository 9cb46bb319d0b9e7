//! All objects as they were, and back.

use std::{fs, io};

use upyun_client::protocol::ServiceName;

use super::{Store, StoreError, due::Jobs, files::PRIVATE, history::Held};

/// The state of all services at a moment. What was kept for it goes when it is dropped.
#[derive(Clone, Debug)]
pub struct Snapshot {
    held: Held,
    jobs: Jobs,
}

impl Store {
    /// Remembers all objects as they are now, which costs the same however many there are; unfinished
    /// uploads are no objects. What changes from now on is kept until the snapshot is dropped.
    ///
    /// Contents are hard links: whoever edits a file in the data directory in place edits it in the
    /// snapshot too.
    ///
    /// # Errors
    /// None, today.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let _still = self.still();
        Ok(Snapshot {
            held: Held::new(self.version()),
            jobs: self.inner.due.all(),
        })
    }

    /// Makes all objects what they were, which costs as much as there were changes. Services that were
    /// added since are emptied, unfinished uploads are cancelled. Files that other programs made,
    /// changed or removed in the directory since are left as they are.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.replace(snapshot.jobs.clone(), || {
            self.go_to(snapshot.held.version())
        })
    }

    /// Removes all objects and unfinished uploads, at once, however many there are. Services stay.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be written.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.replace(Jobs::default(), || {
            let services = self.service_names();
            let services =
                services.map_err(|error| StoreError::io("read the data directory", error))?;
            for name in &services {
                self.of(name).clear()?;
            }
            Ok(())
        })
    }

    /// Removes all objects and unfinished uploads of a service, which stays.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be written.
    pub fn empty(&self, service: &ServiceName) -> Result<(), StoreError> {
        let service = self.of(service);
        let _still = self.still();
        self.inner.uploads.forget_of(service.name());
        let emptied = service.clear();
        self.tidy();
        self.forget_what_was_known();
        emptied
    }

    fn replace(
        &self,
        jobs: Jobs,
        replace: impl FnOnce() -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let _still = self.still();
        self.inner.uploads.forget_all();
        let replaced = replace();
        self.tidy();
        self.forget_what_was_known();
        self.inner.due.replace(jobs);
        replaced
    }

    /// The services that were opened here; a data directory may hold other things.
    pub(super) fn service_names(&self) -> io::Result<Vec<ServiceName>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.inner.root.join(PRIVATE).join("meta"))? {
            let name = entry?.file_name();
            names.extend(name.to_str().and_then(|name| ServiceName::parse(name).ok()));
        }
        Ok(names)
    }
}
