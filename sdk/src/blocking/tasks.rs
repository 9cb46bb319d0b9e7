//! Tasks, asynchronous and synchronous ones.

use std::{collections::BTreeMap, ops::RangeInclusive, time::Duration};

use serde_json::Value;

use super::{Client, requests::request};
use crate::{
    ImageParams, MediaInfo, MediaTask, MediaTime, PlaylistInfo, Snapshot, TaskProgress, TaskResult,
    TaskStatus, protocol::Md5Digest,
};

request! {
    MediaRequest -> Vec<String>;
    from Client: process_media(source: impl Into<String>);
    task(task: impl Into<MediaTask>);
    notify_url(url: impl Into<String>);
    form_callbacks();
}

request! {
    SubmitTasksRequest -> Vec<String>;
    from Client: submit_tasks(app: &str);
    source(key: impl Into<String>);
    notify_url(url: impl Into<String>);
}

impl SubmitTasksRequest {
    /// As [`crate::SubmitTasksRequest::task`].
    pub fn task<'a>(mut self, members: impl IntoIterator<Item = (&'a str, Value)>) -> Self {
        self.inner = self.inner.task(members);
        self
    }
}

request! {
    CompressRequest -> String;
    from Client:
        compress(
            sources: impl IntoIterator<Item = impl Into<String>>,
            save_as: impl Into<String>
        ),
        compress_list(list: impl Into<String>, save_as: impl Into<String>);
    home_dir(folder: impl Into<String>);
    parent_dir(folder: impl Into<String>);
    notify_url(url: impl Into<String>);
}

request! {
    DepressRequest -> String;
    from Client: depress(archive: impl Into<String>, save_as: impl Into<String>);
    notify_url(url: impl Into<String>);
}

request! {
    FetchRequest -> String;
    from Client: fetch_url(url: impl Into<String>, save_as: impl Into<String>);
    keep_existing();
    past_caches();
    content_md5(md5: Md5Digest);
    content_type(kind: impl Into<String>);
    content_secret(secret: impl Into<String>);
    meta(name: &str, value: impl Into<String>);
    image(params: &ImageParams);
    option(name: &str, value: impl Into<Value>);
    notify_url(url: impl Into<String>);
}

request! {
    JigsawRequest -> String;
    from Client:
        join_pictures(
            rows: impl IntoIterator<Item = impl IntoIterator<Item = impl Into<String>>>,
            save_as: impl Into<String>
        );
    image(params: &ImageParams);
    notify_url(url: impl Into<String>);
}

request! {
    TaskStatusRequest -> BTreeMap<String, TaskStatus>;
    from Client: task_status(ids: impl IntoIterator<Item = impl AsRef<str>>);
}

request! {
    TaskResultsRequest -> BTreeMap<String, TaskResult>;
    from Client: task_results(ids: impl IntoIterator<Item = impl AsRef<str>>);
}

request! {
    WaitForTasksRequest -> Vec<TaskResult>;
    from Client: wait_for_tasks(ids: impl IntoIterator<Item = impl AsRef<str>>);
    timeout(timeout: Duration);
    on_progress(tell: impl FnMut(TaskProgress<'_>) + Send + 'static);
}

request! {
    SnapshotRequest -> Snapshot;
    from Client:
        snapshot(
            source: impl Into<String>,
            save_as: impl Into<String>,
            at: impl Into<MediaTime>
        );
    size(width: u32, height: u32);
    format(format: &str);
}

request! {
    MediaInfoRequest -> MediaInfo;
    from Client: media_info(source: impl Into<String>);
}

request! {
    ConcatPlaylistsRequest -> ();
    from Client:
        concat_playlists(
            playlists: impl IntoIterator<Item = impl Into<String>>,
            save_as: impl Into<String>
        );
}

request! {
    ClipPlaylistRequest -> ();
    from Client: clip_playlist(playlist: impl Into<String>, save_as: impl Into<String>);
    include(from: impl Into<MediaTime>, to: impl Into<MediaTime>);
    exclude(from: impl Into<MediaTime>, to: impl Into<MediaTime>);
    include_segments(numbers: RangeInclusive<u32>);
    exclude_segments(numbers: RangeInclusive<u32>);
}

request! {
    PlaylistInfoRequest -> PlaylistInfo;
    from Client: playlist_info(playlist: impl Into<String>);
}
