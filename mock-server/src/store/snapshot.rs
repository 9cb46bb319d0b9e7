//! All objects as they were, and back.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use upyun_client::protocol::ServiceName;

use super::{Store, StoreError, due::Jobs, files::PRIVATE, tree};

/// The state of all services at a moment. Its files go when it is dropped.
#[derive(Clone, Debug)]
pub struct Snapshot {
    directory: Arc<tempfile::TempDir>,
    jobs: Jobs,
}

impl Store {
    /// Remembers all objects as they are now; unfinished uploads are no objects.
    ///
    /// Contents are hard links: whoever edits a file in the data directory in place edits it in the
    /// snapshot too.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let _still = self.still();
        let take = || -> io::Result<Snapshot> {
            let directory = tempfile::Builder::new()
                .prefix("snapshot-")
                .tempdir_in(self.inner.root.join(PRIVATE))?;
            for service in self.service_folders()? {
                tree::link(
                    &service,
                    &directory.path().join("objects").join(name_of(&service)),
                )?;
            }
            tree::copy_all(&self.metadata_folder(), &directory.path().join("meta"))?;
            Ok(Snapshot {
                directory: Arc::new(directory),
                jobs: self.inner.due.all(),
            })
        };
        take().map_err(|error| StoreError::io("take a snapshot", error))
    }

    /// Makes all objects what they were. Services that were added since are emptied, unfinished
    /// uploads are cancelled.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub fn restore(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let from = snapshot.directory.path();
        self.replace(snapshot.jobs.clone(), || {
            let objects = from.join("objects");
            if objects.exists() {
                tree::link(&objects, &self.inner.root)?;
            }
            tree::copy_all(&from.join("meta"), &self.metadata_folder())
        })
    }

    /// Removes all objects and unfinished uploads. Services stay.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be written.
    pub fn reset(&self) -> Result<(), StoreError> {
        self.replace(Jobs::default(), || Ok(()))
    }

    /// Removes all objects and unfinished uploads of a service, which stays.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be written.
    pub fn empty(&self, service: &ServiceName) -> Result<(), StoreError> {
        let _still = self.still();
        self.inner.uploads.forget_of(service);
        let folder = self.inner.root.join(service.as_str());
        let emptied =
            empty(&folder).and_then(|()| empty(&self.metadata_folder().join(service.as_str())));
        self.forget_what_was_known();
        emptied.map_err(|error| StoreError::io("empty a service", error))
    }

    fn replace(&self, jobs: Jobs, fill: impl FnOnce() -> io::Result<()>) -> Result<(), StoreError> {
        let _still = self.still();
        let replaced = || -> io::Result<()> {
            for service in self.service_folders()? {
                empty(&service)?;
                empty(&self.metadata_folder().join(name_of(&service)))?;
            }
            fill()
        };
        self.inner.uploads.forget_all();
        let result = replaced().map_err(|error| StoreError::io("replace all objects", error));
        self.forget_what_was_known();
        self.inner.due.replace(jobs);
        result
    }

    /// The folders of services that were opened here; a data directory may hold other things.
    pub(super) fn service_folders(&self) -> io::Result<Vec<PathBuf>> {
        let mut folders = Vec::new();
        for entry in fs::read_dir(self.metadata_folder())? {
            let folder = self.inner.root.join(entry?.file_name());
            if folder.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
                folders.push(folder);
            }
        }
        Ok(folders)
    }

    fn metadata_folder(&self) -> PathBuf {
        self.inner.root.join(PRIVATE).join("meta")
    }
}

fn name_of(folder: &Path) -> String {
    folder
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// Removes what is in a folder, but not the folder: others have it open.
fn empty(folder: &Path) -> io::Result<()> {
    if !folder.exists() {
        return fs::create_dir_all(folder);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
