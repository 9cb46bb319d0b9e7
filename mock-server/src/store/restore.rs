//! Going back to a snapshot, an object at a time.
//!
//! A process that is killed on the way leaves each object as it was before or as it is in the
//! snapshot. An object is replaced as by an upload: first its sidecar has the records of both
//! contents, then the content is replaced in one step, then the sidecar becomes that of the snapshot.

use std::{
    collections::HashMap,
    ffi::OsString,
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use upyun_client::protocol::Key;

use super::{Service, Snapshot, Store, StoreError, key_hash::hash, locks::ExclusiveLock, tree};

/// A service of which a snapshot is being restored.
struct Restore<'r> {
    exclusive: &'r ExclusiveLock<'r>,
    service: Service,
    /// Where the snapshot's sidecars are.
    sidecars: PathBuf,
}

/// A folder in both trees.
struct Folder {
    /// None below a name that no key can have; such files have no sidecars.
    key: Option<Key>,
    now: PathBuf,
    then: PathBuf,
}

impl Store {
    /// Makes all objects what they were. It looks at each object, and replaces those that differ.
    /// Services that were added since are emptied, unfinished uploads are cancelled.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the directory cannot be read or written.
    pub(crate) fn restore(&self, snapshot: &Snapshot) -> Result<(), StoreError> {
        let exclusive = self.inner.locks.exclusive();
        self.inner.uploads.forget_all();
        let restored = self.restore_all(snapshot, &exclusive);
        self.forget_caches();
        self.inner.schedule.replace(snapshot.jobs.clone());
        restored
    }

    fn restore_all(
        &self,
        snapshot: &Snapshot,
        exclusive: &ExclusiveLock<'_>,
    ) -> Result<(), StoreError> {
        let failed = |error| StoreError::io("restore a snapshot", error);
        for name in self.service_names().map_err(failed)? {
            if !snapshot.services.contains(&name) {
                self.handle(&name).clear(exclusive)?;
            }
        }
        for name in &snapshot.services {
            let restore = Restore {
                exclusive,
                service: self.service(name)?,
                sidecars: snapshot.sidecars(name),
            };
            restore.run(snapshot.objects(name)).map_err(failed)?;
        }
        Ok(())
    }
}

impl Restore<'_> {
    fn run(&self, objects: PathBuf) -> io::Result<()> {
        let mut folders = vec![Folder {
            key: Some(Key::root()),
            now: self.service.root_path(),
            then: objects,
        }];
        while let Some(folder) = folders.pop() {
            let mut now = kinds(&folder.now)?;
            let then = kinds(&folder.then)?;
            now.retain(|name, is_folder| then.get(name) != Some(is_folder));
            for (name, is_folder) in now {
                self.remove(folder.child(&name), is_folder)?;
            }
            for (name, is_folder) in then {
                let child = folder.child(&name);
                if is_folder {
                    self.restore_folder(&child)?;
                    folders.push(child);
                } else {
                    self.restore_file(&child)?;
                }
            }
        }
        Ok(())
    }

    fn restore_folder(&self, folder: &Folder) -> io::Result<()> {
        match fs::create_dir(&folder.now) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // A link that another program put there must not lead out of the tree.
                if !fs::symlink_metadata(&folder.now)?.is_dir() {
                    fs::remove_file(&folder.now)?;
                    fs::create_dir(&folder.now)?;
                }
            }
            made => made?,
        }
        self.restore_sidecar(folder)
    }

    fn restore_file(&self, file: &Folder) -> io::Result<()> {
        let then = fs::symlink_metadata(&file.then)?;
        let is_same = match fs::symlink_metadata(&file.now) {
            Ok(now) => now.dev() == then.dev() && now.ino() == then.ino(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => false,
            Err(error) => return Err(error),
        };
        if !is_same {
            if let Some(key) = &file.key {
                let hash = hash(&self.service.name, key);
                let sidecars = &self.service.store.inner.sidecars;
                let then = self.sidecars.join(hash.to_string());
                sidecars.merge(&self.service.name, &self.exclusive.key(hash), &then)?;
            }
            let files = &self.service.store.inner.files;
            files.replace_by_link(&file.then, &file.now)?;
        }
        self.restore_sidecar(file)
    }

    fn restore_sidecar(&self, entry: &Folder) -> io::Result<()> {
        let Some(key) = &entry.key else {
            return Ok(());
        };
        let hash = hash(&self.service.name, key).to_string();
        let (now, then) = (
            self.service.sidecars_path().join(&hash),
            self.sidecars.join(&hash),
        );
        let inode = |path: &Path| fs::symlink_metadata(path).map(|meta| meta.ino()).ok();
        match (inode(&now), inode(&then)) {
            (now, then) if now == then => Ok(()),
            (Some(_), None) => fs::remove_file(now),
            _ => self.service.store.inner.files.replace_by_link(&then, &now),
        }
    }

    /// Removes what is not in the snapshot, with its sidecars.
    fn remove(&self, entry: Folder, is_folder: bool) -> io::Result<()> {
        let sidecars = &self.service.store.inner.sidecars;
        let forget = |key: &Key| {
            let locked = self.exclusive.key(hash(&self.service.name, key));
            sidecars.remove(&self.service.name, &locked);
        };
        if !is_folder {
            fs::remove_file(&entry.now)?;
            entry.key.iter().for_each(forget);
            return Ok(());
        }
        let mut keys: Vec<Key> = entry.key.iter().cloned().collect();
        let root = self.service.root_path();
        tree::walk(&entry.now, &mut |path, _| {
            keys.extend(key_of(&root, path));
            Ok(())
        })?;
        let files = &self.service.store.inner.files;
        files.take_tree(&entry.now).map_err(io::Error::other)?;
        keys.iter().for_each(forget);
        Ok(())
    }
}

impl Folder {
    fn child(&self, name: &OsString) -> Self {
        let key = self.key.as_ref().zip(name.to_str());
        Self {
            key: key.and_then(|(key, name)| key.join(name).ok()),
            now: self.now.join(name),
            then: self.then.join(name),
        }
    }
}

/// The files (`false`) and folders (`true`) in a folder.
fn kinds(folder: &Path) -> io::Result<HashMap<OsString, bool>> {
    let mut kinds = HashMap::new();
    for entry in tree::entries(folder)? {
        let kind = entry.file_type()?;
        if kind.is_file() || kind.is_dir() {
            kinds.insert(entry.file_name(), kind.is_dir());
        }
    }
    Ok(kinds)
}

/// The key of a path below the root of a service, if it can be one.
pub(super) fn key_of(root: &Path, path: &Path) -> Option<Key> {
    let relative = path.strip_prefix(root).ok()?;
    Key::parse(&format!("/{}", relative.to_str()?)).ok()
}
