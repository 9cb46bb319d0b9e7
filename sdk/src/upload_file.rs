//! A local file, in parts if it is large.

mod checkpoint;
mod session;
mod source;

use std::{fmt, path::PathBuf, sync::Arc};

pub use checkpoint::{Checkpoint, CheckpointStore, FileCheckpoints, MemoryCheckpoints};

use self::{session::Session, source::SourceFile};
use crate::{
    body::Body,
    client::{Client, RetryPolicy},
    error::{Error, Result},
    multipart::MIB,
    progress::{Callback, Progress},
};

/// Files from this size on are sent in parts unless told otherwise.
const IN_PARTS_FROM: u64 = 10 * MIB;
/// And from this one on, several parts at once.
const PARALLEL_FROM: u64 = 50 * MIB;
const CONCURRENCY: usize = 4;

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
    /// Uploads a local file: in one request if it is small, else in parts, and several at once if it
    /// is large.
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
    /// use upyun_client::{FileCheckpoints, UploadMode};
    ///
    /// client
    ///     .upload_file("movie.mp4", "/movies/movie.mp4")
    ///     .content_type("video/mp4")
    ///     .checksum()
    ///     .mode(UploadMode::Parallel)
    ///     .checkpoints(Arc::new(FileCheckpoints::new(".uploads")))
    ///     .on_progress(|progress| println!("{} of {:?}", progress.done, progress.total))
    ///     .send()
    ///     .await?;
    /// # assert_eq!(server.get_object("/movies/movie.mp4")?.len(), 3_000_000);
    /// # Ok(())
    /// # }
    /// ```
    pub fn upload_file(
        &self,
        path: impl Into<PathBuf>,
        key: impl Into<String>,
    ) -> UploadFileRequest {
        UploadFileRequest {
            client: self.clone(),
            path: path.into(),
            key: key.into(),
            content_type: None,
            meta: Vec::new(),
            checksum: false,
            mode: None,
            in_parts_from: IN_PARTS_FROM,
            part_size: None,
            concurrency: CONCURRENCY,
            retry_parts: None,
            checkpoints: None,
            progress: None,
        }
    }
}

/// The upload of a local file: see [`Client::upload_file`].
#[must_use = "a request does nothing until it is sent"]
pub struct UploadFileRequest {
    client: Client,
    path: PathBuf,
    key: String,
    content_type: Option<String>,
    meta: Vec<(String, String)>,
    checksum: bool,
    mode: Option<UploadMode>,
    in_parts_from: u64,
    part_size: Option<u64>,
    concurrency: usize,
    retry_parts: Option<RetryPolicy>,
    checkpoints: Option<Arc<dyn CheckpointStore>>,
    progress: Option<Callback>,
}

impl UploadFileRequest {
    /// The MIME type. Unless set, the service takes it from the key's extension, or
    /// `application/octet-stream` for a file in parts.
    pub fn content_type(mut self, content_type: &str) -> Self {
        self.content_type = Some(content_type.to_owned());
        self
    }

    /// Metadata, as for [`put`](crate::PutRequest::meta).
    pub fn meta(mut self, name: &str, value: &str) -> Self {
        self.meta.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Lets the service compare the MD5 of the whole file, and refuse what arrived differently. A file in
    /// parts is hashed while they are sent, one in a single request before.
    pub fn checksum(mut self) -> Self {
        self.checksum = true;
        self
    }

    /// How the file travels. Unless set, its size decides: in one request below 10 MiB, in ordered
    /// parts below 50 MiB, else in parallel parts.
    pub fn mode(mut self, mode: UploadMode) -> Self {
        self.mode = Some(mode);
        self
    }

    /// Files of this many bytes and more are sent in parts. Unless set, 10 MiB.
    pub fn in_parts_from(mut self, bytes: u64) -> Self {
        self.in_parts_from = bytes;
        self
    }

    /// The size of a part, in bytes: a multiple of 1 MiB. Unless set, a 64th of the file from 1 to 8 MiB,
    /// and more for files that would have over 10,000 parts.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Parts that are sent at once if parallel. Unless set, 4.
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
    /// changed.
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
    /// Kind Io if the file cannot be read, or changes meanwhile, or if the checkpoints cannot be
    /// kept; those of [`put`](crate::PutRequest::send) and of
    /// [`MultipartUpload`](crate::MultipartUpload). An upload in parts that failed is cancelled
    /// unless there are checkpoints.
    pub async fn send(self) -> Result<()> {
        let unreadable = |error| Error::io("the file could not be read", error);
        let facts = tokio::fs::metadata(&self.path).await.map_err(unreadable)?;
        // Pipes and such can be read only once, and have no size.
        let by_size = match facts.len() {
            size if size < self.in_parts_from || !facts.is_file() => UploadMode::Whole,
            size if size < PARALLEL_FROM => UploadMode::Ordered,
            _ => UploadMode::Parallel,
        };
        match self.mode.unwrap_or(by_size) {
            UploadMode::Whole => self.send_whole().await,
            mode => {
                let file = SourceFile::open(&self.path).await;
                let is_ordered = mode == UploadMode::Ordered;
                let session = Session::new(self, file.map_err(unreadable)?, is_ordered);
                session.run().await
            }
        }
    }

    async fn send_whole(self) -> Result<()> {
        let mut put = self.client.put(&self.key).body(Body::path(&self.path));
        if let Some(content_type) = &self.content_type {
            put = put.content_type(content_type);
        }
        for (name, value) in &self.meta {
            put = put.meta(name, value);
        }
        if self.checksum {
            put = put.checksum();
        }
        if let Some(progress) = self.progress {
            put = put.on_progress(progress);
        }
        put.send().await.map(|_| ())
    }
}

impl fmt::Debug for UploadFileRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UploadFileRequest")
            .field("path", &self.path)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
