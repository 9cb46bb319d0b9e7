//! What is put aside, to be put back or removed.

use std::{
    fs::File,
    io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use rustix::{
    fs::{self, AtFlags, Mode, OFlags},
    io::Errno,
};
use upyun_client::protocol::{Key, ServiceName};

use super::{Files, PRIVATE, TEMPORARY, TempFile, misplaced};
use crate::store::StoreError;

/// The tree of a service that was put aside. Removed when dropped, without making anybody wait.
#[derive(Debug)]
pub(in crate::store) struct TempTree(Option<PathBuf>);

impl TempTree {
    /// Where it lies.
    pub(in crate::store) fn path(&self) -> PathBuf {
        self.0.clone().unwrap_or_default()
    }

    /// The same from the root directory on.
    pub(in crate::store) fn relative(&self) -> String {
        let path = self.path();
        let name = path.file_name().unwrap_or_default();
        format!("{PRIVATE}/{TEMPORARY}/{}", name.to_string_lossy())
    }
}

impl Drop for TempTree {
    fn drop(&mut self) {
        let Some(path) = self.0.take() else {
            return;
        };
        // What is left behind is removed when the store is opened next.
        let remove = move || {
            if let Err(error) = std::fs::remove_dir_all(path) {
                tracing::debug!("what was put aside was not removed: {error}");
            }
        };
        let name = "upyun-mock-remove".to_owned();
        if let Err(error) = std::thread::Builder::new().name(name).spawn(remove) {
            tracing::debug!("what was put aside is not removed: {error}");
        }
    }
}

impl Files {
    /// Puts a whole folder aside, which must lie in the root directory.
    pub(in crate::store) fn put_tree_aside(&self, path: &Path) -> Result<TempTree, StoreError> {
        let to = self.temporary_path.join(self.new_name());
        std::fs::rename(path, &to).map_err(|error| StoreError::io("put a service aside", error))?;
        Ok(TempTree(Some(to)))
    }

    /// The reverse. Nothing may be there, or an empty folder.
    pub(in crate::store) fn put_tree_back(
        &self,
        mut tree: TempTree,
        path: &Path,
    ) -> Result<(), StoreError> {
        if let Some(from) = tree.0.take() {
            std::fs::rename(from, path)
                .map_err(|error| StoreError::io("put a service back", error))?;
        }
        Ok(())
    }

    /// A second name for the content of a file in a tree, which outlives the first.
    pub(in crate::store) fn second_name(
        &self,
        tree: &str,
        key: &Key,
    ) -> Result<TempFile, StoreError> {
        let (parent, name) = self.parent_in(tree, key)?;
        let second = self.second_of(&parent, name)?;
        second.ok_or_else(|| StoreError::NotFound(key.clone()))
    }

    /// A second name for what was put aside.
    pub(in crate::store) fn again(&self, file: &TempFile) -> Result<TempFile, StoreError> {
        let second = self.second_of(&file.directory, &file.name)?;
        second.ok_or_else(|| failed(Errno::NOENT))
    }

    /// None if nothing is there.
    fn second_of(&self, folder: &OwnedFd, name: &str) -> Result<Option<TempFile>, StoreError> {
        let second = self.nameless();
        let (to, new) = (&*second.directory, &second.name);
        match fs::linkat(folder, name, to, new, AtFlags::empty()) {
            Ok(()) => Ok(Some(second)),
            Err(Errno::NOENT) => Ok(None),
            // There are file systems without links.
            Err(_) => {
                let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
                let from = fs::openat(folder, name, flags, Mode::empty()).map_err(failed)?;
                self.copied(File::from(from)).map(Some)
            }
        }
    }

    fn copied(&self, mut from: File) -> Result<TempFile, StoreError> {
        let (temporary, mut to) = self.temporary()?;
        let mut copy = || -> io::Result<()> {
            io::copy(&mut from, &mut to)?;
            // It tells which record belongs to the content.
            to.set_modified(from.metadata()?.modified()?)
        };
        copy().map_err(failed)?;
        Ok(temporary)
    }

    /// Takes a file away from its key.
    pub(in crate::store) fn put_aside(
        &self,
        service: &ServiceName,
        key: &Key,
    ) -> Result<TempFile, StoreError> {
        let (parent, name) = self.parent(service, key)?;
        let aside = self.nameless();
        fs::renameat(&parent, name, &*aside.directory, &aside.name)
            .map_err(|error| misplaced(error, key))?;
        Ok(aside)
    }

    /// A name for a body that is not there yet.
    fn nameless(&self) -> TempFile {
        TempFile {
            directory: Arc::clone(&self.temporary),
            name: self.new_name(),
            stays: false,
        }
    }
}

fn failed(error: impl Into<io::Error>) -> StoreError {
    StoreError::io("keep an object", error)
}
