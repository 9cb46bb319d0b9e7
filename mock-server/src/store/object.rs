//! What a key leads to.

use std::{fs::File, os::unix::fs::FileExt as _, sync::Arc};

use serde::{Deserialize, Serialize};
use upyun_client::protocol::{Key, Md5Digest, list::DEFAULT_CONTENT_TYPE};

use super::record::{Attributes, ImageFacts, Origin, Record};

/// Which kinds of entries an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    /// Whichever is there.
    Any,
    /// Files only.
    File,
    /// Folders only.
    Folder,
}

/// What is known of a file or folder.
#[derive(Clone, Debug)]
pub(crate) enum Entry {
    /// An object.
    File(ObjectInfo),
    /// A folder.
    Folder(FolderInfo),
}

/// An opened file, or a folder.
#[derive(Debug)]
pub(crate) enum Opened {
    /// An object; what is read of it is the version of this moment, whatever happens to the key.
    File(Object),
    /// A folder.
    Folder(FolderInfo),
}

/// What is known of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FolderInfo {
    /// Unix seconds.
    pub modified: u64,
}

/// What is known of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Bytes.
    pub size: u64,
    /// Of the stored bytes.
    pub md5: Md5Digest,
    /// The stored type, or the one that the key's extension tells.
    pub content_type: String,
    /// Unix seconds.
    pub modified: u64,
    /// Metadata by lower-case name, without the prefix of the headers.
    pub meta: Vec<(String, Vec<u8>)>,
    /// Facts, if it is a picture that was uploaded.
    pub image: Option<ImageFacts>,
    /// How it was made.
    pub origin: Origin,
}

impl ObjectInfo {
    pub(super) fn of(key: &Key, record: &Record) -> Self {
        let Attributes {
            content_type,
            meta,
            image,
            origin,
            expires_at: _,
        } = record.attributes();
        Self {
            size: record.size,
            md5: record.md5,
            content_type: content_type.unwrap_or_else(|| content_type_of(key).to_owned()),
            modified: record.modified,
            meta,
            image,
            origin,
        }
    }
}

/// The type that a key's extension tells (`[choice R-14]`).
pub(super) fn content_type_of(key: &Key) -> &'static str {
    mime_guess::from_path(key.name())
        .first_raw()
        .unwrap_or(DEFAULT_CONTENT_TYPE)
}

/// An object that was opened for reading.
#[derive(Debug)]
pub(crate) struct Object {
    pub(super) key: Key,
    pub(super) file: File,
    pub(super) record: Arc<Record>,
}

impl Object {
    /// What is known of it.
    pub(crate) fn info(&self) -> ObjectInfo {
        ObjectInfo::of(&self.key, &self.record)
    }

    /// Where it is.
    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// Whether the content begins so.
    pub(crate) fn begins_with(&self, begin: &[u8]) -> bool {
        let mut found = vec![0; begin.len()];
        self.file.read_exact_at(&mut found, 0).is_ok() && found == begin
    }

    /// The content. Reading it may block.
    pub(crate) fn into_file(self) -> File {
        self.file
    }
}
