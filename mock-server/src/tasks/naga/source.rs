//! Sources: objects that are lent to ffmpeg under names of ours.

use std::path::Path;

use upyun_client::protocol::Key;

use super::output::suffix_of;
use crate::{
    store::Object,
    tasks::{
        ffmpeg::PLAYLIST,
        job::{Job, resolve},
        outcome::Failure,
    },
};

/// The first bytes of a playlist, whatever its name.
const PLAYLIST_START: &[u8] = b"#EXTM3U";
const MAX_PLAYLIST_BYTES: u64 = 4 * 1024 * 1024;
const MAX_SEGMENTS: usize = 10_000;
/// The first byte of MPEG-TS, which is what segments are.
const TS_SYNC: &[u8] = b"G";

/// Links an object into the task's directory; returns its name there. Of a playlist the segments are
/// linked, and a playlist of our own names them: ffmpeg never reads one that was uploaded.
pub(super) async fn link_input(
    job: &Job,
    directory: &Path,
    key: &Key,
    object: Object,
    name: &str,
) -> Result<String, Failure> {
    if object.begins_with(PLAYLIST_START) {
        return link_playlist(job, directory, key, object, name).await;
    }
    // A playlist's suffix is for those that we wrote.
    let suffix = suffix_of(key.name())
        .filter(|suffix| suffix.len() <= 5 && suffix.bytes().all(|b| b.is_ascii_alphanumeric()))
        .map(str::to_ascii_lowercase)
        .filter(|suffix| suffix != PLAYLIST);
    let file = match suffix {
        Some(suffix) => format!("{name}.{suffix}"),
        None => name.to_owned(),
    };
    job.service.link_input(object, &directory.join(&file))?;
    Ok(file)
}

async fn link_playlist(
    job: &Job,
    directory: &Path,
    key: &Key,
    object: Object,
    name: &str,
) -> Result<String, Failure> {
    if object.info().size > MAX_PLAYLIST_BYTES {
        return Err(Failure::malformed(format!(
            "the playlist {key} is too long"
        )));
    }
    let text = std::io::read_to_string(object.into_file())
        .map_err(|_| Failure::malformed(format!("the playlist {key} is not UTF-8")))?;
    let segments = segments(key, &text)?;
    let longest = segments.iter().map(|segment| segment.seconds);
    let longest = longest.fold(0.0, f64::max).ceil();
    let mut own = format!(
        "#EXTM3U\n#EXT-X-VERSION:4\n#EXT-X-TARGETDURATION:{longest}\n#EXT-X-PLAYLIST-TYPE:VOD\n"
    );
    for (number, segment) in segments.iter().enumerate() {
        let (source, object) = job.open(segment.key.as_str()).await?;
        if !object.begins_with(TS_SYNC) {
            return Err(Failure::malformed(format!(
                "the playlist {key} has a segment that is not MPEG-TS: {source}"
            )));
        }
        let file = format!("{name}_{number}.ts");
        job.service.link_input(object, &directory.join(&file))?;
        own.push_str(&segment.lines(&file));
    }
    own.push_str("#EXT-X-ENDLIST\n");
    let file = format!("{name}.{PLAYLIST}");
    std::fs::write(directory.join(&file), own)
        .map_err(|error| Failure::storing(error.to_string()))?;
    Ok(file)
}

/// A segment of a playlist.
#[derive(Debug)]
struct Segment {
    key: Key,
    seconds: f64,
    follows_discontinuity: bool,
    /// Its length and, unless it follows the previous one, its offset.
    range: Option<(u64, Option<u64>)>,
}

impl Segment {
    /// Its lines in a playlist, where it has this name.
    fn lines(&self, file: &str) -> String {
        let discontinuity = match self.follows_discontinuity {
            true => "#EXT-X-DISCONTINUITY\n",
            false => "",
        };
        let range = match self.range {
            Some((length, Some(offset))) => format!("#EXT-X-BYTERANGE:{length}@{offset}\n"),
            Some((length, None)) => format!("#EXT-X-BYTERANGE:{length}\n"),
            None => String::new(),
        };
        format!(
            "{discontinuity}#EXTINF:{:.6},\n{range}{file}\n",
            self.seconds
        )
    }
}

/// Segments of an uploaded playlist. Other tags than those that matter for them are left out.
fn segments(playlist: &Key, text: &str) -> Result<Vec<Segment>, Failure> {
    let refuse = |why: &str, line: &str| {
        Failure::malformed(format!("the playlist {playlist} {why}: {line:?}"))
    };
    let mut segments = Vec::new();
    let (mut seconds, mut range, mut follows_discontinuity) = (None, None, false);
    for line in text.lines().map(str::trim) {
        if line.contains("URI=") {
            return Err(refuse(
                "has keys or parts of its own, which are not supported",
                line,
            ));
        }
        if line.starts_with("#EXT-X-STREAM-INF") {
            return Err(refuse("is a playlist of playlists; name one of them", line));
        }
        if let Some(value) = line.strip_prefix("#EXTINF:") {
            let value = value.split(',').next().unwrap_or_default().trim();
            let value = value.parse::<f64>().ok();
            let value = value.filter(|value| (0.0..1e6).contains(value));
            seconds = Some(value.ok_or_else(|| refuse("has a segment without a length", line))?);
        } else if let Some(value) = line.strip_prefix("#EXT-X-BYTERANGE:") {
            let value = byte_range(value.trim());
            range = Some(value.ok_or_else(|| refuse("has no valid range of bytes", line))?);
        } else if line == "#EXT-X-DISCONTINUITY" {
            follows_discontinuity = true;
        } else if !line.is_empty() && !line.starts_with('#') {
            if segments.len() == MAX_SEGMENTS {
                return Err(Failure::malformed(format!(
                    "the playlist {playlist} has more than {MAX_SEGMENTS} segments"
                )));
            }
            let key = resolve(playlist, line)?;
            segments.push(Segment {
                key,
                seconds: seconds
                    .take()
                    .ok_or_else(|| refuse("has a segment without a length", line))?,
                follows_discontinuity: std::mem::take(&mut follows_discontinuity),
                range: range.take(),
            });
        }
    }
    Ok(segments)
}

/// `<length>` or `<length>@<offset>`.
fn byte_range(text: &str) -> Option<(u64, Option<u64>)> {
    match text.split_once('@') {
        Some((length, offset)) => Some((length.parse().ok()?, Some(offset.parse().ok()?))),
        None => Some((text.parse().ok()?, None)),
    }
}
