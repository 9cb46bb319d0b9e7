//! A client of the UPYUN (又拍云) object store.
//!
//! ```no_run
//! use upyun_client::Client;
//!
//! # async fn example() -> upyun_client::Result<()> {
//! let client = Client::new("demo", "operator", "password")?;
//! client.put("/hello.txt").body("hello").send().await?;
//! let text = client.get("/hello.txt").send().await?.text().await?;
//! # Ok(())
//! # }
//! ```
//!
//! A service (bucket) holds files and folders under keys like `/dir/a.txt`; an operator acts on it.
//! A [`Client`] is for one of each. Its methods make requests, which read as sentences and do
//! nothing until they are sent. Bodies stream both ways: nothing holds an object in memory unless
//! asked to.
//!
//! # Tour
//!
//! | task | start at |
//! |---|---|
//! | connect; settings; environment | [`Client::new`], [`Client::builder`], [`Client::from_env`] |
//! | another host, an emulator | [`Endpoint`] |
//! | upload bytes, files, streams | [`Client::put`], [`Body`] |
//! | upload a file of any size, or a pipe | [`Client::upload_file`], [`UploadSource`] |
//! | go on with an upload that broke off | [`UploadFileRequest::checkpoints`] |
//! | send parts yourself | [`Client::begin_multipart`], [`Client::resume_multipart`] |
//! | download to memory, a file, a sink; ranges; only if changed | [`Client::get`], [`Download`] |
//! | size, type, time, metadata | [`Client::info`], [`Client::exists`] |
//! | list a folder | [`Client::list`] |
//! | copy, move | [`Client::copy`], [`Client::rename`] |
//! | delete, now or later | [`Client::delete`], [`Client::delete_folder`] |
//! | make a folder | [`Client::make_folder`] |
//! | bytes stored | [`Client::usage`] |
//! | change metadata | [`Client::update_metadata`] |
//! | what went wrong | [`Error`], [`ErrorKind`] |
//! | how often to try again | [`RetryPolicy`] |
//! | keep the password elsewhere | [`RemoteSigner`], [`Signer`] |
//! | let a browser upload; upload by a form | [`Client::sign_form`], [`Client::form`] |
//! | read the result of a form | [`FormResult`] |
//! | transcode, take pictures from videos, cut into segments | [`Client::process_media`], [`MediaTask`] |
//! | zip and unzip in the service; fetch a URL into it | [`Client::compress`], [`Client::depress`], [`Client::fetch_url`] |
//! | how far tasks are, wait for them, read their results | [`Client::task_status`], [`Client::wait_for_tasks`], [`TaskResult`] |
//! | HLS playlists, one picture, what a file is made of, at once | [`Client::clip_playlist`], [`Client::snapshot`], [`Client::media_info`] |
//! | process pictures as they are uploaded or read | [`ImageParams`], [`PutRequest::image`], [`AccessDomain`] |
//! | what a picture is: EXIF, theme colours, faces | [`AccessDomain::image_exif`], [`PutRequest::theme_colors`], [`ImageMeta`] |
//! | further pictures of an uploaded one; pictures joined | [`FormPolicy::thumb`](protocol::FormPolicy::thumb), [`Client::join_pictures`] |
//! | read as the public does | [`Client::access_domain`] |
//! | drop cached copies | [`Client::purge`] |
//! | the same with another endpoint, timeout or signer | [`Client::with_endpoint`], [`Client::with_timeout`], [`Client::with_signer`] |
//! | is this callback genuine | [`Client::callback_verifier`], [`CallbackVerifier`]; in axum `Verified`, a feature |
//! | without async | `blocking`, a feature |
//! | see every request in the log | `tracing`, a feature |
//! | signatures, formats, error codes | [`protocol`] |
//!
//! # From the Python SDK
//!
//! The search of this documentation finds methods by their names in the official Python, Go and Java
//! SDKs. Those of Python:
//!
//! | Python | here |
//! |---|---|
//! | `UpYun(service, username, password)` | [`Client::new`] |
//! | `UpYun(…, timeout=, endpoint=, chunksize=)` | [`Client::builder`] |
//! | `UpYun(…, auth_server=)` | [`RemoteSigner`] |
//! | `UpYun(…, debug=True)` | the feature `tracing` |
//! | `put(key, data, checksum=, headers=)` | [`Client::put`] |
//! | `put(key, file, need_resume=True, store=)` | [`Client::upload_file`] with [`checkpoints`](UploadFileRequest::checkpoints) |
//! | `put(key, file, form=True)` | [`Client::form`] |
//! | `get(key)`, `get(key, file)` | [`Client::get`] |
//! | `getlist(key)`, `iterlist(key)` | [`Client::list`] |
//! | `mkdir`, `getinfo`, `delete`, `usage` | [`Client::make_folder`], [`info`](Client::info), [`delete`](Client::delete), [`usage`](Client::usage) |
//! | `copy`, `move` | [`Client::copy`], [`Client::rename`] |
//! | `purge(keys, domain)` | [`Client::purge_keys`], [`Client::purge_keys_at`] |
//! | `pretreat(tasks, source, notify_url)` | [`Client::process_media`] |
//! | `put_tasks(tasks, notify_url, app_name)` | [`Client::submit_tasks`] |
//! | `status(taskids)` | [`Client::task_status`] |
//! | `verify_signature` | [`Client::callback_verifier`] |
//!
//! # Upload
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = upyun_mock::MockServer::start().await;
//! # let client = server.client();
//! # let directory = tempfile::tempdir()?;
//! # std::env::set_current_dir(directory.path())?;
//! # for key in ["/photos/cat.jpg", "/feed.json"] { server.put_object(key, "x").expect("seeded"); }
//! # std::fs::write("cat.jpg", "cat").expect("written");
//! use upyun_client::Body;
//!
//! client
//!     .put("/photos/cat.jpg")
//!     .content_type("image/jpeg")
//!     .checksum()
//!     .meta("taken-by", "Ann")
//!     .body(Body::path("cat.jpg"))
//!     .send()
//!     .await?;
//! # Ok(())
//! # }
//! ```
//!
//! With [`checksum`](PutRequest::checksum) the service refuses a body that arrives damaged. It needs
//! the MD5 before the first byte is sent, so files are read twice.
//!
//! # Download
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = upyun_mock::MockServer::start().await;
//! # let client = server.client();
//! # let directory = tempfile::tempdir()?;
//! # std::env::set_current_dir(directory.path())?;
//! # for key in ["/photos/cat.jpg", "/feed.json"] { server.put_object(key, "x").expect("seeded"); }
//! # std::fs::write("cat.jpg", "cat").expect("written");
//! client.get("/photos/cat.jpg").verify_md5().send().await?.into_file("cat.jpg").await?;
//!
//! match client.get("/feed.json").if_none_match("\"5d41402a…\"").send().await {
//!     Ok(changed) => println!("{}", changed.text().await?),
//!     Err(error) if error.is_not_modified() => println!("nothing new"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! A file appears whole or not at all, and a body that breaks off is an error.
//!
//! # Pictures
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let server = upyun_mock::MockServer::start().await;
//! # let client = server.client();
//! # let directory = tempfile::tempdir()?;
//! # std::env::set_current_dir(directory.path())?;
//! # let cat = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
//! # std::fs::write("cat.jpg", cat)?;
//! use upyun_client::{Body, ImageParams, protocol::image::{ImageFormat, Region}};
//!
//! let large = ImageParams::builder().upright().longer_side(2000).build()?;
//! client.put("/cat.jpg").image(&large).body(Body::path("cat.jpg")).send().await?;
//!
//! let domain = client.access_domain("demo.b0.upaiyun.com");
//! let small = ImageParams::builder()
//!     .crop(Region::new(300, 300))
//!     .width(100)
//!     .format(ImageFormat::WebP)
//!     .build()?;
//! domain.get("/cat.jpg").image(&small).send().await?.into_file("small.webp").await?;
//! let info = domain.image_info("/cat.jpg").send().await?;
//! println!("{} x {}", info.width, info.height);
//! # Ok(())
//! # }
//! ```
//!
//! One [`ImageParams`] is also the member of [policies](protocol::FormPolicy::image) and
//! [tasks](FetchRequest::image), and the [path](ImageParams::path) for a page to link to.
//!
//! # Errors and retries
//!
//! There is one [`Error`]. Rate limits, time-outs, server errors and broken connections are tried
//! again, three times in all unless set, where the body can be sent again. What is left tells whether
//! [the same call may succeed later](Error::is_retryable).
//!
//! # Limits
//!
//! * A tokio runtime is needed, with its time and I/O; [`blocking`](#features) brings one along.
//! * HTTP/1.1 only, as the service's other clients. Redirects are not followed.
//! * A download that breaks off is not resumed: ask again with [`range`](GetRequest::range).
//!
//! # Features
//!
//! * `client`, on unless switched off: the client. Without it the crate is [`protocol`] and the
//!   verifier of callbacks: no I/O, few dependencies.
//! * `axum`: `Verified`, which hands callbacks to axum handlers after checking them.
//! * `tracing`: a span of each request with method, URI, service and operator, and events of what is
//!   sent, received and tried again: `RUST_LOG=upyun_client=debug` shows them with
//!   `tracing_subscriber`. Signatures, tokens and secrets are shown as `***`.
//! * `blocking`: the module of this name, the same for programs that are not asynchronous.

pub mod protocol;

#[cfg(feature = "client")]
mod access;
#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "client")]
mod body;
mod callback;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod error;
mod form;
mod image;
#[cfg(feature = "client")]
mod metadata;
#[cfg(feature = "client")]
mod multipart;
#[cfg(feature = "axum")]
mod notification;
#[cfg(feature = "client")]
mod progress;
#[cfg(feature = "client")]
mod purge;
#[cfg(feature = "client")]
mod rest;
#[cfg(feature = "client")]
mod signer;
mod tasks;
#[cfg(feature = "client")]
mod upload_file;

pub use callback::{Callback, CallbackError, CallbackVerifier};
pub use form::{FormResult, FormResultError};
pub use image::{
    Face, Faces, ImageAnswerError, ImageInfo, ImageMeta, ImageTags, theme_colors_from_json,
};
#[cfg(feature = "axum")]
pub use notification::{NotVerified, Notification, Verified};
pub use protocol::image::{ImageParams, ThemeColors};
pub use tasks::{
    AudioTask, ChainTask, ConcatTask, Gravity, HlsTask, MediaFormat, MediaInfo, MediaStream,
    MediaTask, MediaTime, NarrowbandTask, Rotation, TaskResult, TaskResultError, ThumbnailTask,
    VideoTask,
};

#[cfg(feature = "client")]
pub use self::{
    access::{AccessDomain, AccessRequest, AskRequest},
    body::Body,
    client::{Client, ClientBuilder, Endpoint, RetryPolicy},
    error::{Error, ErrorKind, NextPart, Result},
    form::{FormRequest, SignedForm},
    metadata::Metadata,
    multipart::{
        BeginMultipartRequest, CancelMultipartRequest, CompleteMultipartRequest, ListPartsRequest,
        MultipartUpload, PartInfo, Unfinished, UnfinishedUploadsRequest, UploadPartRequest,
    },
    progress::Progress,
    purge::PurgeRequest,
    rest::{
        CopyRequest, DeleteRequest, Download, DownloadInfo, Entries, ExistsRequest, GetRequest,
        Info, InfoRequest, ListRequest, MakeFolderRequest, Order, Page, PutRequest, PutResult,
        RenameRequest, UpdateMetadataRequest, UsageRequest,
    },
    signer::{Credential, LocalSigner, RemoteSigner, SignFuture, SignRequest, Signer},
    tasks::{
        ClipPlaylistRequest, CompressRequest, ConcatPlaylistsRequest, DepressRequest, FetchRequest,
        JigsawRequest, MediaInfoRequest, MediaRequest, PlaylistInfo, PlaylistInfoRequest, Snapshot,
        SnapshotRequest, SubmitTasksRequest, TaskProgress, TaskResultsRequest, TaskStatus,
        TaskStatusRequest, WaitForTasksRequest,
    },
    upload_file::{
        Checkpoint, CheckpointStore, FileCheckpoints, MemoryCheckpoints, UploadFileRequest,
        UploadMode, UploadSource,
    },
};
