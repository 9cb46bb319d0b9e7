//! What a media file is made of.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use serde_json::Value;

/// What a media file is made of, as the service tells it (`info`).
///
/// The service writes numbers as integers or with a fraction, as it comes; here they are all `f64`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MediaInfo {
    /// The file as a whole.
    pub format: MediaFormat,
    /// Pictures, sound and the rest.
    pub streams: Vec<MediaStream>,
}

/// A media file as a whole.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MediaFormat {
    /// In seconds.
    pub duration: Option<f64>,
    /// Its name for people, like `QuickTime / MOV`.
    pub fullname: Option<String>,
    /// Bits a second.
    pub bitrate: Option<f64>,
    /// Bytes.
    pub filesize: Option<f64>,
    /// Its short names, like `mov,mp4,m4a,3gp,3g2,mj2`.
    pub format: Option<String>,
}

/// A stream of a media file.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct MediaStream {
    /// From 0.
    pub index: u32,
    /// `video`, `audio`, or another.
    #[serde(rename = "type")]
    pub kind: String,
    /// Like `h264`.
    pub codec: Option<String>,
    /// Its name for people.
    pub codec_desc: Option<String>,
    /// Bits a second.
    pub bitrate: Option<f64>,
    /// In seconds.
    pub duration: Option<f64>,
    /// Tags of the stream.
    pub metadata: BTreeMap<String, Value>,
    /// 1 for a cover picture.
    pub attached_pic: Option<f64>,
    /// Pixels.
    pub video_width: Option<u32>,
    /// Pixels.
    pub video_height: Option<u32>,
    /// Pictures a second.
    pub video_fps: Option<f64>,
    /// How many.
    pub audio_channels: Option<u32>,
    /// Hz.
    pub audio_samplerate: Option<f64>,
}

impl MediaInfo {
    /// How long it lasts.
    pub fn duration(&self) -> Option<Duration> {
        Duration::try_from_secs_f64(self.format.duration?).ok()
    }

    /// The first stream of pictures that is no cover.
    pub fn video(&self) -> Option<&MediaStream> {
        let is_cover = |stream: &MediaStream| stream.attached_pic.is_some_and(|it| it != 0.0);
        let mut streams = self.streams.iter();
        streams.find(|stream| stream.kind == "video" && !is_cover(stream))
    }

    /// The first stream of sound.
    pub fn audio(&self) -> Option<&MediaStream> {
        self.streams.iter().find(|stream| stream.kind == "audio")
    }
}
