//! Walks over the tree of a service.

use std::{
    fs::{self, DirEntry, FileType},
    io,
    path::Path,
};

use super::files::link;

/// Visits all that is below a folder, a folder before what it holds. Links are visited, not followed.
pub(super) fn walk(
    folder: &Path,
    visit: &mut dyn FnMut(&Path, FileType) -> io::Result<()>,
) -> io::Result<()> {
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in entries(&folder)? {
            let (path, kind) = (entry.path(), entry.file_type()?);
            visit(&path, kind)?;
            if kind.is_dir() {
                folders.push(path);
            }
        }
    }
    Ok(())
}

/// Copies a folder that may be missing: folders are made, files are hard links. `visit` is called
/// before each entry is made. What is neither file nor folder is left out.
pub(super) fn link_all(
    from: &Path,
    to: &Path,
    visit: &mut dyn FnMut(&Path) -> io::Result<()>,
) -> io::Result<()> {
    let mut folders = vec![(from.to_owned(), to.to_owned())];
    fs::create_dir_all(to)?;
    while let Some((from, to)) = folders.pop() {
        for entry in entries(&from)? {
            let kind = entry.file_type()?;
            let (from, to) = (entry.path(), to.join(entry.file_name()));
            if kind.is_dir() {
                visit(&from)?;
                fs::create_dir(&to)?;
                folders.push((from, to));
            } else if kind.is_file() {
                visit(&from)?;
                match link(&from, &to) {
                    // Another program removed it since it was listed.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                    linked => linked?,
                }
            }
        }
    }
    Ok(())
}

/// What is in a folder, unordered; nothing if the folder is missing.
pub(super) fn entries(folder: &Path) -> io::Result<Vec<DirEntry>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
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
