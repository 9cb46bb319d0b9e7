//! Directories for external programs, and objects at paths in them.

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use super::{
    Object, Service, Store, StoreError,
    files::{Identity, PRIVATE},
};

/// A directory of our own on the file system of the objects; removed when it is dropped.
#[derive(Debug)]
pub(crate) struct WorkDir(PathBuf);

impl WorkDir {
    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for WorkDir {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.0) {
            tracing::warn!("{} is left behind: {error}", self.0.display());
        }
    }
}

impl Store {
    /// Removes what an earlier process left in its work directories.
    ///
    /// # Errors
    /// The file system's.
    pub(crate) fn clear_work_dirs(&self) -> Result<(), StoreError> {
        match fs::remove_dir_all(self.private("work")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::io("clear the work directories", error))
            }
            _ => Ok(()),
        }
    }

    /// A new directory of this name.
    ///
    /// # Errors
    /// The file system's.
    pub(crate) fn work_dir(&self, name: &str) -> Result<WorkDir, StoreError> {
        let path = self.private("work").join(name);
        fs::create_dir_all(&path)
            .map_err(|error| StoreError::io("make a work directory", error))?;
        Ok(WorkDir(path))
    }

    /// A directory beside the objects for what must outlive the server.
    pub(crate) fn private(&self, name: &str) -> PathBuf {
        self.root().join(PRIVATE).join(name)
    }
}

impl Service {
    /// Links or copies an object to a path where a program reads it: this version, whatever happens to the key.
    /// The program must not write there.
    ///
    /// # Errors
    /// The file system's.
    pub(crate) fn link_input(&self, object: Object, to: &Path) -> Result<(), StoreError> {
        let failed = |error: io::Error| StoreError::io("link an object", error);
        let wanted = object.record.identity();
        // A hard link copies nothing; the key may have other content since the object was opened.
        if fs::hard_link(self.path(&object.key), to).is_ok() {
            if is_version(to, wanted) {
                return Ok(());
            }
            fs::remove_file(to).map_err(failed)?;
        }
        let mut copy = File::create_new(to).map_err(failed)?;
        io::copy(&mut object.into_file(), &mut copy).map_err(failed)?;
        Ok(())
    }
}

fn is_version(path: &Path, wanted: Identity) -> bool {
    rustix::fs::lstat(path).is_ok_and(|stat| {
        rustix::fs::FileType::from_raw_mode(stat.st_mode) == rustix::fs::FileType::RegularFile
            && Identity::of(&stat) == wanted
    })
}
