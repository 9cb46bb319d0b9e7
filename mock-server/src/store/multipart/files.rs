//! The two files of an upload.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::fd::OwnedFd,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};
use upyun_client::protocol::{Key, ServiceName};

use super::state::{Announced, Completed, Multipart, Part, Phase};
use crate::store::{
    files::{PRIVATE, TempFile},
    record::MetaValue,
};

/// The directory of the unfinished uploads.
#[derive(Debug)]
pub(super) struct UploadFiles {
    path: PathBuf,
    directory: Arc<OwnedFd>,
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
}

impl UploadFiles {
    pub(super) fn open(root: &Path) -> io::Result<Self> {
        let path = root.join(PRIVATE).join("uploads");
        fs::create_dir_all(&path)?;
        let directory = Arc::new(File::open(&path)?.into());
        Ok(Self { path, directory })
    }

    /// The uploads that are there. What cannot be read is removed.
    pub(super) fn load(&self) -> Vec<Multipart> {
        let mut found = Vec::new();
        let entries = fs::read_dir(&self.path).into_iter().flatten();
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let Some(uuid) = name.to_str().and_then(|name| name.strip_suffix(".jsonl")) else {
                continue;
            };
            match self.read(uuid) {
                Some(upload) => found.push(upload),
                None => {
                    tracing::warn!("the unfinished upload {uuid} cannot be read and is removed");
                    self.remove(uuid);
                }
            }
        }
        found
    }

    fn read(&self, uuid: &str) -> Option<Multipart> {
        let text = fs::read_to_string(self.lines_path(uuid)).ok()?;
        let mut lines = text.lines().map(serde_json::from_str::<Line>);
        let Some(Ok(Line::Begun(begun))) = lines.next() else {
            return None;
        };
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
        let mut upload = Multipart::new(&service, &key, announced, begun.created_at);
        uuid.clone_into(&mut upload.uuid);
        let mut state = upload.lock();
        // A line that was cut short names a part that was not answered yet.
        for line in lines.flatten() {
            match line {
                Line::Part(part) => state.add(part, part_size),
                Line::Completed(completed) => state.phase = Phase::Completed(completed),
                Line::Begun(_) => {}
            }
        }
        let is_open = state.phase == Phase::Open;
        drop(state);
        // Without its data it was completed, and the process ended before it was written down.
        (!is_open || self.data_path(uuid).exists()).then_some(upload)
    }

    /// Makes the files of an upload that begins.
    pub(super) fn create(&self, upload: &Multipart) -> io::Result<()> {
        File::create(self.data_path(&upload.uuid))?;
        let Announced {
            ordered,
            length,
            part_size,
            content_type,
            meta,
        } = upload.announced.clone();
        let begun = Begun {
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
        };
        self.append(&upload.uuid, &Line::Begun(begun))
    }

    pub(super) fn append(&self, uuid: &str, line: &Line) -> io::Result<()> {
        let mut text = serde_json::to_string(line)?;
        text.push('\n');
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .open(self.lines_path(uuid))?;
        file.write_all(text.as_bytes())
    }

    /// The data, with a position of its own.
    pub(super) fn open_data(&self, uuid: &str) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.data_path(uuid))
    }

    /// The data as a body that can be committed; it stays if it is not.
    pub(super) fn as_body(&self, uuid: &str) -> TempFile {
        TempFile::kept(Arc::clone(&self.directory), format!("{uuid}.data"))
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
