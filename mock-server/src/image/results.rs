//! Pictures that were processed for access domains, kept on disk for the next who asks.
//!
//! A result belongs to the versions of the object and of its watermarks that it was made from; one
//! that is asked for again with others is dropped. The least recently used go first when there are too
//! many bytes. Nothing outlives the server.

use std::{
    fs::File,
    io::{self, Seek as _, Write as _},
    path::PathBuf,
    sync::Arc,
};

use lru::LruCache;
use parking_lot::Mutex;
use tempfile::{NamedTempFile, TempPath};
use upyun_client::protocol::{Key, Md5Digest, ServiceName};

use super::{Kind, recipe::Recipe, render::Rendered};

/// Keeps results. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Results(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    directory: PathBuf,
    max_bytes: u64,
    kept: Mutex<Kept>,
}

#[derive(Debug)]
struct Kept {
    results: LruCache<ResultKey, Copy>,
    bytes: u64,
}

/// Which result is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct ResultKey {
    pub(crate) service: ServiceName,
    pub(crate) key: Key,
    pub(crate) recipe: Recipe,
}

/// The MD5 of the object, and of each watermark that is there.
pub(crate) type Sources = Vec<Md5Digest>;

#[derive(Debug)]
struct Copy {
    /// Removes the file when it is dropped.
    path: TempPath,
    made_from: Sources,
    made: Made,
}

/// What is known of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    pub(crate) kind: Kind,
    pub(crate) md5: Md5Digest,
    /// Bytes.
    pub(crate) size: u64,
}

impl Results {
    /// Keeps at most so many bytes in a directory, which is made when it is needed.
    pub(crate) fn new(directory: PathBuf, max_bytes: u64) -> Self {
        Self(Arc::new(Shelf {
            directory,
            max_bytes,
            kept: Mutex::new(Kept {
                results: LruCache::unbounded(),
                bytes: 0,
            }),
        }))
    }

    /// A result that is there, if it was made from these versions.
    pub(crate) fn find(&self, key: &ResultKey, made_from: &[Md5Digest]) -> Option<(File, Made)> {
        let mut kept = self.0.kept.lock();
        let copy = kept.results.get(key)?;
        if copy.made_from == made_from
            && let Ok(file) = File::open(&copy.path)
        {
            return Some((file, copy.made));
        }
        kept.drop_one(key);
        None
    }

    /// Keeps a result if there is room for it, and gives it back to be read from its beginning.
    pub(crate) fn keep(
        &self,
        key: ResultKey,
        made_from: Sources,
        rendered: &Rendered,
    ) -> io::Result<(File, Made)> {
        std::fs::create_dir_all(&self.0.directory)?;
        let mut file = NamedTempFile::new_in(&self.0.directory)?;
        file.write_all(&rendered.bytes)?;
        let (mut file, path) = file.into_parts();
        file.rewind()?;
        let made = Made {
            kind: rendered.kind,
            md5: Md5Digest::of(&rendered.bytes),
            size: rendered.bytes.len() as u64,
        };
        if made.size <= self.0.max_bytes {
            let mut kept = self.0.kept.lock();
            kept.drop_one(&key);
            kept.bytes += made.size;
            let copy = Copy {
                path,
                made_from,
                made,
            };
            kept.results.put(key, copy);
            while kept.bytes > self.0.max_bytes
                && let Some((_, copy)) = kept.results.pop_lru()
            {
                kept.bytes -= copy.made.size;
            }
        }
        Ok((file, made))
    }
}

impl Kept {
    fn drop_one(&mut self, key: &ResultKey) {
        if let Some(copy) = self.results.pop(key) {
            self.bytes -= copy.made.size;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;
    use crate::{image::recipe::Scaling, store::ImageFacts};

    /// The result for a width of so many pixels.
    fn key(width: u32) -> ResultKey {
        ResultKey {
            service: ServiceName::parse("demo").unwrap(),
            key: Key::parse("/a.png").unwrap(),
            recipe: Recipe {
                scaling: Some(Scaling::Width(width)),
                ..Recipe::default()
            },
        }
    }

    fn sources(content: &str) -> Sources {
        vec![Md5Digest::of(content.as_bytes())]
    }

    fn rendered(bytes: &[u8]) -> Rendered {
        Rendered {
            bytes: bytes.into(),
            kind: Kind::Png,
            facts: ImageFacts {
                width: 1,
                height: 1,
                frames: 1,
                file_type: "PNG".into(),
            },
        }
    }

    fn text(found: Option<(File, Made)>) -> Option<String> {
        let (mut file, made) = found?;
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(made.size, text.len() as u64);
        Some(text)
    }

    #[test]
    fn other_versions_and_too_many_bytes_drop_results() {
        let directory = tempfile::tempdir().unwrap();
        let results = Results::new(directory.path().join("results"), 10);
        let files = || {
            std::fs::read_dir(directory.path().join("results"))
                .unwrap()
                .count()
        };
        results
            .keep(key(1), sources("1"), &rendered(b"aaaa"))
            .unwrap();
        results
            .keep(key(2), sources("1"), &rendered(b"bbbb"))
            .unwrap();
        assert_eq!(text(results.find(&key(1), &sources("1"))).unwrap(), "aaaa");
        // The third is one too many, and 2 was used least recently.
        results
            .keep(key(3), sources("1"), &rendered(b"cccc"))
            .unwrap();
        assert!(results.find(&key(2), &sources("1")).is_none());
        assert_eq!(files(), 2);
        assert!(results.find(&key(1), &sources("2")).is_none());
        assert!(results.find(&key(1), &sources("1")).is_none());
        assert_eq!(files(), 1);
        let large = results.keep(key(4), sources("1"), &rendered(&[b'd'; 11]));
        assert_eq!(text(large.ok()).unwrap().len(), 11);
        assert!(results.find(&key(4), &sources("1")).is_none());
        drop(results);
        assert_eq!(files(), 0);
    }
}
