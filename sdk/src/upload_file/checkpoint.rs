//! What is remembered of an upload, so that another attempt or another process goes on with it.

use std::{
    collections::HashMap,
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use super::source::Fingerprint;
use crate::protocol::{Md5Digest, ServiceName};

/// The service forgets an upload 24 hours after its begin.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// An upload that was begun and not ended.
///
/// It counts for 24 hours, and as long as the file has the size and the modification time that it had.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Checkpoint {
    /// The service's id of the upload.
    pub upload_id: String,
    /// Whether parts go one after the other.
    pub ordered: bool,
    /// Bytes.
    pub part_size: u64,
    /// In an ordered upload, the first part that is not known to have arrived.
    pub next_part: u32,
    /// Bytes.
    pub file_size: u64,
    /// When the file was modified last; `None` for bytes in memory.
    #[serde(with = "modified")]
    pub file_modified: Option<SystemTime>,
    /// When the upload was begun.
    #[serde(with = "begun")]
    pub begun: SystemTime,
}

impl Checkpoint {
    pub(super) fn new(upload_id: &str, ordered: bool, part_size: u64, file: &Fingerprint) -> Self {
        Self {
            upload_id: upload_id.to_owned(),
            ordered,
            part_size,
            next_part: 0,
            file_size: file.size,
            file_modified: file.modified,
            begun: SystemTime::now(),
        }
    }

    pub(super) fn fits(&self, ordered: bool, part_size: Option<u64>, file: &Fingerprint) -> bool {
        let age = SystemTime::now().duration_since(self.begun);
        self.ordered == ordered
            && self.part_size > 0
            && part_size.is_none_or(|size| size == self.part_size)
            && (self.file_size, self.file_modified) == (file.size, file.modified)
            && age.is_ok_and(|age| age < LIFE)
    }
}

/// Where checkpoints are kept between attempts.
///
/// The names are 32 hex digits, one for each pair of object and local file. Methods may block; they
/// are called where that is allowed.
pub trait CheckpointStore: Send + Sync {
    /// The checkpoint of this name, or `None`; also for one that cannot be understood.
    ///
    /// # Errors
    /// If the store cannot be read.
    fn load(&self, name: &str) -> io::Result<Option<Checkpoint>>;

    /// Keeps a checkpoint instead of any of this name.
    ///
    /// # Errors
    /// If the store cannot be written.
    fn save(&self, name: &str, checkpoint: &Checkpoint) -> io::Result<()>;

    /// Forgets a checkpoint; one that is not there is forgotten already.
    ///
    /// # Errors
    /// If the store cannot be written.
    fn remove(&self, name: &str) -> io::Result<()>;
}

/// The name of a pair of object and file. Other clients name theirs likewise.
pub(super) fn name_of(service: &ServiceName, key: &str, path: &Path) -> String {
    let key = key.trim_start_matches('/');
    Md5Digest::of(format!("{service}-/{key}-{}", path.display())).to_string()
}

/// Checkpoints that end with the process.
#[derive(Debug, Default)]
pub struct MemoryCheckpoints(Mutex<HashMap<String, Checkpoint>>);

impl MemoryCheckpoints {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }
}

impl CheckpointStore for MemoryCheckpoints {
    fn load(&self, name: &str) -> io::Result<Option<Checkpoint>> {
        let map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(map.get(name).cloned())
    }

    fn save(&self, name: &str, checkpoint: &Checkpoint) -> io::Result<()> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.insert(name.to_owned(), checkpoint.clone());
        Ok(())
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        let mut map = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        map.remove(name);
        Ok(())
    }
}

/// Checkpoints in a folder, a JSON file each: they outlive the process.
#[derive(Clone, Debug)]
pub struct FileCheckpoints {
    folder: PathBuf,
}

impl FileCheckpoints {
    /// In this folder, which is made when it is first needed.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.json"))
    }
}

impl CheckpointStore for FileCheckpoints {
    fn load(&self, name: &str) -> io::Result<Option<Checkpoint>> {
        match fs::read(self.path(name)) {
            Ok(text) => Ok(serde_json::from_slice(&text).ok()),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn save(&self, name: &str, checkpoint: &Checkpoint) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        // Beside it and renamed: whoever reads sees the old one or the new one, also after a crash.
        let draft = self.folder.join(format!("{name}.{}", std::process::id()));
        fs::write(&draft, serde_json::to_vec(checkpoint)?)?;
        fs::rename(draft, self.path(name))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// Nanoseconds since 1970, negative before.
mod modified {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(super) fn serialize<S: Serializer>(
        time: &Option<SystemTime>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        let nanos = time.map(|time| match time.duration_since(UNIX_EPOCH) {
            Ok(after) => after.as_nanos().cast_signed(),
            Err(before) => -before.duration().as_nanos().cast_signed(),
        });
        nanos.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<SystemTime>, D::Error> {
        Ok(Option::<i128>::deserialize(from)?.and_then(|nanos| {
            let distance = Duration::from_nanos(u64::try_from(nanos.unsigned_abs()).ok()?);
            if nanos < 0 {
                UNIX_EPOCH.checked_sub(distance)
            } else {
                UNIX_EPOCH.checked_add(distance)
            }
        }))
    }
}

/// Unix seconds.
mod begun {
    use std::time::{Duration, SystemTime, UNIX_EPOCH};

    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    pub(super) fn serialize<S: Serializer>(time: &SystemTime, to: S) -> Result<S::Ok, S::Error> {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        since.as_secs().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<SystemTime, D::Error> {
        let seconds = Duration::from_secs(u64::deserialize(from)?);
        let time = UNIX_EPOCH.checked_add(seconds);
        time.ok_or_else(|| D::Error::custom("the time is too far away"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Fingerprint {
        Fingerprint {
            size: 5,
            modified: Some(SystemTime::UNIX_EPOCH),
        }
    }

    #[test]
    fn a_checkpoint_fits_the_file_that_it_was_made_of() {
        let made = Checkpoint::new("id", true, 1024, &file());
        assert!(made.fits(true, None, &file()));
        assert!(made.fits(true, Some(1024), &file()));
        assert!(!made.fits(true, Some(2048), &file()));
        assert!(!made.fits(false, None, &file()));
        assert!(!made.fits(true, None, &Fingerprint { size: 6, ..file() }));
        let touched = Fingerprint {
            modified: Some(SystemTime::UNIX_EPOCH + Duration::from_nanos(1)),
            ..file()
        };
        assert!(!made.fits(true, None, &touched));
        for begun in [made.begun - LIFE, made.begun + Duration::from_secs(100)] {
            let old = Checkpoint {
                begun,
                ..made.clone()
            };
            assert!(!old.fits(true, None, &file()), "{begun:?}");
        }
    }

    #[test]
    #[allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
    fn stores_keep_and_forget() {
        let folder = tempfile::tempdir().unwrap();
        let files = FileCheckpoints::new(folder.path().join("new"));
        let memory = MemoryCheckpoints::new();
        for store in [&files as &dyn CheckpointStore, &memory] {
            let made = Checkpoint {
                begun: SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000),
                ..Checkpoint::new("id", false, 1024, &file())
            };
            assert_eq!(store.load("x").unwrap(), None);
            store.remove("x").unwrap();
            store.save("x", &made).unwrap();
            assert_eq!(store.load("x").unwrap(), Some(made));
            store.remove("x").unwrap();
            assert_eq!(store.load("x").unwrap(), None);
        }
        fs::write(files.path("x"), "{ damaged").unwrap();
        assert_eq!(files.load("x").unwrap(), None);
    }
}
