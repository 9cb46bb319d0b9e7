//! What a file is made of: ffprobe's words, and those of the service.

use std::path::Path;

use serde_json::{Map, Number, Value};

use crate::tasks::{ffmpeg, job::Job, outcome::Failure};

/// What is known of a file.
#[derive(Clone, Debug)]
pub(super) struct Media {
    /// As the service tells it.
    pub(super) info: Value,
    pub(super) duration: Option<f64>,
    pub(super) video: Option<Video>,
    /// The index of the first sound, and its bit/s.
    pub(super) audio: Option<Audio>,
}

/// The first stream of pictures that is no cover.
#[derive(Clone, Copy, Debug)]
pub(super) struct Video {
    pub(super) index: u64,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) bits_per_second: Option<f64>,
    /// Whether its rotation turns it from portrait to landscape or back.
    pub(super) lies: bool,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Audio {
    pub(super) index: u64,
    pub(super) bits_per_second: Option<f64>,
}

impl Media {
    /// Asks ffprobe.
    pub(super) async fn of(job: &Job, directory: &Path, name: &str) -> Result<Self, Failure> {
        match ffmpeg::probe(job, directory, name).await? {
            Some(told) => Ok(Self::read(&told)),
            None => Err(Failure::malformed("not a media file")),
        }
    }

    fn read(told: &Value) -> Self {
        let streams = told["streams"].as_array().map_or(&[][..], Vec::as_slice);
        Self {
            info: info(told, streams),
            duration: number(&told["format"]["duration"]),
            video: streams.iter().find_map(video),
            audio: streams.iter().find_map(|stream| {
                (stream["codec_type"] == "audio").then_some(Audio {
                    index: stream["index"].as_u64()?,
                    bits_per_second: number(&stream["bit_rate"]),
                })
            }),
        }
    }
}

fn video(stream: &Value) -> Option<Video> {
    if stream["codec_type"] != "video" || stream["disposition"]["attached_pic"] == 1 {
        return None;
    }
    let side = |name: &str| u32::try_from(stream[name].as_u64()?).ok();
    let turned = stream["side_data_list"]
        .as_array()
        .and_then(|list| list.iter().find_map(|it| it["rotation"].as_f64()))
        .or_else(|| number(&stream["tags"]["rotate"]));
    Some(Video {
        index: stream["index"].as_u64()?,
        width: side("width")?,
        height: side("height")?,
        bits_per_second: number(&stream["bit_rate"]),
        lies: turned.is_some_and(|degrees| (degrees.abs() % 180.0 - 90.0).abs() < 1.0),
    })
}

fn info(told: &Value, streams: &[Value]) -> Value {
    let mut info = Map::new();
    info.insert("streams".into(), streams.iter().map(stream_info).collect());
    let format = &told["format"];
    let mut members = Map::new();
    put_number(&mut members, "duration", number(&format["duration"]));
    put(&mut members, "fullname", &format["format_long_name"]);
    put_number(&mut members, "bitrate", number(&format["bit_rate"]));
    put_number(&mut members, "filesize", number(&format["size"]));
    put(&mut members, "format", &format["format_name"]);
    info.insert("format".into(), members.into());
    info.into()
}

fn stream_info(stream: &Value) -> Value {
    let mut members = Map::new();
    put(&mut members, "index", &stream["index"]);
    put(&mut members, "type", &stream["codec_type"]);
    put(&mut members, "codec", &stream["codec_name"]);
    put(&mut members, "codec_desc", &stream["codec_long_name"]);
    put_number(&mut members, "bitrate", number(&stream["bit_rate"]));
    put_number(&mut members, "duration", number(&stream["duration"]));
    let tags = match &stream["tags"] {
        Value::Object(tags) => tags.clone(),
        _ => Map::new(),
    };
    members.insert("metadata".into(), tags.into());
    if stream["disposition"]["attached_pic"] == 1 {
        members.insert("attached_pic".into(), 1.into());
    }
    if stream["codec_type"] == "video" {
        put_number(&mut members, "video_fps", rate(&stream["r_frame_rate"]));
        put(&mut members, "video_height", &stream["height"]);
        put(&mut members, "video_width", &stream["width"]);
    }
    if stream["codec_type"] == "audio" {
        put(&mut members, "audio_channels", &stream["channels"]);
        let rate = number(&stream["sample_rate"]);
        put_number(&mut members, "audio_samplerate", rate);
    }
    members.into()
}

fn put(members: &mut Map<String, Value>, name: &str, value: &Value) {
    if !value.is_null() {
        members.insert(name.to_owned(), value.clone());
    }
}

/// Whole numbers are written as integers.
fn put_number(members: &mut Map<String, Value>, name: &str, number: Option<f64>) {
    let Some(number) = number else { return };
    let value = match number.fract() == 0.0 && (0.0..9e15).contains(&number) {
        true => Some(Number::from(number as u64)),
        false => Number::from_f64(number),
    };
    if let Some(value) = value {
        members.insert(name.to_owned(), value.into());
    }
}

/// ffprobe writes most numbers as texts.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    }
}

/// `30000/1001`; nothing for `0/0`.
fn rate(value: &Value) -> Option<f64> {
    let (above, below) = value.as_str()?.split_once('/')?;
    let (above, below): (f64, f64) = (above.parse().ok()?, below.parse().ok()?);
    (below > 0.0).then(|| above / below)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_worked_example() {
        let told = json!({"streams":[
            {"index":0,"codec_name":"h264","codec_long_name":"H.264","codec_type":"video","width":426,
             "height":236,"r_frame_rate":"25/1","avg_frame_rate":"25/1","duration":"184.800000",
             "bit_rate":"99608","disposition":{"attached_pic":0},
             "tags":{"language":"und","handler_name":"VideoHandler"}},
            {"index":1,"codec_name":"aac","codec_long_name":"AAC","codec_type":"audio",
             "sample_rate":"44100","channels":2,"r_frame_rate":"0/0","duration":"184.855011",
             "bit_rate":"48005","disposition":{"attached_pic":0}}],
            "format":{"format_name":"mov,mp4","format_long_name":"QuickTime / MOV",
             "duration":"184.902000","size":"3560797","bit_rate":"154062"}});
        let media = Media::read(&told);
        let want = json!({"streams":[
            {"index":0,"type":"video","codec":"h264","codec_desc":"H.264","bitrate":99608,
             "duration":184.8,"metadata":{"language":"und","handler_name":"VideoHandler"},
             "video_fps":25,"video_height":236,"video_width":426},
            {"index":1,"type":"audio","codec":"aac","codec_desc":"AAC","bitrate":48005,
             "duration":184.855011,"metadata":{},"audio_channels":2,"audio_samplerate":44100}],
            "format":{"duration":184.902,"fullname":"QuickTime / MOV","bitrate":154062,
             "filesize":3560797,"format":"mov,mp4"}});
        assert_eq!(media.info, want);
        assert_eq!(media.duration, Some(184.902));
        assert_eq!(media.video.unwrap().width, 426);
        assert!(!media.video.unwrap().lies);
    }

    #[test]
    fn rates_are_fractions() {
        assert_eq!(rate(&"30000/1001".into()), Some(29.97002997002997));
        assert_eq!(rate(&"0/0".into()), None);
    }

    #[test]
    fn a_cover_is_no_video() {
        let told = json!({"streams":[{"index":0,"codec_type":"video","width":9,"height":9,
            "disposition":{"attached_pic":1}}]});
        let media = Media::read(&told);
        assert!(media.video.is_none());
        assert_eq!(media.info["streams"][0]["attached_pic"], 1);
    }
}
