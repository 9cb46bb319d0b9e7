//! Sources: objects that are lent to ffmpeg under names of ours.

use std::path::Path;

use upyun_client::protocol::{Key, path as codec};

use super::output::suffix_of;
use crate::{
    store::Object,
    tasks::{job::Job, outcome::Failure},
};

/// A playlist begins so, whatever its name.
const PLAYLIST: &[u8] = b"#EXTM3U";
const MAX_PLAYLIST_BYTES: u64 = 4 * 1024 * 1024;
const MAX_SEGMENTS: usize = 10_000;

/// Lends an object to the task; gives its name in the directory. Of a playlist the segments are
/// lent too, and it is rewritten to name those.
pub(super) async fn lend(
    job: &Job,
    directory: &Path,
    key: &Key,
    object: Object,
    name: &str,
) -> Result<String, Failure> {
    let size = object.info().size;
    if !object.begins_with(PLAYLIST) {
        let suffix = suffix_of(key.name()).filter(|suffix| {
            suffix.len() <= 5 && suffix.bytes().all(|b| b.is_ascii_alphanumeric())
        });
        let file = match suffix {
            Some(suffix) => format!("{name}.{}", suffix.to_ascii_lowercase()),
            None => name.to_owned(),
        };
        job.service.lend(object, &directory.join(&file))?;
        return Ok(file);
    }
    if size > MAX_PLAYLIST_BYTES {
        return Err(Failure::malformed(format!(
            "the playlist {key} is too long"
        )));
    }
    let text = std::io::read_to_string(object.into_file())
        .map_err(|_| Failure::malformed(format!("the playlist {key} is not UTF-8")))?;
    let mut rewritten = String::new();
    let mut segments = 0;
    for line in text.lines().map(str::trim) {
        if line.contains("URI=") {
            return Err(Failure::malformed(format!(
                "the playlist {key} has keys or parts of its own, which are not supported: {line}"
            )));
        }
        if line.is_empty() || line.starts_with('#') {
            rewritten = rewritten + line + "\n";
            continue;
        }
        if segments == MAX_SEGMENTS {
            return Err(Failure::malformed(format!(
                "the playlist {key} has more than {MAX_SEGMENTS} segments"
            )));
        }
        let segment = resolve(key, line)?;
        let (_, object) = job.open(segment.as_str()).await?;
        let file = format!("{name}_{segments}.ts");
        job.service.lend(object, &directory.join(&file))?;
        rewritten = rewritten + &file + "\n";
        segments += 1;
    }
    let file = format!("{name}.m3u8");
    std::fs::write(directory.join(&file), rewritten)
        .map_err(|error| Failure::storing(error.to_string()))?;
    Ok(file)
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
