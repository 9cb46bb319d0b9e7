//! System calls on the tree, none of which leaves it.

mod temporary_tree;

use std::{
    fs::File,
    io,
    os::fd::{AsFd, OwnedFd},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

use parking_lot::RwLock;
use rustix::{
    fs::{self, AtFlags, FileType, Mode, OFlags, Stat},
    io::Errno,
};
use upyun_client::protocol::{Key, ServiceName};

pub(super) use self::temporary_tree::{TemporaryTree, link};
use super::StoreError;

/// The part of the root directory that is ours alone.
pub(super) const PRIVATE: &str = ".upyun-mock";
/// Unfinished bodies, snapshots, and what is being removed.
const TEMPORARY: &str = "tmp";
const FILE_MODE: Mode = Mode::from_raw_mode(0o644);
const DIR_MODE: Mode = Mode::from_raw_mode(0o755);

/// The root directory.
#[derive(Debug)]
pub(super) struct Files {
    root_path: PathBuf,
    directories: RwLock<Directories>,
    temporary_directory: PathBuf,
    names: AtomicU64,
    stamps: AtomicU64,
}

#[derive(Clone, Debug)]
struct Directories {
    root: Arc<OwnedFd>,
    temporary: Arc<OwnedFd>,
}

impl Directories {
    fn open(root: &Path, temporary: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(temporary)?;
        Ok(Self {
            root: Arc::new(directory(root)?),
            temporary: Arc::new(directory(temporary)?),
        })
    }
}

/// What tells one content of a key from another: size and modification time in nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) size: u64,
    pub(super) stamp: i64,
}

impl Identity {
    pub(super) fn of(stat: &Stat) -> Self {
        let nanoseconds = i64::try_from(stat.st_mtime_nsec).unwrap_or(0);
        Self {
            size: u64::try_from(stat.st_size).unwrap_or(0),
            stamp: stat
                .st_mtime
                .saturating_mul(1_000_000_000)
                .saturating_add(nanoseconds),
        }
    }

    /// The modification time in Unix seconds.
    pub(super) fn seconds(self) -> u64 {
        u64::try_from(self.stamp / 1_000_000_000).unwrap_or(0)
    }
}

/// What is at a path.
#[derive(Debug)]
pub(super) enum Found {
    File(File, Identity),
    /// With its modification time.
    Folder(OwnedFd, u64),
}

/// A body in the making. Removed when dropped.
#[derive(Debug)]
pub(super) struct TempFile {
    directory: Arc<OwnedFd>,
    name: String,
    /// Set when the name is no longer ours to remove.
    stays: bool,
}

impl TempFile {
    /// A body that outlives a failed commit.
    pub(super) fn kept(directory: OwnedFd, name: String) -> Self {
        Self {
            directory: Arc::new(directory),
            name,
            stays: true,
        }
    }
}

impl Drop for TempFile {
    fn drop(&mut self) {
        if !self.stays {
            // If it cannot be removed now, it is when the store is opened next.
            let _ = fs::unlinkat(&*self.directory, &self.name, AtFlags::empty());
        }
    }
}

impl Files {
    pub(super) fn open(root: &Path) -> Result<Self, StoreError> {
        let temporary_directory = root.join(PRIVATE).join(TEMPORARY);
        let prepare = || -> io::Result<Directories> {
            if temporary_directory.exists() {
                std::fs::remove_dir_all(&temporary_directory)?;
            }
            Directories::open(root, &temporary_directory)
        };
        let directories =
            prepare().map_err(|error| StoreError::io("prepare the data directory", error))?;
        Ok(Self {
            root_path: root.to_owned(),
            directories: RwLock::new(directories),
            temporary_directory,
            names: AtomicU64::new(0),
            stamps: AtomicU64::new(rand::random::<u32>().into()),
        })
    }

    /// Makes the directories again that another program removed.
    pub(super) fn make_again(&self) -> Result<(), StoreError> {
        let new = Directories::open(&self.root_path, &self.temporary_directory)
            .map_err(|error| StoreError::io("make the data directory again", error))?;
        *self.directories.write() = new;
        Ok(())
    }

    fn directories(&self) -> Directories {
        let directories = self.directories.read();
        directories.clone()
    }

    /// Opens whatever is at a key.
    pub(super) fn find(&self, service: &ServiceName, key: &Key) -> Result<Found, StoreError> {
        let path = relative(service, key);
        // NONBLOCK: a pipe must not make anybody wait for its other end.
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        let opened = open_beneath(&*self.directories().root, &path, flags);
        let fd = match opened {
            Ok(fd) => fd,
            Err(error) if is_nothing(error) => return Err(StoreError::NotFound(key.clone())),
            Err(error) => return Err(StoreError::io("open an object", error)),
        };
        let stat = fs::fstat(&fd).map_err(|error| StoreError::io("look at an object", error))?;
        match FileType::from_raw_mode(stat.st_mode) {
            FileType::RegularFile => Ok(Found::File(File::from(fd), Identity::of(&stat))),
            FileType::Directory => Ok(Found::Folder(fd, Identity::of(&stat).seconds())),
            _ => Err(StoreError::NotFound(key.clone())),
        }
    }

    /// What is at a key, without opening it.
    pub(super) fn look(&self, service: &ServiceName, key: &Key) -> Option<(FileType, Identity)> {
        let (parent, name) = self.parent(service, key).ok()?;
        look_at(&parent, name)
    }

    /// The folder that holds a key, and the name in it.
    pub(super) fn parent<'k>(
        &self,
        service: &ServiceName,
        key: &'k Key,
    ) -> Result<(OwnedFd, &'k str), StoreError> {
        let parent = key.parent().ok_or(StoreError::Root)?;
        match open_beneath(
            &*self.directories().root,
            &relative(service, &parent),
            directory_flags(),
        ) {
            Ok(fd) => Ok((fd, key.name())),
            Err(Errno::NOENT) => Err(StoreError::NotFound(key.clone())),
            Err(Errno::NOTDIR | Errno::LOOP) => Err(StoreError::ParentIsFile(key.clone())),
            Err(error) => Err(StoreError::io("open a folder", error)),
        }
    }

    /// Makes one folder; its parent must be there. `false` if it is there already.
    pub(super) fn make_folder(&self, service: &ServiceName, key: &Key) -> Result<bool, StoreError> {
        let (parent, name) = self.parent(service, key)?;
        match fs::mkdirat(&parent, name, DIR_MODE) {
            Ok(()) => Ok(true),
            Err(Errno::EXIST) => match look_at(&parent, name) {
                Some((FileType::Directory, _)) => Ok(false),
                _ => Err(StoreError::WrongEntryKind(key.clone())),
            },
            Err(error) => Err(StoreError::io("make a folder", error)),
        }
    }

    /// Makes the root folder of a service.
    pub(super) fn make_service(&self, service: &ServiceName) -> Result<(), StoreError> {
        match fs::mkdirat(&*self.directories().root, service.as_str(), DIR_MODE) {
            Ok(()) | Err(Errno::EXIST) => Ok(()),
            Err(error) => Err(StoreError::io("make the folder of a service", error)),
        }
    }

    fn new_name(&self) -> String {
        format!("{:016x}", self.names.fetch_add(1, Ordering::Relaxed))
    }

    /// A new file for a body.
    pub(super) fn temporary(&self) -> Result<(TempFile, File), StoreError> {
        let name = self.new_name();
        let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
        let directory = self.directories().temporary;
        let file = fs::openat(&*directory, &name, flags, FILE_MODE)
            .map_err(|error| StoreError::io("make a file for a body", error))?;
        Ok((
            TempFile {
                directory,
                name,
                stays: false,
            },
            File::from(file),
        ))
    }

    /// Gives a finished body a modification time that no other content has: the second is that of
    /// the server's clock, for those who look at the files, and the rest is a number of ours.
    pub(super) fn stamp(&self, file: &File, now: SystemTime) -> Result<Identity, StoreError> {
        let count = self.stamps.fetch_add(1, Ordering::Relaxed);
        let seconds = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let time = fs::Timespec {
            tv_sec: i64::try_from(seconds).unwrap_or(i64::MAX),
            tv_nsec: (count % 1_000_000_000) as _,
        };
        let times = fs::Timestamps {
            last_access: time,
            last_modification: time,
        };
        let failed = |error: Errno| StoreError::io("date a body", error);
        fs::futimens(file, &times).map_err(failed)?;
        // Some file systems keep less than a nanosecond, so what counts is what was kept.
        Ok(Identity::of(&fs::fstat(file).map_err(failed)?))
    }

    /// The step that everybody sees: a body takes the name of a key.
    pub(super) fn place(
        &self,
        body: &mut TempFile,
        parent: &OwnedFd,
        name: &str,
        key: &Key,
    ) -> Result<(), StoreError> {
        fs::renameat(&*body.directory, &body.name, parent, name)
            .map_err(|error| misplaced(error, key))?;
        body.stays = true;
        Ok(())
    }

    /// Gives an object another key. Both parents must be there.
    pub(super) fn rename(
        &self,
        service: &ServiceName,
        from: &Key,
        to: &Key,
    ) -> Result<(), StoreError> {
        let (from_parent, from_name) = self.parent(service, from)?;
        let (to_parent, to_name) = self.parent(service, to)?;
        fs::renameat(&from_parent, from_name, &to_parent, to_name)
            .map_err(|error| misplaced(error, to))
    }

    pub(super) fn remove_file(&self, service: &ServiceName, key: &Key) -> Result<(), StoreError> {
        let (parent, name) = self.parent(service, key)?;
        match fs::unlinkat(&parent, name, AtFlags::empty()) {
            Ok(()) => Ok(()),
            Err(Errno::NOENT) => Err(StoreError::NotFound(key.clone())),
            Err(error) => Err(StoreError::io("delete a file", error)),
        }
    }

    pub(super) fn remove_folder(&self, service: &ServiceName, key: &Key) -> Result<(), StoreError> {
        let (parent, name) = self.parent(service, key)?;
        match fs::unlinkat(&parent, name, AtFlags::REMOVEDIR) {
            Ok(()) => Ok(()),
            Err(Errno::NOENT) => Err(StoreError::NotFound(key.clone())),
            Err(Errno::NOTEMPTY | Errno::EXIST) => Err(StoreError::NotEmpty(key.clone())),
            Err(error) => Err(StoreError::io("delete a folder", error)),
        }
    }
}

fn misplaced(error: Errno, key: &Key) -> StoreError {
    match error {
        Errno::ISDIR | Errno::EXIST | Errno::NOTEMPTY | Errno::NOTDIR => {
            StoreError::WrongEntryKind(key.clone())
        }
        Errno::NOENT => StoreError::NotFound(key.clone()),
        error => StoreError::io("put an object in its place", error),
    }
}

/// What a name in a folder is. Links are what they are, not what they point to.
pub(super) fn look_at(parent: &OwnedFd, name: &str) -> Option<(FileType, Identity)> {
    let stat = fs::statat(parent, name, AtFlags::SYMLINK_NOFOLLOW).ok()?;
    Some((FileType::from_raw_mode(stat.st_mode), Identity::of(&stat)))
}

fn directory_flags() -> OFlags {
    OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC
}

fn directory(path: &Path) -> io::Result<OwnedFd> {
    Ok(fs::open(path, directory_flags(), Mode::empty())?)
}

/// `<service>/<key>`, or the service alone for its root.
fn relative(service: &ServiceName, key: &Key) -> String {
    let key = if key.is_root() { "" } else { key.as_str() };
    [service.as_str(), key].concat()
}

/// Errors of a path at which there is nothing for us: absent, below a file, or through a link.
fn is_nothing(error: Errno) -> bool {
    matches!(
        error,
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::NXIO | Errno::XDEV
    )
}

#[cfg(target_os = "linux")]
fn open_beneath(root: impl AsFd, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    use rustix::fs::ResolveFlags;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS;
    match fs::openat2(root.as_fd(), path, flags, Mode::empty(), resolve) {
        // Old kernels, and sandboxes that do not know the call.
        Err(Errno::NOSYS | Errno::PERM) => open_stepwise(root.as_fd(), path, flags),
        other => other,
    }
}

#[cfg(not(target_os = "linux"))]
fn open_beneath(root: impl AsFd, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    open_stepwise(root.as_fd(), path, flags)
}

/// Goes down one segment at a time, so that each is seen not to be a link.
fn open_stepwise(
    root: std::os::fd::BorrowedFd<'_>,
    path: &str,
    flags: OFlags,
) -> rustix::io::Result<OwnedFd> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at: Option<OwnedFd> = None;
    let step = |at: &Option<OwnedFd>, name: &str, flags: OFlags| {
        let from = at.as_ref().map_or(root, AsFd::as_fd);
        fs::openat(from, name, flags | OFlags::NOFOLLOW, Mode::empty())
    };
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        at = Some(step(&at, folder, directory_flags())?);
    }
    step(&at, name, flags)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn both_ways_to_open_refuse_links() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("s/real")).unwrap();
        std::fs::write(dir.path().join("s/real/file"), "x").unwrap();
        symlink("real", dir.path().join("s/link")).unwrap();
        symlink("/etc/hostname", dir.path().join("s/out")).unwrap();
        let root = directory(dir.path()).unwrap();
        let flags = OFlags::RDONLY;
        for path in ["s", "s/real", "s/real/file"] {
            assert!(open_beneath(&root, path, flags).is_ok(), "{path}");
            assert!(open_stepwise(root.as_fd(), path, flags).is_ok(), "{path}");
        }
        for path in [
            "s/link/file",
            "s/out",
            "s/link",
            "s/absent",
            "s/real/file/x",
        ] {
            let beneath = open_beneath(&root, path, flags).unwrap_err();
            let stepwise = open_stepwise(root.as_fd(), path, flags).unwrap_err();
            assert!(
                is_nothing(beneath) && is_nothing(stepwise),
                "{path} {beneath} {stepwise}"
            );
        }
    }
}
