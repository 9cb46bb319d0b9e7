//! m3u8er: HLS playlists put together, cut and measured. Segments are never touched.

use serde_json::{Value, json};
use upyun_client::protocol::{Key, path};

use crate::{
    store::Attributes,
    tasks::{Failure, Job, key_of, resolve},
};

const CONTENT_TYPE: &str = "application/vnd.apple.mpegurl";
const MAX_BYTES: u64 = 4 * 1024 * 1024;

/// A playlist.
#[derive(Debug, Default)]
struct Playlist {
    version: u32,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
struct Segment {
    seconds: f64,
    /// Lines between this segment and the one before that are not its length.
    tags: Vec<String>,
    key: Key,
}

/// Puts playlists after one another.
pub(super) async fn concat(job: &Job) -> Result<Value, Failure> {
    let paths = job.parameters().get("m3u8s").and_then(Value::as_array);
    let paths = paths.filter(|paths| !paths.is_empty());
    let paths = paths.ok_or_else(|| Failure::malformed("m3u8s is not a list of paths"))?;
    let mut whole = Playlist::default();
    for path in paths {
        let path = path
            .as_str()
            .ok_or_else(|| Failure::malformed("m3u8s is not a list of paths"))?;
        let mut next = Playlist::read(job, path).await?;
        if let Some(first) = next.segments.first_mut()
            && !whole.segments.is_empty()
        {
            first.tags.insert(0, "#EXT-X-DISCONTINUITY".to_owned());
        }
        whole.version = whole.version.max(next.version);
        whole.segments.extend(next.segments);
    }
    whole.save(job).await
}

/// Keeps a part of a playlist, or leaves it out.
pub(super) async fn clip(job: &Job) -> Result<Value, Failure> {
    let mut playlist = Playlist::read(job, job.needed("m3u8")?).await?;
    let by_number = match job.parameters().get("index") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(other) => {
            return Err(Failure::bad_parameter(format!(
                "index is {other}; it is true or false"
            )));
        }
    };
    // With both, what is included counts.
    let (keeps, ranges) = match (ranges(job, "include")?, ranges(job, "exclude")?) {
        (Some(ranges), _) => (true, ranges),
        (None, Some(ranges)) => (false, ranges),
        (None, None) => return Err(Failure::malformed("there is neither include nor exclude")),
    };
    if ranges.len() > 1 && !by_number {
        return Err(Failure::bad_parameter(
            "several ranges are for segment numbers only",
        ));
    }
    let mut at = 0.0;
    let mut number = 0.0;
    playlist.segments.retain(|segment| {
        // A time inside a segment takes the whole segment.
        let (begin, end) = (at, at + segment.seconds);
        let touches = |(from, to): &(f64, f64)| match by_number {
            true => (*from..=*to).contains(&number),
            false => begin < *to && *from < end,
        };
        let is_touched = ranges.iter().any(touches);
        at = end;
        number += 1.0;
        is_touched == keeps
    });
    if playlist.segments.is_empty() {
        return Err(Failure::bad_parameter("nothing is left of the playlist"));
    }
    playlist.save(job).await
}

/// How long a playlist is, and where its segments end.
pub(super) async fn meta(job: &Job) -> Result<Value, Failure> {
    let playlist = Playlist::read(job, job.needed("m3u8")?).await?;
    let mut points: Vec<f64> = Vec::new();
    for segment in &playlist.segments {
        let end = points.last().copied().unwrap_or(0.0) + segment.seconds;
        // Sums of decimals, without what binary fractions add to them.
        points.push((end * 1e6).round() / 1e6);
    }
    let duration = points.last().copied().unwrap_or(0.0);
    Ok(json!({
        "status_code": 200,
        "message": "ok",
        "meta": { "duration": duration, "points": points },
    }))
}

/// Pairs of numbers.
fn ranges(job: &Job, name: &str) -> Result<Option<Vec<(f64, f64)>>, Failure> {
    let wrong = || Failure::bad_parameter(format!("{name} is not two numbers, the first smaller"));
    let numbers = match job.parameters().get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Array(numbers)) if numbers.is_empty() => return Ok(None),
        Some(Value::Array(numbers)) => numbers,
        Some(_) => return Err(wrong()),
    };
    let numbers: Option<Vec<f64>> = numbers.iter().map(Value::as_f64).collect();
    let numbers = numbers.ok_or_else(wrong)?;
    let pairs = numbers.chunks(2).map(|pair| match pair {
        [from, to] if from <= to && *from >= 0.0 => Ok((*from, *to)),
        _ => Err(wrong()),
    });
    pairs.collect::<Result<_, _>>().map(Some)
}

impl Playlist {
    async fn read(job: &Job, path: &str) -> Result<Self, Failure> {
        let (key, object) = job.open(path).await?;
        let no_playlist = || Failure::malformed(format!("{key} is no playlist"));
        if object.info().size > MAX_BYTES {
            return Err(no_playlist());
        }
        let text = job.text_of(&key)?;
        let mut lines = text.lines().map(str::trim);
        if lines.next() != Some("#EXTM3U") {
            return Err(no_playlist());
        }
        let mut playlist = Self::default();
        let (mut seconds, mut tags) = (None, Vec::new());
        for line in lines {
            let value = |name: &str| line.strip_prefix(name);
            if let Some(version) = value("#EXT-X-VERSION:") {
                playlist.version = version.parse().map_err(|_| no_playlist())?;
            } else if let Some(length) = value("#EXTINF:") {
                let length = length.split(',').next().unwrap_or_default();
                seconds = Some(length.trim().parse::<f64>().map_err(|_| no_playlist())?);
            } else if line.starts_with("#EXT-X-STREAM-INF") {
                return Err(Failure::malformed(format!(
                    "{key} is a playlist of playlists"
                )));
            } else if line.starts_with("#EXT-X-DISCONTINUITY")
                || line.starts_with("#EXT-X-KEY")
                || line.starts_with("#EXT-X-BYTERANGE")
            {
                tags.push(line.to_owned());
            } else if !line.is_empty() && !line.starts_with('#') {
                playlist.segments.push(Segment {
                    seconds: seconds.take().ok_or_else(no_playlist)?,
                    tags: std::mem::take(&mut tags),
                    key: resolve(&key, line)?,
                });
            }
        }
        Ok(playlist)
    }

    /// Writes it where the task says.
    async fn save(&self, job: &Job) -> Result<Value, Failure> {
        let target = key_of(job.needed("save_as")?)?;
        let mut longest = 0.0_f64;
        let mut list = String::new();
        for segment in &self.segments {
            longest = longest.max(segment.seconds);
            for tag in &segment.tags {
                list = list + tag + "\n";
            }
            let uri = path::encode(segment.key.as_str());
            list = list + &format!("#EXTINF:{:.6},\n{uri}\n", segment.seconds);
        }
        let text = format!(
            "#EXTM3U\n#EXT-X-VERSION:{}\n#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:0\n\
             #EXT-X-PLAYLIST-TYPE:VOD\n{list}#EXT-X-ENDLIST\n",
            self.version.max(3),
            longest.ceil(),
        );
        let attributes = Attributes {
            content_type: Some(CONTENT_TYPE.to_owned()),
            ..Attributes::default()
        };
        let body = job.body_of(text).await?;
        job.keep(vec![(target, body, attributes)]).await?;
        Ok(json!({ "status_code": 200, "message": "ok" }))
    }
}
