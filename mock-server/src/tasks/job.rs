//! What an app has at hand: its task, the service's objects, a place to work in.

use std::{path::Path, sync::Arc};

use bytes::Bytes;
use serde_json::{Map, Value};
use tokio::{fs::File, io::AsyncReadExt as _};
use upyun_client::protocol::{Key, path as codec};

use super::{TaskEntry, World, outcome::Failure, task::Task};
use crate::{
    image,
    store::{Attributes, Body, Kind, Object, Opened, Overwrite, Service, StoreError, WorkDir},
};

/// A file is read in pieces of this size.
const PIECE: usize = 256 * 1024;

/// A task that is being carried out.
#[derive(Debug)]
pub(crate) struct Job {
    pub(super) world: Arc<World>,
    pub(super) service: Service,
    pub(super) task: Arc<Task>,
    pub(super) entry: TaskEntry,
}

impl Job {
    pub(crate) fn parameters(&self) -> &Map<String, Value> {
        &self.entry.parameters
    }

    /// A text member that is there and not empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let text = self.entry.parameters.get(name)?.as_str()?;
        Some(text).filter(|text| !text.is_empty())
    }

    /// A text member that must be there.
    pub(crate) fn needed(&self, name: &str) -> Result<&str, Failure> {
        self.text(name)
            .ok_or_else(|| Failure::malformed(format!("the task has no {name}")))
    }

    /// Tells how far it is.
    pub(super) fn advance(&self, done: u64, of: u64) {
        let percent = done.saturating_mul(100) / of.max(1);
        self.task.advance(u8::try_from(percent).unwrap_or(99));
    }

    /// Opens what a path leads to; `None` if nothing is there.
    pub(super) async fn look(&self, path: &str) -> Result<Option<(Key, Opened)>, Failure> {
        let key = key_of(path)?;
        match self.service.open(&key).await {
            Ok(opened) => Ok(Some((key, opened))),
            Err(StoreError::NotFound(_)) => Ok(None),
            Err(error) => Err(Failure::internal(error.to_string())),
        }
    }

    /// Opens an object that a path names. Some write the service's name before it.
    pub(crate) async fn open(&self, path: &str) -> Result<(Key, Object), Failure> {
        let absent = || Failure::not_found(format!("no object is at {path}"));
        let prefix = format!("/{}/", self.service.name());
        let mut found = self.look(path).await?;
        if found.is_none()
            && let Some(rest) = path.strip_prefix(&prefix)
        {
            found = self.look(rest).await?;
        }
        match found {
            Some((key, Opened::File(object))) => Ok((key, object)),
            Some((_, Opened::Folder(_))) | None => Err(absent()),
        }
    }

    /// A directory of this task's own.
    pub(super) fn work_dir(&self) -> Result<WorkDir, Failure> {
        Ok(self.world.store.work_dir(self.entry.id.as_str())?)
    }

    /// A small text that the caller has looked at.
    pub(crate) fn text_of(&self, key: &Key) -> Result<String, Failure> {
        let bytes = self.service.get_now(key)?;
        String::from_utf8(bytes).map_err(|_| Failure::malformed(format!("{key} is not UTF-8")))
    }

    /// Bytes in the store's keeping; nothing is visible yet.
    pub(crate) async fn body_of(&self, bytes: impl Into<Bytes>) -> Result<Body, Failure> {
        let mut upload = self.service.upload();
        upload.write(bytes.into()).await?;
        Ok(upload.finish().await?)
    }

    /// The id of the task.
    pub(crate) fn id(&self) -> &str {
        self.entry.id.as_str()
    }

    /// Takes a local file into the store's keeping; nothing is visible yet.
    pub(super) async fn take(&self, path: &Path) -> Result<Body, Failure> {
        let unreadable = |error: std::io::Error| Failure::internal(error.to_string());
        let mut file = File::open(path).await.map_err(unreadable)?;
        let mut upload = self.service.upload();
        loop {
            let mut piece = Vec::with_capacity(PIECE);
            if file.read_buf(&mut piece).await.map_err(unreadable)? == 0 {
                return Ok(upload.finish().await?);
            }
            upload.write(Bytes::from(piece)).await?;
        }
    }

    /// Gives results their keys: all or, as far as possible, none.
    pub(crate) async fn keep(&self, results: Vec<(Key, Body, Attributes)>) -> Result<(), Failure> {
        let mut keeping = Keeping::new(self);
        let mut kept = Ok(());
        for (key, body, attributes) in results {
            kept = keeping.put(&key, body, attributes).await;
            if kept.is_err() {
                break;
            }
        }
        keeping.finish(kept).await
    }
}

/// Results that get their keys one after the other.
#[derive(Debug)]
pub(super) struct Keeping<'a> {
    job: &'a Job,
    /// Keys that were free before.
    made: Vec<Key>,
    /// Folders that were not there before, each behind those above it.
    folders: Vec<Key>,
}

impl<'a> Keeping<'a> {
    pub(super) fn new(job: &'a Job) -> Self {
        Self {
            job,
            made: Vec::new(),
            folders: Vec::new(),
        }
    }

    /// Gives a result its key.
    pub(super) async fn put(
        &mut self,
        key: &Key,
        body: Body,
        mut attributes: Attributes,
    ) -> Result<(), Failure> {
        attributes.image = image::facts(&body).await;
        let is_new = self.job.service.entry(key).await.is_err();
        let parents = match key.parent() {
            Some(parent) => self.make_folder(&parent).await,
            None => Ok(()),
        };
        parents
            .map_err(|why| Failure::storing(format!("{key} cannot be stored: {}", why.why())))?;
        body.commit(key, attributes, Overwrite::Anything).await?;
        if is_new {
            self.made.push(key.clone());
        }
        Ok(())
    }

    /// Makes a folder and those above it.
    pub(super) async fn make_folder(&mut self, key: &Key) -> Result<(), Failure> {
        self.folders
            .extend(self.job.service.make_folders(key).await?);
        Ok(())
    }

    /// Undoes what was made if not everything could be.
    pub(super) async fn finish(self, result: Result<(), Failure>) -> Result<(), Failure> {
        if result.is_err() {
            for key in self.made {
                // What cannot be undone stays; the failure is told either way.
                let _ = self.job.service.delete(&key, Kind::File).await;
            }
            for key in self.folders.iter().rev() {
                // Others may have put something there since; such a folder stays.
                let _ = self.job.service.delete(key, Kind::Folder).await;
            }
        }
        result
    }
}

/// The key that a path names; a missing first slash is added.
pub(crate) fn key_of(path: &str) -> Result<Key, Failure> {
    let path = format!("/{}", path.trim_start_matches('/'));
    Key::parse(&path).map_err(|error| Failure::bad_parameter(format!("{path}: {error}")))
}

/// What a line of a playlist names, in the service of the playlist.
pub(crate) fn resolve(playlist: &Key, line: &str) -> Result<Key, Failure> {
    let refuse = || {
        Failure::malformed(format!(
            "the playlist {playlist} names {line:?}, no file beside it"
        ))
    };
    if line.contains("://") {
        return Err(refuse());
    }
    let path = line.split(['?', '#']).next().unwrap_or_default();
    let path = codec::decode(path.as_bytes()).map_err(|_| refuse())?;
    let whole = match path.starts_with('/') {
        true => path,
        false => {
            let folder = playlist.parent().unwrap_or_else(Key::root);
            format!("{}/{path}", folder.as_str().trim_end_matches('/'))
        }
    };
    Key::parse(&whole).map_err(|_| refuse())
}
