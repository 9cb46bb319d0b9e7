//! Tasks on disk: under `--data` they outlive the server.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::TaskEntry;
use crate::request_id::RequestId;

/// A directory with a file a task.
#[derive(Debug)]
pub(super) struct Kept(PathBuf);

impl Kept {
    /// Opens the directory; gives what an earlier server left there, oldest first.
    pub(super) fn open(directory: &Path) -> io::Result<(Self, Vec<TaskEntry>)> {
        fs::create_dir_all(directory)?;
        let mut entries = Vec::new();
        for file in fs::read_dir(directory)? {
            let path = file?.path();
            if path.extension().is_none_or(|it| it != "json") {
                continue;
            }
            match serde_json::from_slice::<TaskEntry>(&fs::read(&path)?) {
                Ok(entry) => entries.push(entry),
                Err(error) => tracing::warn!("{} is no task: {error}", path.display()),
            }
        }
        entries.sort_by_key(|entry| entry.submitted_ms);
        Ok((Self(directory.to_owned()), entries))
    }

    /// Writes a task as it is now.
    pub(super) fn save(&self, entry: &TaskEntry) {
        let path = self.path(&entry.id);
        let half = path.with_extension("new");
        let json = serde_json::to_vec(entry).unwrap_or_default();
        if let Err(error) = fs::write(&half, json).and_then(|()| fs::rename(&half, &path)) {
            tracing::warn!("the task {} would not survive a restart: {error}", entry.id);
        }
    }

    /// Forgets a task.
    pub(super) fn remove(&self, id: &RequestId) {
        // It may never have been written.
        let _ = fs::remove_file(self.path(id));
    }

    fn path(&self, id: &RequestId) -> PathBuf {
        self.0.join(format!("{id}.json"))
    }
}
