//! depress: a zip archive into files and folders.

use std::{fs::File, path::PathBuf};

use encoding_rs::GBK;
use serde_json::Value;
use tokio_util::sync::CancellationToken;
use upyun_client::protocol::Key;

use super::{blocking, copy, directory};
use crate::{
    store::{Attributes, Object},
    tasks::{
        job::{Job, Keeping, key_of},
        outcome::{Failure, Success},
    },
};

/// The largest archive.
const MAX_ARCHIVE_BYTES: u64 = 5 * 1024 * 1024 * 1024;

/// An entry that was unpacked.
struct Unpacked {
    key: Key,
    /// None for a folder.
    file: Option<PathBuf>,
}

pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    let save_as = job.needed("save_as")?;
    // An earlier revision had a list, of which the first counts.
    let source = match job.parameters().get("sources") {
        Some(Value::Array(values)) => values.first().and_then(Value::as_str),
        Some(value) => value.as_str(),
        None => Some(&*job.entry.source),
    };
    let source = source.filter(|it| !it.is_empty());
    let source = source.ok_or_else(|| Failure::malformed("sources is no path of an archive"))?;
    let (key, object) = job.open(source).await?;
    if object.info().size > MAX_ARCHIVE_BYTES {
        return Err(Failure::malformed(format!(
            "{key} is larger than {MAX_ARCHIVE_BYTES} bytes"
        )));
    }
    let folder = key_of(save_as.trim_end_matches('/'))?;
    let work_dir = job.work_dir()?;
    let unpacking = Unpacking {
        object,
        folder: folder.clone(),
        directory: work_dir.path().to_owned(),
        most: job.world.limits.task_output_bytes,
    };
    let unpacked = blocking(move |cancelled| unpacking.run(cancelled)).await?;
    let mut keeping = Keeping::new(job);
    let stored = store(job, &mut keeping, &folder, &unpacked).await;
    keeping.finish(stored).await?;
    Ok(Success::of(save_as))
}

async fn store(
    job: &Job,
    keeping: &mut Keeping<'_>,
    folder: &Key,
    unpacked: &[Unpacked],
) -> Result<(), Failure> {
    let mut record = String::new();
    let all = unpacked.len() as u64;
    for (it, done) in unpacked.iter().zip(0..) {
        match &it.file {
            Some(path) => {
                let body = job.take(path).await?;
                keeping.put(&it.key, body, Attributes::default()).await?;
                record = record + it.key.as_str() + "\n";
            }
            None => keeping.make_folder(&it.key).await?,
        }
        job.advance(all + done, 2 * all);
    }
    let key = folder.join(job.entry.id.as_str());
    let key = key.map_err(|error| Failure::bad_parameter(error.to_string()))?;
    let mut upload = job.service.upload();
    upload.write(record.into()).await?;
    let attributes = Attributes {
        content_type: Some("text/plain".to_owned()),
        ..Attributes::default()
    };
    keeping.put(&key, upload.finish().await?, attributes).await
}

struct Unpacking {
    object: Object,
    folder: Key,
    directory: PathBuf,
    most: u64,
}

impl Unpacking {
    /// Unpacks into files whose names are ours; names of the archive only become keys.
    fn run(self, cancelled: &CancellationToken) -> Result<Vec<Unpacked>, Failure> {
        let broken = |error: &dyn std::fmt::Display| {
            Failure::malformed(format!("the archive cannot be read: {error}"))
        };
        let file = std::io::BufReader::new(self.object.into_file());
        let mut archive = directory::open(file)?;
        let mut keys = Vec::new();
        for index in 0..archive.len() {
            let entry = archive
                .by_index_raw(index)
                .map_err(|error| broken(&error))?;
            keys.push(key(&self.folder, &name(entry.name_raw()))?);
        }
        let mut unpacked = Vec::new();
        let mut left = self.most;
        for (index, key) in keys.into_iter().enumerate() {
            let mut entry = archive.by_index(index).map_err(|error| broken(&error))?;
            if entry.is_dir() {
                unpacked.push(Unpacked { key, file: None });
                continue;
            }
            let path = self.directory.join(index.to_string());
            let mut file = File::create_new(&path)
                .map_err(|error| Failure::storing(format!("an entry: {error}")))?;
            let size = copy(&mut entry, &mut file, cancelled, left)
                .map_err(|error| broken(&format!("{key}: {error}")))?;
            // Sizes in the archive's directory may lie, so what counts is what came out.
            left = left.checked_sub(size).ok_or_else(|| {
                Failure::malformed(format!(
                    "the archive unpacks to more than {} bytes",
                    self.most
                ))
            })?;
            if cancelled.is_cancelled() {
                return Err(Failure::internal("it was cancelled"));
            }
            unpacked.push(Unpacked {
                key,
                file: Some(path),
            });
        }
        Ok(unpacked)
    }
}

/// UTF-8 if it can be that, else GBK, which archives of Chinese Windows have.
fn name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(name) => name.to_owned(),
        Err(_) => GBK.decode_without_bom_handling(raw).0.into_owned(),
    }
}

/// Where an entry goes; names that lead elsewhere are refused.
fn key(folder: &Key, name: &str) -> Result<Key, Failure> {
    let refuse = |why: &str| {
        Failure::malformed(format!(
            "the archive has an entry {name:?}, {why}; nothing is unpacked"
        ))
    };
    if name.is_empty() {
        return Err(refuse("which has no name"));
    }
    if name.starts_with('/') {
        return Err(refuse("which is absolute"));
    }
    if name.split('/').any(|segment| segment == "..") {
        return Err(refuse("which leads outside"));
    }
    if name.contains(char::is_control) {
        return Err(refuse("which holds a control character"));
    }
    let path = format!(
        "{}/{}",
        folder.as_str().trim_end_matches('/'),
        name.trim_end_matches('/')
    );
    Key::parse(&path).map_err(|error| refuse(&format!("which can be no key: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(entry: &str, want: Option<&str>) {
        let folder = Key::parse("/out").unwrap();
        let got = key(&folder, entry).ok();
        assert_eq!(got.as_ref().map(Key::as_str), want, "{entry:?}");
    }

    #[test]
    fn entries_stay_below_their_folder() {
        check("a/b.txt", Some("/out/a/b.txt"));
        check("a/", Some("/out/a"));
        check("a//b", Some("/out/a/b"));
        check("图.txt", Some("/out/图.txt"));
        for bad in [
            "/etc/passwd",
            "../x",
            "a/../../x",
            "..",
            "a\nb",
            "a\0",
            "./a",
            "",
        ] {
            check(bad, None);
        }
    }

    #[test]
    fn names_are_utf8_or_gbk() {
        assert_eq!(name("图".as_bytes()), "图");
        assert_eq!(name(&[0xd6, 0xd0]), "中");
    }
}
