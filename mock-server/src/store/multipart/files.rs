//! The two files of an upload.

use std::{
    fs::{self, File, OpenOptions},
    io,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use upyun_client::protocol::{Key, ServiceName};

use super::state::{Announced, Completed, Multipart, Part, Phase};
use crate::store::{
    files::{PRIVATE, TempFile},
    lines,
    record::MetaValue,
};

/// The directory of the unfinished uploads.
#[derive(Debug)]
pub(super) struct UploadFiles {
    path: PathBuf,
}

/// A line of an upload's file. The first is `Begun`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line {
    Begun(Begun),
    Part(Part),
    Completed(Completed),
}

#[derive(Serialize, Deserialize)]
pub(super) struct Begun {
    service: String,
    key: String,
    ordered: bool,
    length: Option<u64>,
    part_size: u64,
    content_type: String,
    meta: Vec<(String, MetaValue)>,
    created_at: u64,
    /// The order in which uploads began.
    #[serde(default)]
    number: u64,
}

impl Begun {
    fn of(upload: &Multipart) -> Self {
        let Announced {
            ordered,
            length,
            part_size,
            content_type,
            meta,
        } = upload.announced.clone();
        Self {
            service: upload.service.to_string(),
            key: upload.key.to_string(),
            ordered,
            length,
            part_size,
            content_type,
            meta: meta
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
            created_at: upload.created_at,
            number: upload.number,
        }
    }
}

impl UploadFiles {
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let files = Self {
            path: root.join(PRIVATE).join("uploads"),
        };
        files.make_directory()?;
        Ok(files)
    }

    pub(super) fn make_directory(&self) -> io::Result<()> {
        fs::create_dir_all(&self.path)
    }

    /// The uploads that are there, in the order in which they began. Files that a killed process left
    /// without an upload are removed.
    pub(super) fn load(&self) -> io::Result<Vec<Multipart>> {
        let mut found = Vec::new();
        for entry in fs::read_dir(&self.path)? {
            let path = entry?.path();
            let Some(uuid) = path.file_stem().and_then(|stem| stem.to_str()) else {
                continue;
            };
            let is_data = path.extension().is_some_and(|it| it == "data");
            if is_data && !self.lines_path(uuid).exists() {
                // Killed before the upload was written down: no client knows its id.
                self.remove(uuid);
            } else if !is_data {
                match self.read(uuid)? {
                    Some(upload) => found.push(upload),
                    None => self.remove(uuid),
                }
            }
        }
        found.sort_by_key(|upload| upload.number);
        Ok(found)
    }

    /// None if it never began, or was completed and the process was killed before it was written down.
    fn read(&self, uuid: &str) -> io::Result<Option<Multipart>> {
        let mut lines = lines::read::<Line>(&self.lines_path(uuid))?.into_iter();
        let Some(Line::Begun(begun)) = lines.next() else {
            return Ok(None);
        };
        let upload = self.parse(uuid, begun, lines);
        if upload.is_none() {
            tracing::warn!("the unfinished upload {uuid} has a key that is none; it is removed");
        }
        Ok(upload.filter(|upload| !upload.is_open() || self.data_path(uuid).exists()))
    }

    fn parse(
        &self,
        uuid: &str,
        begun: Begun,
        lines: impl Iterator<Item = Line>,
    ) -> Option<Multipart> {
        let service = ServiceName::parse(&begun.service).ok()?;
        let key = Key::parse(&begun.key).ok()?;
        let announced = Announced {
            ordered: begun.ordered,
            length: begun.length,
            part_size: begun.part_size,
            content_type: begun.content_type,
            meta: begun
                .meta
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
        };
        let part_size = announced.part_size;
        let mut upload = Multipart::new(&service, &key, announced, begun.created_at, begun.number);
        uuid.clone_into(&mut upload.uuid);
        let mut state = upload.lock();
        for line in lines {
            match line {
                Line::Part(part) => state.add(part, part_size),
                Line::Completed(completed) => state.phase = Phase::Completed(completed),
                Line::Begun(_) => {}
            }
        }
        drop(state);
        Some(upload)
    }

    /// Makes the files of an upload that begins.
    pub(super) fn create(&self, upload: &Multipart) -> io::Result<()> {
        File::create(self.data_path(&upload.uuid))
            .and_then(|_| self.append(&upload.uuid, &Line::Begun(Begun::of(upload))))
            .inspect_err(|_| self.remove(&upload.uuid))
    }

    pub(super) fn append(&self, uuid: &str, line: &Line) -> io::Result<()> {
        lines::append(&mut lines::open(&self.lines_path(uuid))?, line)
    }

    /// The data, with a position of its own.
    pub(super) fn open_data(&self, uuid: &str) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.data_path(uuid))
    }

    /// The data as a body that can be committed; it stays if it is not.
    pub(super) fn as_body(&self, uuid: &str) -> io::Result<TempFile> {
        let directory = File::open(&self.path)?;
        Ok(TempFile::kept(directory.into(), format!("{uuid}.data")))
    }

    pub(super) fn remove(&self, uuid: &str) {
        for path in [self.data_path(uuid), self.lines_path(uuid)] {
            if let Err(error) = fs::remove_file(&path)
                && error.kind() != io::ErrorKind::NotFound
            {
                tracing::warn!("{} cannot be removed: {error}", path.display());
            }
        }
    }

    fn data_path(&self, uuid: &str) -> PathBuf {
        self.path.join(format!("{uuid}.data"))
    }

    fn lines_path(&self, uuid: &str) -> PathBuf {
        self.path.join(format!("{uuid}.jsonl"))
    }
}
