//! Resumable uploads: parts that arrive one after the other or all at once.
//!
//! An unfinished upload is two files in `.upyun-mock/uploads/`: `<uuid>.data`, in which every part
//! is written to its final offset, and `<uuid>.jsonl`, whose first line says what was announced and
//! whose further lines name the parts that are whole. A part counts when its line is there; what a
//! part that failed has left in the data is overwritten by the next attempt. Completion is the
//! commit of any object: the data file takes the name of the key, and nothing is copied.
//!
//! The MD5 of the whole is computed behind the parts, in order, as far as there is no gap, so that
//! completing a large upload reads only what arrived last.
//!
//! # One part, two requests
//!
//! A client that lost its patience sends a part again while the server still listens to the first
//! attempt. The first one holds a *claim* on the part's place in the file; the second one goes to a
//! file of its own. Whichever is whole first wins: if it is the second, it revokes the claim, after
//! which the first cannot write any more, and takes its place.

mod claim;
mod complete;
mod completed;
mod files;
mod part;
mod state;

use std::{
    collections::{HashMap, HashSet},
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use parking_lot::Mutex;
use upyun_client::protocol::{Key, ServiceName};

pub(super) use self::claim::Claim;
pub(crate) use self::state::{Announced, Completed, Multipart, Part};
use self::{completed::CompletedUploads, files::UploadFiles, state::Phase};
use super::{Service, Store, StoreError};

/// How long an upload may take, and how long a completed one is remembered.
const LIFE: Duration = Duration::from_secs(24 * 3600);

/// All uploads of a store that were begun and not forgotten.
#[derive(Debug)]
pub(super) struct Uploads {
    files: UploadFiles,
    all: Mutex<HashMap<String, Arc<Multipart>>>,
    /// The number of the next one.
    next_number: AtomicU64,
    completed: Mutex<CompletedUploads>,
}

impl Uploads {
    /// Finds the uploads that an earlier process left.
    pub(super) fn open(root: &Path) -> Result<Self, StoreError> {
        let files = UploadFiles::open(root)
            .map_err(|error| StoreError::io("open the uploads' directory", error))?;
        let mut loaded = files
            .load()
            .map_err(|error| StoreError::io("read the unfinished uploads", error))?;
        let next_number = loaded.last().map_or(0, |upload| upload.number + 1);
        let mut completed = CompletedUploads::default();
        let ended = loaded.iter().filter(|upload| !upload.is_open());
        let forgotten: HashSet<_> = ended.flat_map(|upload| completed.add(upload)).collect();
        forgotten.iter().for_each(|uuid| files.remove(uuid));
        loaded.retain(|upload| !forgotten.contains(&upload.uuid));
        let all = loaded.into_iter().map(Arc::new);
        let all = all.map(|upload| (upload.uuid.clone(), upload)).collect();
        Ok(Self {
            files,
            all: Mutex::new(all),
            next_number: AtomicU64::new(next_number),
            completed: Mutex::new(completed),
        })
    }

    pub(super) fn make_directory(&self) -> Result<(), StoreError> {
        let made = self.files.make_directory();
        made.map_err(|error| StoreError::io("make the uploads' directory", error))
    }

    /// When each upload ends.
    pub(super) fn ends(&self) -> Vec<(String, Duration)> {
        let all = self.all.lock();
        let ends = all.values().map(|upload| {
            let end = Duration::from_secs(upload.expires_at());
            (upload.uuid.clone(), end)
        });
        ends.collect()
    }

    /// Forgets an upload and what it holds.
    pub(super) fn forget(&self, uuid: &str) {
        if let Some(upload) = self.all.lock().remove(uuid) {
            upload.close(Phase::Gone);
            self.files.remove(uuid);
        }
    }

    /// Forgets all uploads.
    pub(super) fn forget_all(&self) {
        let all: Vec<String> = self.all.lock().keys().cloned().collect();
        all.iter().for_each(|uuid| self.forget(uuid));
    }

    /// The ids of a service's uploads.
    pub(super) fn of_service(&self, service: &ServiceName) -> Vec<String> {
        let all = self.all.lock();
        let uploads = all.values().filter(|upload| upload.service == *service);
        uploads.map(|upload| upload.uuid.clone()).collect()
    }
}

impl Store {
    /// Forgets an upload, what it holds, and that it ends.
    pub(super) fn forget_upload(&self, uuid: &str) {
        self.inner.uploads.forget(uuid);
        self.inner.schedule.cancel_upload(uuid);
    }

    /// Remembers that an upload was completed, for a while.
    fn remember_completed(&self, upload: &Multipart) {
        let completed = &self.inner.uploads.completed;
        let mut completed = completed.lock();
        let forgotten = completed.add(upload);
        drop(completed);
        forgotten.iter().for_each(|uuid| self.forget_upload(uuid));
    }

    /// Forgets the uploads of a service.
    pub(super) fn forget_uploads_of(&self, service: &ServiceName) {
        for uuid in self.inner.uploads.of_service(service) {
            self.forget_upload(&uuid);
        }
    }
}

impl Service {
    /// Begins a resumable upload.
    ///
    /// # Errors
    /// [`StoreError::WrongEntryKind`] or [`StoreError::ParentIsFile`] when no file can have the key.
    pub(crate) fn initiate(
        &self,
        key: &Key,
        announced: Announced,
    ) -> Result<Arc<Multipart>, StoreError> {
        self.accepts_file(key)?;
        let inner = &self.store.inner;
        let now = inner.clock.now();
        let number = inner.uploads.next_number.fetch_add(1, Ordering::Relaxed);
        let upload = Multipart::new(&self.name, key, announced, inner.clock.unix(), number);
        self.with_directories(|| {
            let created = inner.uploads.files.create(&upload);
            created.map_err(|error| StoreError::io("begin an upload", error))
        })?;
        let upload = Arc::new(upload);
        let uuid = upload.uuid.clone();
        inner
            .uploads
            .all
            .lock()
            .insert(uuid.clone(), Arc::clone(&upload));
        inner.schedule.forget_upload_at(now + LIFE, &uuid);
        Ok(upload)
    }

    /// The upload of this id and key, unfinished or completed in the last 24 hours.
    pub(crate) fn multipart(&self, key: &Key, uuid: &str) -> Option<Arc<Multipart>> {
        let all = self.store.inner.uploads.all.lock();
        let upload = all.get(uuid)?;
        (upload.service == self.name && upload.key == *key).then(|| Arc::clone(upload))
    }

    /// The unfinished uploads, by key and then by age.
    pub(crate) fn unfinished(&self) -> Vec<Arc<Multipart>> {
        let all = self.store.inner.uploads.all.lock();
        let mut unfinished: Vec<_> = all
            .values()
            .filter(|upload| upload.service == self.name && upload.is_open())
            .cloned()
            .collect();
        unfinished.sort_by(|a, b| (&a.key, a.number).cmp(&(&b.key, b.number)));
        unfinished
    }

    /// The newest unfinished upload of a key (`[choice M-29]`).
    pub(crate) fn newest_unfinished(&self, key: &Key) -> Option<Arc<Multipart>> {
        self.unfinished()
            .into_iter()
            .rfind(|upload| upload.key == *key)
    }

    /// Gives an upload up: its parts are dropped.
    pub(super) fn cancel_now(&self, upload: &Multipart) -> Result<(), MultipartError> {
        if upload.completed().is_some() {
            return Err(MultipartError::Completed);
        }
        self.store.forget_upload(&upload.uuid);
        Ok(())
    }

    /// The content of an unfinished upload as far as there is no gap, and its size.
    ///
    /// # Errors
    /// The file system's.
    pub(crate) fn open_unfinished(
        &self,
        upload: &Multipart,
    ) -> Result<(std::fs::File, u64), StoreError> {
        let file = self.store.inner.uploads.files.open_data(&upload.uuid);
        let file = file.map_err(|error| StoreError::io("open an upload", error))?;
        Ok((file, upload.gapless_bytes()))
    }

    /// Whether a file can be put at a key.
    fn accepts_file(&self, key: &Key) -> Result<(), StoreError> {
        let _shared = self.store.inner.locks.shared();
        match self.parent(key) {
            Ok((parent, name)) => match super::files::look_at(&parent, name) {
                Some((rustix::fs::FileType::Directory, _)) => {
                    Err(StoreError::WrongEntryKind(key.clone()))
                }
                _ => Ok(()),
            },
            Err(StoreError::NotFound(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

/// Why a step of a resumable upload failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum MultipartError {
    /// The upload was cancelled or has ended.
    #[error("the upload was cancelled or is older than 24 hours")]
    Gone,
    /// Another part is next.
    #[error("another part is next")]
    NotNext,
    /// The part is there already, or all parts are.
    #[error("this part, or every part, is there already")]
    PartComplete,
    /// The upload was completed before.
    #[error("the upload was completed before")]
    Completed,
    /// Parts are missing.
    #[error("parts are missing")]
    Incomplete,
    /// A part that is not the last has another size than announced.
    #[error("a part that is not the last is smaller than the part size")]
    PartSizeMismatch,
    /// The MD5 of the whole is another one.
    #[error("the MD5 of the whole is another one than announced")]
    Md5Mismatch,
    /// What any object can meet.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl MultipartError {
    fn io(what: &'static str, error: io::Error) -> Self {
        Self::Store(StoreError::io(what, error))
    }
}
