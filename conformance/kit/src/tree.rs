//! Snapshots of directories.

use std::{collections::BTreeMap, fs, path::Path, time::SystemTime};

/// The files and folders below a directory, by path: length and modification time of a file, nothing
/// for a folder.
pub type Tree = BTreeMap<String, Option<(u64, SystemTime)>>;

/// Every file and folder below a directory.
#[track_caller]
pub fn tree(directory: &Path) -> Tree {
    let mut found = Tree::new();
    let mut folders = vec![directory.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let info = entry.metadata().unwrap();
            let is_folder = info.is_dir();
            let facts = (!is_folder).then(|| (info.len(), info.modified().unwrap()));
            found.insert(entry.path().display().to_string(), facts);
            if is_folder {
                folders.push(entry.path());
            }
        }
    }
    found
}
