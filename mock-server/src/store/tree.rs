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

/// Makes a second tree of the same files. Contents are never changed in place by us, so they may
/// share their bytes.
pub(super) fn link(from: &Path, to: &Path) -> io::Result<()> {
    each(from, to, &|from, to| {
        fs::hard_link(from, to).or_else(|_| copy(from, to))
    })
}

/// Makes a second tree with bytes of its own.
pub(super) fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    each(from, to, &copy)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to)?;
    // The modification time tells which record belongs to the content.
    fs::File::options()
        .write(true)
        .open(to)?
        .set_modified(fs::metadata(from)?.modified()?)
}

fn each(from: &Path, to: &Path, file: &dyn Fn(&Path, &Path) -> io::Result<()>) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            each(&from, &to, file)?;
        } else if kind.is_file() {
            file(&from, &to)?;
        }
    }
    Ok(())
}
