//! Tasks: media, archives, fetching; how far they are and how they ended.

#[cfg(feature = "client")]
mod archive;
#[cfg(feature = "client")]
mod fetch;
mod info;
#[cfg(feature = "client")]
mod jigsaw;
mod media;
mod result;
#[cfg(feature = "client")]
mod status;
#[cfg(feature = "client")]
mod submit;
#[cfg(feature = "client")]
mod sync;

pub use info::{MediaFormat, MediaInfo, MediaStream};
pub use media::{
    AudioTask, ChainTask, ConcatTask, Gravity, HlsTask, MediaTask, MediaTime, NarrowbandTask,
    Rotation, ThumbnailTask, VideoTask,
};
pub use result::{TaskResult, TaskResultError};

#[cfg(feature = "client")]
pub use {
    archive::{CompressRequest, DepressRequest},
    fetch::FetchRequest,
    jigsaw::JigsawRequest,
    status::{
        TaskProgress, TaskResultsRequest, TaskStatus, TaskStatusRequest, WaitForTasksRequest,
    },
    submit::{MediaRequest, SubmitTasksRequest},
    sync::{
        ClipPlaylistRequest, ConcatPlaylistsRequest, MediaInfoRequest, PlaylistInfo,
        PlaylistInfoRequest, Snapshot, SnapshotRequest,
    },
};
