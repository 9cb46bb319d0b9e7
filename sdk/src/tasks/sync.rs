//! Synchronous tasks: the answer is the result.

use std::time::Duration;

use reqwest::header::HeaderValue;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{MediaInfo, media::MediaTime};
use crate::{
    client::{Client, call::Call},
    error::Result,
    protocol::host::Api,
};

const MAX_ANSWER_BYTES: usize = 16 * 1024 * 1024;

impl Client {
    /// Takes one picture from a video and stores it.
    ///
    /// ```no_run
    /// # async fn example(client: upyun_client::Client) -> upyun_client::Result<()> {
    /// let picture = client.snapshot("/v/in.mp4", "/v/cover.jpg", 5.0).size(640, 360).send().await?;
    /// println!("{}, {} bytes", picture.content_type, picture.content_length);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("CommitSyncTasks"))]
    pub fn snapshot(
        &self,
        source: impl Into<String>,
        save_as: impl Into<String>,
        at: impl Into<MediaTime>,
    ) -> SnapshotRequest {
        let point = clock(at.into().0);
        let task = json!({ "source": source.into(), "save_as": save_as.into(), "point": point });
        SnapshotRequest(Sync::new(self, "snapshot", task))
    }

    /// Asks what a media file is made of.
    #[doc(alias("avmeta", "getMeta"))]
    pub fn media_info(&self, source: impl Into<String>) -> MediaInfoRequest {
        let task = json!({ "source": source.into() });
        MediaInfoRequest(Sync::new(self, "avmeta/get_meta", task))
    }

    /// Puts HLS playlists after one another; their segments stay where they are.
    pub fn concat_playlists(
        &self,
        playlists: impl IntoIterator<Item = impl Into<String>>,
        save_as: impl Into<String>,
    ) -> ConcatPlaylistsRequest {
        let playlists: Vec<String> = playlists.into_iter().map(Into::into).collect();
        let task = json!({ "m3u8s": playlists, "save_as": save_as.into() });
        ConcatPlaylistsRequest(Sync::new(self, "m3u8er/concat", task))
    }

    /// Cuts an HLS playlist; its segments stay whole and where they are.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let playlist = "#EXTM3U\n#EXTINF:10,\na_0.ts\n#EXTINF:10,\na_1.ts\n#EXT-X-ENDLIST\n";
    /// client.put("/v/a.m3u8").body(playlist).send().await?;
    /// client.clip_playlist("/v/a.m3u8", "/v/b.m3u8").include(0.0, 5.0).send().await?;
    /// let info = client.playlist_info("/v/b.m3u8").send().await?;
    /// assert_eq!(info.duration.as_secs(), 10);
    /// # Ok(())
    /// # }
    /// ```
    pub fn clip_playlist(
        &self,
        playlist: impl Into<String>,
        save_as: impl Into<String>,
    ) -> ClipPlaylistRequest {
        let task = json!({ "m3u8": playlist.into(), "save_as": save_as.into() });
        ClipPlaylistRequest(Sync::new(self, "m3u8er/clip", task))
    }

    /// Asks how long an HLS playlist is and where its segments end.
    pub fn playlist_info(&self, playlist: impl Into<String>) -> PlaylistInfoRequest {
        let task = json!({ "m3u8": playlist.into() });
        PlaylistInfoRequest(Sync::new(self, "m3u8er/get_meta", task))
    }
}

/// `HH:MM:SS`, with a fraction if there is one.
fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0) as u64;
    let fraction = seconds.max(0.0).fract();
    let (hours, minutes) = (whole / 3600, whole / 60 % 60);
    let seconds = (whole % 60) as f64 + fraction;
    match fraction > 0.0 {
        true => format!("{hours:02}:{minutes:02}:{seconds:06.3}"),
        false => format!("{hours:02}:{minutes:02}:{seconds:02}"),
    }
}

/// A task and where it goes.
#[derive(Clone, Debug)]
struct Sync {
    client: Client,
    operation: &'static str,
    task: Map<String, Value>,
}

impl Sync {
    fn new(client: &Client, operation: &'static str, task: Value) -> Self {
        let task = match task {
            Value::Object(task) => task,
            _ => Map::new(),
        };
        Self {
            client: client.clone(),
            operation,
            task,
        }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.task.insert(name.to_owned(), value.into());
        self
    }

    async fn send<T: serde::de::DeserializeOwned>(self) -> Result<T> {
        let uri = format!("/{}/{}", self.client.service(), self.operation);
        let mut call = Call::post(Api::SyncTasks, uri.clone());
        let kind = HeaderValue::from_static("application/json");
        call.text_body(Value::Object(self.task).to_string(), kind);
        let mut answer = self.client.send(call).await?;
        let body = answer.read(MAX_ANSWER_BYTES).await?;
        serde_json::from_slice(&body).map_err(|error| {
            let malformed = answer.malformed("the answer is not what was asked for");
            malformed.with_source(error).of_request("POST", &uri)
        })
    }
}

/// A picture to be taken: see [`Client::snapshot`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct SnapshotRequest(Sync);

impl SnapshotRequest {
    /// The size of the picture, in pixels; that of the video unless set.
    pub fn size(self, width: u32, height: u32) -> Self {
        Self(self.0.with("size", format!("{width}x{height}")))
    }

    /// `jpg`, `png` or `webp`; by the suffix of the key unless set.
    pub fn format(self, format: &str) -> Self {
        Self(self.0.with("format", format))
    }

    /// Takes it.
    ///
    /// # Errors
    /// Kind NotFound if there is no such video; Refused for a time or format that cannot be.
    pub async fn send(self) -> Result<Snapshot> {
        self.0.send().await
    }
}

/// A picture that was taken from a video.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Snapshot {
    /// Its MIME type.
    pub content_type: String,
    /// Its bytes.
    pub content_length: u64,
    /// Its key.
    pub save_as: String,
}

/// A question what a media file is made of: see [`Client::media_info`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct MediaInfoRequest(Sync);

impl MediaInfoRequest {
    /// Asks.
    ///
    /// # Errors
    /// Kind NotFound if there is no such file; Refused if it is not media.
    pub async fn send(self) -> Result<MediaInfo> {
        self.0.send().await
    }
}

/// Playlists to be put together: see [`Client::concat_playlists`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct ConcatPlaylistsRequest(Sync);

impl ConcatPlaylistsRequest {
    /// Puts them together.
    ///
    /// # Errors
    /// Kind NotFound if one is not there; Refused if one is no playlist.
    pub async fn send(self) -> Result<()> {
        self.0.send::<Value>().await.map(drop)
    }
}

/// A playlist to be cut: see [`Client::clip_playlist`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct ClipPlaylistRequest(Sync);

impl ClipPlaylistRequest {
    /// Keeps the segments that touch this time.
    pub fn include(self, from: impl Into<MediaTime>, to: impl Into<MediaTime>) -> Self {
        let span = vec![from.into().0, to.into().0];
        Self(self.0.with("include", span).with("index", false))
    }

    /// Leaves the segments out that touch this time.
    pub fn exclude(self, from: impl Into<MediaTime>, to: impl Into<MediaTime>) -> Self {
        let span = vec![from.into().0, to.into().0];
        Self(self.0.with("exclude", span).with("index", false))
    }

    /// Keeps these segments, by their numbers from 0.
    pub fn include_segments(self, numbers: std::ops::RangeInclusive<u32>) -> Self {
        let numbers = vec![*numbers.start(), *numbers.end()];
        Self(self.0.with("include", numbers).with("index", true))
    }

    /// Leaves these segments out, by their numbers from 0.
    pub fn exclude_segments(self, numbers: std::ops::RangeInclusive<u32>) -> Self {
        let numbers = vec![*numbers.start(), *numbers.end()];
        Self(self.0.with("exclude", numbers).with("index", true))
    }

    /// Cuts it.
    ///
    /// # Errors
    /// Kind NotFound if it is not there; Refused if nothing would be left.
    pub async fn send(self) -> Result<()> {
        self.0.send::<Value>().await.map(drop)
    }
}

/// A question how long a playlist is: see [`Client::playlist_info`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct PlaylistInfoRequest(Sync);

impl PlaylistInfoRequest {
    /// Asks.
    ///
    /// # Errors
    /// Kind NotFound if it is not there; Refused if it is no playlist.
    pub async fn send(self) -> Result<PlaylistInfo> {
        #[derive(Deserialize)]
        struct Answer {
            meta: Meta,
        }
        #[derive(Deserialize)]
        struct Meta {
            duration: f64,
            points: Vec<f64>,
        }
        let Meta { duration, points } = self.0.send::<Answer>().await?.meta;
        let time = |seconds| Duration::try_from_secs_f64(seconds).unwrap_or_default();
        Ok(PlaylistInfo {
            duration: time(duration),
            points: points.into_iter().map(time).collect(),
        })
    }
}

/// How long a playlist is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlaylistInfo {
    /// The length of all segments.
    pub duration: Duration,
    /// Where each segment ends, counted from the beginning.
    pub points: Vec<Duration>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_clocks() {
        assert_eq!(clock(0.0), "00:00:00");
        assert_eq!(clock(65.0), "00:01:05");
        assert_eq!(clock(3661.25), "01:01:01.250");
        assert_eq!(clock(-1.0), "00:00:00");
    }
}
