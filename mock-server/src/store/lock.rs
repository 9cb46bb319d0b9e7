//! One process owns a data directory.

use std::{
    fs::{File, OpenOptions, TryLockError},
    io::{Read as _, Write as _},
    path::Path,
};

use super::StoreError;

/// Held while the store is open. The system lets go of it when the process ends, however that is.
#[derive(Debug)]
pub(super) struct DirectoryLock {
    /// Unlocked when it is closed.
    _file: File,
    holder: String,
}

impl DirectoryLock {
    /// Locks the directory and writes down for whom.
    ///
    /// # Errors
    /// [`StoreError::Locked`] when another process has it.
    pub(super) fn acquire(private: &Path, holder: &str) -> Result<Self, StoreError> {
        let failed = |error| StoreError::io("lock the data directory", error);
        std::fs::create_dir_all(private).map_err(failed)?;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(private.join("lock")).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Without its name it is still another process.
                let _ = file.read_to_string(&mut holder);
                if holder.is_empty() {
                    "another process".clone_into(&mut holder);
                }
                return Err(StoreError::Locked { holder });
            }
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        file.set_len(0)
            .and_then(|()| file.write_all(holder.as_bytes()))
            .map_err(failed)?;
        Ok(Self {
            _file: file,
            holder: holder.to_owned(),
        })
    }

    /// Locks the directory once more, after it was removed and made again.
    pub(super) fn acquire_again(&mut self, private: &Path) -> Result<(), StoreError> {
        *self = Self::acquire(private, &self.holder)?;
        Ok(())
    }
}
