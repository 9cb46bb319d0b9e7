//! compress: files and folders into a zip archive.

use std::{collections::BTreeSet, fs::File, io::Write as _};

use serde_json::Value;
use time::{OffsetDateTime, PrimitiveDateTime};
use upyun_client::protocol::{Key, list::EntryKind};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use super::{blocking, copy};
use crate::{
    store::{Attributes, ListQuery, Opened, Order, StoreError},
    tasks::{
        job::{Job, key_of},
        outcome::{Failure, Success},
    },
};

/// What an archive may hold.
const MAX_FILES: usize = 10_000;
const MAX_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// The longest list of sources.
const MAX_LIST_BYTES: u64 = 16 * 1024 * 1024;
const PAGE: usize = 1000;

/// What goes into the archive, under which name.
struct Planned {
    key: Key,
    name: String,
    is_folder: bool,
    bytes: u64,
}

pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    let save_as = job.needed("save_as")?;
    if !save_as.to_ascii_lowercase().ends_with(".zip") {
        return Err(Failure::bad_parameter(format!(
            "save_as is {save_as:?}; it must end in .zip"
        )));
    }
    let target = key_of(save_as)?;
    let planned = plan(job, &sources(job).await?).await?;
    let work_dir = job.work_dir()?;
    let path = work_dir.path().join("archive.zip");
    write(job, planned, &path).await?;
    let body = job.take(&path).await?;
    let attributes = Attributes {
        content_type: Some("application/zip".to_owned()),
        ..Attributes::default()
    };
    job.keep(vec![(target, body, attributes)]).await?;
    Ok(Success::of(save_as))
}

/// The paths that are asked for: those of a list in the service, or of the task itself.
async fn sources(job: &Job) -> Result<Vec<String>, Failure> {
    if let Some(list) = job.text("sources_list") {
        let (key, object) = job.open(list).await?;
        if object.info().size > MAX_LIST_BYTES {
            return Err(Failure::bad_parameter(format!(
                "the list {key} is longer than {MAX_LIST_BYTES} bytes"
            )));
        }
        let text = job.service.get_now(&key)?;
        let text = String::from_utf8(text)
            .map_err(|_| Failure::bad_parameter(format!("the list {key} is not UTF-8")))?;
        let lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
        return Ok(lines.map(str::to_owned).collect());
    }
    let texts = |values: &[Value]| -> Option<Vec<String>> {
        let texts = values.iter().map(|it| it.as_str().map(str::to_owned));
        texts.collect()
    };
    match job.parameters().get("sources") {
        Some(Value::Array(values)) if !values.is_empty() => texts(values),
        Some(Value::String(one)) if !one.is_empty() => Some(vec![one.clone()]),
        // In a form, the file that was uploaded.
        None if !job.entry.source.is_empty() => Some(vec![job.entry.source.clone()]),
        _ => None,
    }
    .ok_or_else(|| Failure::malformed("sources is not a list of paths"))
}

/// Finds everything that is to go into the archive.
async fn plan(job: &Job, sources: &[String]) -> Result<Vec<Planned>, Failure> {
    let dir = |name: &str| job.text(name).map(|dir| dir.trim_matches('/').to_owned());
    let (home, parent) = (dir("home_dir"), dir("parent_dir"));
    let mut found = Vec::new();
    for source in sources {
        let source = source.trim_end_matches('/');
        match job.look(source).await? {
            None => return Err(Failure::not_found(format!("nothing is at {source:?}"))),
            Some((key, Opened::File(object))) => found.push((key, false, object.info().size)),
            Some((key, Opened::Folder(_))) => walk(job, key, &mut found).await?,
        }
    }
    let mut seen = BTreeSet::new();
    let mut planned = Vec::new();
    let mut total = 0;
    for (key, is_folder, bytes) in found {
        let path = key.as_str().trim_start_matches('/');
        // What lies outside the home directory is left out.
        let name = match home.as_deref().filter(|home| !home.is_empty()) {
            Some(home) => path
                .strip_prefix(home)
                .and_then(|rest| rest.strip_prefix('/')),
            None => Some(path),
        };
        let Some(name) = name.filter(|name| !name.is_empty()) else {
            continue;
        };
        let name = match parent.as_deref().filter(|parent| !parent.is_empty()) {
            Some(parent) => format!("{parent}/{name}"),
            None => name.to_owned(),
        };
        if !seen.insert(name.clone()) {
            continue;
        }
        total += bytes;
        planned.push(Planned {
            key,
            name,
            is_folder,
            bytes,
        });
    }
    if planned.is_empty() {
        return Err(Failure::bad_parameter("nothing is left to compress"));
    }
    if planned.len() > MAX_FILES || total > MAX_BYTES {
        return Err(Failure::bad_parameter(format!(
            "{} files of {total} bytes; at most {MAX_FILES} files of {MAX_BYTES} bytes are allowed",
            planned.len()
        )));
    }
    Ok(planned)
}

/// Everything below a folder, by name; a folder without entries stands for itself.
async fn walk(job: &Job, folder: Key, found: &mut Vec<(Key, bool, u64)>) -> Result<(), Failure> {
    let unreadable = |error: StoreError| Failure::internal(error.to_string());
    let mut waiting = vec![(folder, EntryKind::Folder, 0)];
    while let Some((key, kind, bytes)) = waiting.pop() {
        if kind == EntryKind::File {
            found.push((key, false, bytes));
            continue;
        }
        let mut entries = Vec::new();
        let mut after = None;
        loop {
            let query = ListQuery {
                after,
                limit: PAGE,
                order: Order::Asc,
                with_types: false,
            };
            let page = job.service.list(&key, query).await.map_err(unreadable)?;
            for entry in page.entries {
                if let Ok(key) = key.join(&entry.name) {
                    entries.push((key, entry.kind, entry.size));
                }
            }
            after = page.next;
            if after.is_none() {
                break;
            }
            if found.len() + waiting.len() + entries.len() > 2 * MAX_FILES {
                return Err(Failure::bad_parameter(format!(
                    "there are more than {MAX_FILES} files"
                )));
            }
        }
        if entries.is_empty() && !key.is_root() {
            found.push((key, true, 0));
        }
        waiting.extend(entries.into_iter().rev());
    }
    Ok(())
}

async fn write(job: &Job, planned: Vec<Planned>, path: &std::path::Path) -> Result<(), Failure> {
    let unwritable = |error: std::io::Error| Failure::storing(format!("the archive: {error}"));
    let mut archive = ZipWriter::new(File::create_new(path).map_err(unwritable)?);
    let (mut done, all) = (0, planned.iter().map(|it| it.bytes).sum());
    for it in planned {
        if it.is_folder {
            let added = archive.add_directory(it.name, SimpleFileOptions::default());
            added.map_err(|error| unwritable(error.into()))?;
            continue;
        }
        let (_, object) = job.open(it.key.as_str()).await?;
        let info = object.info();
        let mut options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .large_file(info.size > u64::from(u32::MAX));
        let modified = i64::try_from(info.modified).ok();
        let modified = modified.and_then(|it| OffsetDateTime::from_unix_timestamp(it).ok());
        let modified = modified.map(|it| PrimitiveDateTime::new(it.date(), it.time()));
        if let Some(modified) = modified.and_then(|it| it.try_into().ok()) {
            options = options.last_modified_time(modified);
        }
        let mut file = object.into_file();
        archive = blocking(move |cancelled| {
            let add = || -> std::io::Result<()> {
                archive.start_file(it.name, options)?;
                copy(&mut file, &mut archive, cancelled, u64::MAX)?;
                Ok(())
            };
            add().map_err(unwritable)?;
            Ok(archive)
        })
        .await?;
        done += info.size;
        job.advance(done, all);
    }
    let mut file = archive.finish().map_err(|error| unwritable(error.into()))?;
    file.flush().map_err(unwritable)
}
