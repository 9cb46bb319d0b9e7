//! Walks over the tree of a service.

use std::{
    fs::{self, FileType},
    io,
    path::Path,
};

/// Visits all that is below a folder, a folder before what it holds. Links are told as such and not
/// followed.
pub(super) fn walk(
    folder: &Path,
    visit: &mut dyn FnMut(&Path, FileType) -> io::Result<()>,
) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            // It went away since it was listed.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        for entry in entries {
            let entry = entry?;
            let (path, kind) = (entry.path(), entry.file_type()?);
            visit(&path, kind)?;
            if kind.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(())
}

/// The bytes of all files below a folder. Links count nothing.
pub(super) fn usage(folder: &Path) -> io::Result<u64> {
    let mut total = 0;
    walk(folder, &mut |path, kind| {
        if kind.is_file() {
            total += path.symlink_metadata().map_or(0, |meta| meta.len());
        }
        Ok(())
    })?;
    Ok(total)
}
