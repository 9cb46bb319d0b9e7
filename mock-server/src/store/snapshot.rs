//! All objects at a moment, as a tree of hard links.
//!
//! Contents are never changed in place, only replaced, so a second name for a file keeps what it
//! holds. The same goes for sidecars, to which records of *other* contents are appended: a change of
//! a content's own record makes a new file.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use upyun_client::protocol::ServiceName;

use super::{Store, StoreError, files::TemporaryTree, schedule::Jobs, tree};

/// The state of all services at a moment. Its files are removed when the last handle is dropped.
#[derive(Clone, Debug)]
pub struct Snapshot {
    tree: Arc<TemporaryTree>,
    pub(super) services: Vec<ServiceName>,
    pub(super) jobs: Jobs,
}

impl Snapshot {
    /// Where its objects of a service are.
    pub(super) fn objects(&self, service: &ServiceName) -> PathBuf {
        objects(self.tree.path(), service)
    }

    /// Where its sidecars of a service are.
    pub(super) fn sidecars(&self, service: &ServiceName) -> PathBuf {
        sidecars(self.tree.path(), service)
    }
}

fn objects(snapshot: &Path, service: &ServiceName) -> PathBuf {
    snapshot.join("objects").join(service.as_str())
}

fn sidecars(snapshot: &Path, service: &ServiceName) -> PathBuf {
    snapshot.join("meta").join(service.as_str())
}

impl Store {
    /// Remembers all objects as they are now, at the cost of two hard links each; unfinished uploads
    /// are no objects.
    ///
    /// Who edits a file in the data directory in place edits it in the snapshot too.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub(crate) fn snapshot(&self) -> Result<Snapshot, StoreError> {
        self.run_due_jobs();
        let _exclusive = self.inner.locks.exclusive();
        let failed = |error| StoreError::io("take a snapshot", error);
        let tree = self.inner.files.temporary_tree()?;
        let services = self.service_names().map_err(failed)?;
        for name in &services {
            let service = self.handle(name);
            let pairs = [
                (service.root_path(), objects(tree.path(), name)),
                (service.sidecars_path(), sidecars(tree.path(), name)),
            ];
            for (from, to) in pairs {
                tree::link_all(&from, &to, &mut |_| Ok(())).map_err(failed)?;
            }
        }
        Ok(Snapshot {
            tree: Arc::new(tree),
            services,
            jobs: self.inner.schedule.all(),
        })
    }

    /// The services that were opened here; a data directory may hold other things.
    pub(super) fn service_names(&self) -> io::Result<Vec<ServiceName>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.private("meta"))? {
            let name = entry?.file_name();
            names.extend(name.to_str().and_then(|name| ServiceName::parse(name).ok()));
        }
        Ok(names)
    }
}
