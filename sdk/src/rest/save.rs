//! A file that appears whole or not at all.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    io,
    path::{Path, PathBuf},
};

use tokio::fs::{File, OpenOptions};

/// A temporary file in the folder of its target; gone on drop unless published.
#[derive(Debug)]
pub(super) struct Draft {
    file: File,
    path: Option<PathBuf>,
}

impl Draft {
    pub(super) async fn beside(target: &Path) -> io::Result<Self> {
        if target.file_name().is_none() {
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "the path names no file",
            ));
        }
        // The name does not grow from the target's, which may be as long as names can be.
        let random = RandomState::new().build_hasher().finish();
        let path = target.with_file_name(format!(".upyun-{random:016x}.part"));
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .await?;
        Ok(Self {
            file,
            path: Some(path),
        })
    }

    pub(super) fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Puts the file, which has been flushed, in the place of the target.
    pub(super) async fn publish(mut self, target: &Path) -> io::Result<()> {
        if let Some(path) = &self.path {
            tokio::fs::rename(path, target).await?;
            self.path = None;
        }
        Ok(())
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.path {
            // Also when the download is cancelled, where nothing can be awaited.
            let _ = std::fs::remove_file(path);
        }
    }
}
