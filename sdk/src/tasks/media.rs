//! Media tasks, as what they are asked to do.

mod audio;
mod concat;
mod thumbnail;
mod video;

use std::time::Duration;

use base64::{Engine as _, engine::general_purpose::URL_SAFE};
use serde_json::{Map, Value};

pub use audio::AudioTask;
pub use concat::{ChainTask, ConcatTask};
pub use thumbnail::ThumbnailTask;
pub use video::{HlsTask, NarrowbandTask, Rotation, VideoTask};

pub use crate::protocol::image::Gravity;

/// A media task, whatever its type: what a [`MediaRequest`](crate::MediaRequest) takes, and the
/// `apps` of a form.
///
/// ```
/// use upyun_client::{MediaTask, ThumbnailTask};
///
/// let task: MediaTask = ThumbnailTask::new().at(5.0).save_as("/v/5s.jpg").into();
/// assert_eq!(
///     task.to_json(),
///     r#"{"type":"thumbnail","avopts":"/o/true/ss/5","save_as":"/v/5s.jpg"}"#
/// );
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct MediaTask {
    kind: &'static str,
    avopts: Avopts,
    save_as: Option<String>,
    return_info: bool,
    raw: Option<Map<String, Value>>,
}

impl MediaTask {
    /// Asks what a file is made of; nothing is stored, the result has the
    /// [`info`](crate::TaskResult::info).
    pub fn probe() -> Self {
        Self::of("probe", Avopts::default())
    }

    /// A task as it is written in the documentation: members like `type`, `avopts`, `save_as`.
    ///
    /// ```
    /// use upyun_client::MediaTask;
    ///
    /// let task = MediaTask::raw([("type", "hls".into()), ("hls_time", "10".into())]);
    /// assert_eq!(task.to_json(), r#"{"type":"hls","hls_time":"10"}"#);
    /// ```
    pub fn raw<'a>(members: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        let members = members.into_iter();
        let members = members.map(|(name, value)| (name.to_owned(), value));
        Self {
            raw: Some(members.collect()),
            ..Self::of("", Avopts::default())
        }
    }

    /// As the service reads it.
    pub fn to_json(&self) -> String {
        Value::Object(self.members()).to_string()
    }

    pub(crate) fn members(&self) -> Map<String, Value> {
        if let Some(raw) = &self.raw {
            return raw.clone();
        }
        let mut members = Map::new();
        members.insert("type".into(), self.kind.into());
        if !self.avopts.0.is_empty() {
            members.insert("avopts".into(), self.avopts.0.clone().into());
        }
        if let Some(save_as) = &self.save_as {
            members.insert("save_as".into(), save_as.clone().into());
        }
        if self.return_info {
            members.insert("return_info".into(), true.into());
        }
        members
    }

    fn of(kind: &'static str, avopts: Avopts) -> Self {
        Self {
            kind,
            avopts,
            save_as: None,
            return_info: false,
            raw: None,
        }
    }
}

/// `/key/value/key/value`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Avopts(String);

impl Avopts {
    fn push(&mut self, key: &str, value: impl std::fmt::Display) {
        // A slash would begin the next key; no value that means something has one.
        let value = value.to_string().replace('/', "");
        self.0 = std::mem::take(&mut self.0) + "/" + key + "/" + &value;
    }

    /// A path of the service, which travels as Base64.
    fn push_path(&mut self, key: &str, path: &str) {
        self.push(key, URL_SAFE.encode(path));
    }

    fn push_time(&mut self, key: &str, time: impl Into<MediaTime>) {
        self.push(key, time.into().0);
    }
}

/// A time of a medium, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MediaTime(pub(super) f64);

impl From<Duration> for MediaTime {
    fn from(time: Duration) -> Self {
        Self(time.as_secs_f64())
    }
}

impl From<f64> for MediaTime {
    fn from(seconds: f64) -> Self {
        Self(seconds)
    }
}

/// What all builders of media tasks have.
macro_rules! media_task {
    ($name:ident, $kind:literal) => {
        impl $name {
            /// Stores the result under this key; without one the service makes up a name beside the
            /// source, which the [result](crate::TaskResult::paths) tells.
            pub fn save_as(mut self, key: impl Into<String>) -> Self {
                self.save_as = Some(key.into());
                self
            }

            /// Asks what the result is made of: [`TaskResult::info`](crate::TaskResult::info).
            pub fn return_info(mut self) -> Self {
                self.return_info = true;
                self
            }

            /// Adds any other parameter, by its key of `avopts`. Slashes in the value are left out.
            pub fn option(mut self, key: &str, value: impl std::fmt::Display) -> Self {
                self.avopts.push(key, value);
                self
            }
        }

        impl From<$name> for crate::MediaTask {
            fn from(task: $name) -> Self {
                Self {
                    save_as: task.save_as,
                    return_info: task.return_info,
                    ..Self::of($kind, task.avopts)
                }
            }
        }
    };
}
use media_task;

/// Of builders that can take a part of the source.
macro_rules! clip {
    ($name:ident) => {
        impl $name {
            /// Begins at this time of the source, in seconds or as a `Duration`.
            pub fn from(mut self, time: impl Into<super::MediaTime>) -> Self {
                self.avopts.push_time("ss", time);
                self
            }

            /// Ends at this time of the source, in seconds or as a `Duration`.
            pub fn to(mut self, time: impl Into<super::MediaTime>) -> Self {
                self.avopts.push_time("es", time);
                self
            }
        }
    };
}
use clip;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(task: impl Into<MediaTask>, want: &str) {
        assert_eq!(task.into().to_json(), want);
    }

    #[test]
    fn every_type_is_written_as_documented() {
        check(MediaTask::probe(), r#"{"type":"probe"}"#);
        check(
            VideoTask::new()
                .preset("240p(4:3)")
                .keep_aspect()
                .fps(30)
                .save_as("/a/b.mp4")
                .return_info(),
            r#"{"type":"video","avopts":"/s/240p(4:3)/as/true/r/30","save_as":"/a/b.mp4","return_info":true}"#,
        );
        check(
            VideoTask::new()
                .size(640, 360)
                .watermark("/logo.png", Gravity::SouthEast)
                .watermark_offset(-10, -10)
                .from(Duration::from_millis(1500))
                .to(3.0),
            r#"{"type":"video","avopts":"/s/640x360/wmImg/L2xvZ28ucG5n/wmGravity/southeast/wmDx/-10/wmDy/-10/ss/1.5/es/3"}"#,
        );
        check(
            HlsTask::new().segment_seconds(6),
            r#"{"type":"hls","avopts":"/ht/6"}"#,
        );
        check(
            ThumbnailTask::new().count(4).png(),
            r#"{"type":"thumbnail","avopts":"/o/false/n/4/f/png"}"#,
        );
        check(
            AudioTask::new().format("mp3").kbps(64),
            r#"{"type":"audio","avopts":"/f/mp3/ab/64"}"#,
        );
        check(
            ConcatTask::video()
                .before("/foo.mp4")
                .after("a.mp4")
                .unchanged(),
            r#"{"type":"vconcat","avopts":"/h/L2Zvby5tcDQ=/i/YS5tcDQ=/codec/copy"}"#,
        );
        check(
            ChainTask::new()
                .then(VideoTask::new().size(640, 360))
                .then(ThumbnailTask::new().at(10.0))
                .save_as("/foo.jpg"),
            r#"{"type":"chain","avopts":"/video/s/640x360/thumbnail/o/true/ss/10","save_as":"/foo.jpg"}"#,
        );
        check(
            NarrowbandTask::new().h265().preset("720p(16:9)"),
            r#"{"type":"nbhd","avopts":"/ct/h265/s/720p(16:9)"}"#,
        );
        check(
            VideoTask::new().option("pv", "ma/in"),
            r#"{"type":"video","avopts":"/pv/main"}"#,
        );
    }
}
