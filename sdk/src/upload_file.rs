//! A file, or anything else that can be read; in parts if it is large.

mod checkpoint;
mod reader;
mod session;
mod source;

use std::{fmt, path::PathBuf, sync::Arc};

use reqwest::header::HeaderMap;

pub use checkpoint::{Checkpoint, CheckpointStore, FileCheckpoints, MemoryCheckpoints};
pub use source::UploadSource;

use self::{session::Session, source::Content};
use crate::{
    body::{Readable, Ready},
    client::{Client, RetryPolicy},
    error::{Error, Result},
    multipart::{BeginMultipartRequest, MIB, MultipartUpload},
    progress::{Callback, Progress},
    protocol::Md5Digest,
    rest::{
        PutRequest, PutResult,
        fields::{Fields, object_setters, picture_setters},
    },
};

/// Files from this size on are sent in parts unless set otherwise.
const IN_PARTS_FROM: u64 = 10 * MIB;
/// And those of more than one part, where checkpoints can remember the parts.
const RESUMABLE_FROM: u64 = MIB + 1;
/// And from this one on, several parts at once.
const PARALLEL_FROM: u64 = 50 * MIB;
const CONCURRENCY: usize = 4;
/// The service's limit.
const MAX_PARTS: u64 = 10_000;
/// A file has about as many parts, while they are not larger than this.
const USUAL_PARTS: u64 = 64;
const LARGEST_USUAL_PART_BYTES: u64 = 8 * MIB;

fn default_part_size(size: u64) -> u64 {
    let wanted = (size / USUAL_PARTS).min(LARGEST_USUAL_PART_BYTES);
    wanted.max(size.div_ceil(MAX_PARTS)).div_ceil(MIB).max(1) * MIB
}

/// How a file travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum UploadMode {
    /// In one request.
    Whole,
    /// In parts, one after the other: the service's resumable upload.
    Ordered,
    /// In parts, several at once.
    Parallel,
}

impl Client {
    /// Uploads a file, by its path or open, or anything else that can be read: in one request if it
    /// is small, else in parts, and several at once if it is large.
    ///
    /// With [`checkpoints`](UploadFileRequest::checkpoints), what was sent before a failure, or by a
    /// process that died, is not sent again.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(directory.path())?;
    /// # std::fs::write("movie.mp4", vec![7; 3_000_000])?;
    /// use std::sync::Arc;
    /// use upyun_client::{FileCheckpoints, UploadMode, UploadSource};
    ///
    /// let stored = client
    ///     .upload_file("movie.mp4", "/movies/movie.mp4")
    ///     .content_type("video/mp4")
    ///     .checksum()
    ///     .mode(UploadMode::Parallel)
    ///     .checkpoints(Arc::new(FileCheckpoints::new(".uploads")))
    ///     .on_progress(|progress| println!("{} of {:?}", progress.done, progress.total))
    ///     .send()
    ///     .await?;
    /// assert_eq!(stored.size, Some(3_000_000));
    ///
    /// let pipe = UploadSource::reader(&b"read once"[..]);
    /// client.upload_file(pipe, "/notes.txt").meta("from", "a pipe").send().await?;
    /// # assert_eq!(server.get_object("/movies/movie.mp4")?.len(), 3_000_000);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("put", "PutObject", "writeFile"))]
    pub fn upload_file(
        &self,
        source: impl Into<UploadSource>,
        key: impl AsRef<str>,
    ) -> UploadFileRequest {
        UploadFileRequest {
            client: self.clone(),
            source: source.into(),
            key: key.as_ref().to_owned(),
            fields: Fields::default(),
            checksum: false,
            content_md5: None,
            mode: None,
            in_parts_from: None,
            part_size: None,
            concurrency: CONCURRENCY,
            retry_parts: None,
            checkpoints: None,
            progress: None,
        }
    }
}

/// The upload of a file or of another source: see [`Client::upload_file`].
#[must_use = "a request does nothing until it is sent"]
pub struct UploadFileRequest {
    client: Client,
    source: UploadSource,
    key: String,
    fields: Fields,
    checksum: bool,
    content_md5: Option<Md5Digest>,
    mode: Option<UploadMode>,
    in_parts_from: Option<u64>,
    part_size: Option<u64>,
    concurrency: usize,
    retry_parts: Option<RetryPolicy>,
    checkpoints: Option<Arc<dyn CheckpointStore>>,
    progress: Option<Callback>,
}

object_setters!(
    UploadFileRequest,
    "the service takes it from the key's extension, or `application/octet-stream` in parts."
);
picture_setters!(UploadFileRequest);

impl UploadFileRequest {
    /// Lets the service compare the MD5 of the whole, and refuse what arrived differently. A source
    /// in parts is hashed while they are sent, one in a single request before.
    pub fn checksum(mut self) -> Self {
        self.checksum = true;
        self
    }

    /// The MD5 of the whole, where the caller knows it; the service refuses an object with another.
    pub fn content_md5(mut self, md5: Md5Digest) -> Self {
        self.content_md5 = Some(md5);
        self
    }

    /// How the source travels. Unless set, its size decides: in one request below
    /// [`in_parts_from`](Self::in_parts_from), in ordered parts below 50 MiB, else in parallel parts.
    /// A reader of unknown length travels in parallel parts. A picture that is to be
    /// [processed](Self::image) travels whole, as the service does not process parts.
    pub fn mode(mut self, mode: UploadMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Files of this many bytes and more are sent in parts. Unless set, 10 MiB, or with
    /// [`checkpoints`](Self::checkpoints) all that are larger than a part of 1 MiB.
    pub fn in_parts_from(mut self, bytes: u64) -> Self {
        self.in_parts_from = Some(bytes);
        self
    }

    /// The size of a part, in bytes: a multiple of 1 MiB. Unless set, a 64th of the file from 1 to 8 MiB,
    /// and more for files that would have over 10,000 parts; for a reader of unknown length 1 MiB,
    /// which carries up to 9.7 GiB.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Parts that are sent at once if parallel. Unless set, 4. The parts of a reader are in memory,
    /// and so many are sent at once as fit into 16 MiB.
    pub fn concurrency(mut self, parts: usize) -> Self {
        self.concurrency = parts.max(1);
        self
    }

    /// How often a part is sent, instead of what the client does for every request.
    pub fn retry_parts(mut self, policy: RetryPolicy) -> Self {
        self.retry_parts = Some(policy);
        self
    }

    /// Remembers uploads in parts here, and goes on with what it remembers. An upload that fails is
    /// then not cancelled: the same call goes on with it, within 24 hours, and unless the file has
    /// changed. A file is known by its path, an open one by its size and time of modification, bytes
    /// by their MD5. A reader cannot be read again, so that its uploads are not remembered.
    #[doc(alias("need_resume", "store", "recorder"))]
    pub fn checkpoints(mut self, store: Arc<dyn CheckpointStore>) -> Self {
        self.checkpoints = Some(store);
        self
    }

    /// Calls back as bytes, or parts, are sent.
    pub fn on_progress(mut self, callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// Uploads.
    ///
    /// # Errors
    /// Kind Io if the source cannot be read, or changes meanwhile, or if the checkpoints cannot be
    /// kept; kind Invalid for parameters of a picture in parts, and for ordered parts of a reader of
    /// unknown length; those of [`put`](crate::PutRequest::send) and of
    /// [`MultipartUpload`](crate::MultipartUpload). An upload in parts that failed is cancelled
    /// unless there are checkpoints.
    pub async fn send(self) -> Result<PutResult> {
        let headers = self.fields.finish()?;
        let processes = |name: &str| name.starts_with("x-gmkerl-");
        let is_picture = headers.keys().any(|name| processes(name.as_str()));
        if is_picture && !matches!(self.mode, None | Some(UploadMode::Whole)) {
            return Err(Error::invalid(
                "the service does not process pictures in parts: choose `UploadMode::Whole`",
            ));
        }
        let (ready, path) = self.source.open(self.client.chunk_bytes()).await?;
        let request = Prepared {
            client: self.client,
            key: self.key,
            path,
            headers,
            checksum: self.checksum && self.content_md5.is_none(),
            content_md5: self.content_md5,
            part_size: self.part_size,
            concurrency: self.concurrency,
            retry_parts: self.retry_parts,
            checkpoints: self.checkpoints,
            progress: self.progress,
        };
        let mode = match self.mode {
            Some(mode) => mode,
            None if is_picture => UploadMode::Whole,
            None => request.mode_of(&ready, self.in_parts_from),
        };
        if mode == UploadMode::Whole {
            return request.put(ready).await;
        }
        let is_ordered = mode == UploadMode::Ordered;
        let length = ready.length();
        match ready.into_readable() {
            Readable::Once(stream) => reader::send(request, stream, length, is_ordered).await,
            Readable::Again(ready) => {
                let unreadable = |error| Error::io("the file could not be read", error);
                let content = Content::new(ready).await.map_err(unreadable)?;
                let session = Session::new(request, content, is_ordered).await;
                session.map_err(unreadable)?.run().await
            }
        }
    }
}

/// An upload whose source is open.
struct Prepared {
    client: Client,
    key: String,
    path: Option<PathBuf>,
    headers: HeaderMap,
    checksum: bool,
    content_md5: Option<Md5Digest>,
    part_size: Option<u64>,
    concurrency: usize,
    retry_parts: Option<RetryPolicy>,
    checkpoints: Option<Arc<dyn CheckpointStore>>,
    progress: Option<Callback>,
}

impl Prepared {
    fn mode_of(&self, ready: &Ready, in_parts_from: Option<u64>) -> UploadMode {
        let in_parts_from = in_parts_from.unwrap_or(match &self.checkpoints {
            Some(_) if ready.is_repeatable() => RESUMABLE_FROM,
            _ => IN_PARTS_FROM,
        });
        // The MD5 of a reader is known only at its end, where one request has no place for it.
        let is_hashed_late = self.checksum && !ready.is_repeatable();
        match ready.length() {
            None => UploadMode::Parallel,
            Some(size) if size < in_parts_from && !is_hashed_late => UploadMode::Whole,
            Some(size) if size < PARALLEL_FROM => UploadMode::Ordered,
            Some(_) => UploadMode::Parallel,
        }
    }

    /// Uploads in one request.
    async fn put(self, ready: Ready) -> Result<PutResult> {
        let mut put = PutRequest::new(&self.client, &self.key, self.headers.into()).body(ready);
        if self.checksum {
            put = put.checksum();
        }
        if let Some(md5) = self.content_md5 {
            put = put.content_md5(md5);
        }
        if let Some(progress) = self.progress {
            put = put.on_progress(progress);
        }
        put.send().await
    }

    fn begin(&self, part_size: u64) -> BeginMultipartRequest {
        self.client
            .begin_multipart(&self.key)
            .with_fields(self.headers.clone().into())
            .part_size(part_size)
    }

    fn with_retry(&self, upload: MultipartUpload) -> MultipartUpload {
        match &self.retry_parts {
            Some(policy) => upload.retry(policy.clone()),
            None => upload,
        }
    }

    /// What is stored, where another request than the last one has completed the upload.
    async fn stored(&self, size: u64, md5: Option<Md5Digest>) -> PutResult {
        let info = self.client.info(&self.key).send().await.ok();
        let info = info.filter(|info| info.size == size);
        info.map_or_else(
            || PutResult {
                size: Some(size),
                md5,
                ..PutResult::default()
            },
            |info| PutResult {
                size: Some(size),
                md5: md5.or(info.md5),
                etag: info.etag,
                content_type: info.content_type,
                request_id: info.request_id,
                ..PutResult::default()
            },
        )
    }
}

/// Completes an upload, and reports what it stored.
async fn complete(
    upload: &MultipartUpload,
    request: &Prepared,
    size: u64,
    md5: Option<Md5Digest>,
) -> Result<PutResult> {
    let complete = upload.complete();
    let complete = match md5 {
        Some(md5) => complete.md5(md5),
        None => complete,
    };
    let stored = complete.send().await?;
    if stored.size.is_none() && stored.etag.is_none() {
        return Ok(request.stored(size, md5).await);
    }
    Ok(PutResult {
        size: stored.size.or(Some(size)),
        md5: stored.md5.or(md5),
        ..stored
    })
}

impl fmt::Debug for UploadFileRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFileRequest")
            .field("source", &self.source)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
