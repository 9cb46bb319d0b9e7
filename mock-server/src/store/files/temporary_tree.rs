//! Temporary directories: snapshots, and folders that are being removed.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Files;
use crate::store::StoreError;

/// A directory among the temporary files. Dropped, it is removed by a thread of its own.
#[derive(Debug)]
pub(in crate::store) struct TemporaryTree(PathBuf);

impl TemporaryTree {
    pub(in crate::store) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryTree {
    fn drop(&mut self) {
        let path = std::mem::take(&mut self.0);
        // What is left behind is removed when the store is opened next.
        let remove = move || {
            if let Err(error) = fs::remove_dir_all(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::debug!("{} was not removed: {error}", path.display());
            }
        };
        let name = "upyun-mock-remove".to_owned();
        if let Err(error) = std::thread::Builder::new().name(name).spawn(remove) {
            tracing::debug!("a temporary directory was not removed: {error}");
        }
    }
}

impl Files {
    /// A new, empty directory.
    pub(in crate::store) fn temporary_tree(&self) -> Result<TemporaryTree, StoreError> {
        let path = self.temporary_path();
        fs::create_dir(&path)
            .map_err(|error| StoreError::io("make a temporary directory", error))?;
        Ok(TemporaryTree(path))
    }

    /// Takes a whole folder away in one step, if it is there.
    pub(in crate::store) fn take_tree(&self, folder: &Path) -> Result<(), StoreError> {
        let to = self.temporary_path();
        match fs::rename(folder, &to) {
            Ok(()) => {
                drop(TemporaryTree(to));
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(StoreError::io("remove a folder", error)),
        }
    }

    /// Gives a second file the content of the first, in one step, whatever is at its path.
    pub(in crate::store) fn replace_by_link(&self, from: &Path, to: &Path) -> io::Result<()> {
        let temporary = self.temporary_path();
        link(from, &temporary)?;
        fs::rename(&temporary, to).inspect_err(|_| {
            // If it cannot be removed now, it is when the store is opened next.
            let _ = fs::remove_file(&temporary);
        })
    }

    /// The path of a temporary file or directory that is not there yet.
    pub(in crate::store) fn temporary_path(&self) -> PathBuf {
        self.temporary_directory.join(self.new_name())
    }
}

/// A second name for a file; where the file system has no more, a copy with the same times.
pub(in crate::store) fn link(from: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(from, to) {
        Err(error)
            if !matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::AlreadyExists
            ) =>
        {
            fs::copy(from, to)?;
            // The modification time says which record belongs to the content.
            let modified = fs::metadata(from)?.modified()?;
            fs::File::options()
                .write(true)
                .open(to)?
                .set_modified(modified)
        }
        linked => linked,
    }
}
