//! A local file, in parts if it is large.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};

use super::upload::{MIB, MultipartUpload};
use crate::{
    body::Body,
    client::Client,
    error::{Error, Result},
    progress::{Callback, Meter, Progress},
    protocol::Md5Digest,
};

/// Files from this size on are sent in parts unless told otherwise.
const THRESHOLD: u64 = 10 * MIB;
const CONCURRENCY: usize = 4;
/// The service's limit.
const MAX_PARTS: u64 = 10_000;

impl Client {
    /// Uploads a local file: in one request if it is small, else in parts, several at once.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(directory.path())?;
    /// # std::fs::write("movie.mp4", vec![7; 3_000_000])?;
    /// client
    ///     .upload_file("movie.mp4", "/movies/movie.mp4")
    ///     .content_type("video/mp4")
    ///     .checksum()
    ///     .in_parts_from(1024 * 1024)
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
            threshold: THRESHOLD,
            part_size: None,
            concurrency: CONCURRENCY,
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
    threshold: u64,
    part_size: Option<u64>,
    concurrency: usize,
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

    /// Computes the MD5 of the whole file too, which reads it twice. Parts have theirs in any case.
    pub fn checksum(mut self) -> Self {
        self.checksum = true;
        self
    }

    /// Files of this many bytes and more are sent in parts. Unless set, 10 MiB.
    pub fn in_parts_from(mut self, bytes: u64) -> Self {
        self.threshold = bytes;
        self
    }

    /// The size of a part, in bytes: a multiple of 1 MiB. Unless set, 1 MiB, and more for files that
    /// would have over 10,000 parts.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = Some(bytes);
        self
    }

    /// Parts that are sent at once, each of which is in memory. Unless set, 4.
    pub fn concurrency(mut self, parts: usize) -> Self {
        self.concurrency = parts.max(1);
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
    /// Kind Io if the file cannot be read; those of [`put`](crate::PutRequest::send) and of
    /// [`MultipartUpload`]. An upload in parts that failed is cancelled.
    pub async fn send(self) -> Result<()> {
        let unreadable = |error| Error::io("the file could not be read", error);
        let file = open(&self.path).await.map_err(unreadable)?;
        let size = file.metadata().map_err(unreadable)?.len();
        if size < self.threshold {
            return self.send_whole().await;
        }
        let part_size = self.part_size.unwrap_or_else(|| {
            // Whole MiB, as many as keep the parts within the limit.
            size.div_ceil(MAX_PARTS).div_ceil(MIB).max(1) * MIB
        });
        let mut begin = self
            .client
            .begin_multipart(&self.key)
            .part_size(part_size)
            .length(size);
        if let Some(content_type) = &self.content_type {
            begin = begin.content_type(content_type);
        }
        for (name, value) in &self.meta {
            begin = begin.meta(name, value);
        }
        let upload = begin.send().await?;
        let file = Arc::new(file);
        match self.send_parts(&upload, file, size, part_size).await {
            Ok(()) => Ok(()),
            Err(error) => {
                // What matters is why it failed; the service forgets the parts after a day anyway.
                let _ = upload.cancel().await;
                Err(error)
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

    async fn send_parts(
        self,
        upload: &MultipartUpload,
        file: Arc<File>,
        size: u64,
        part_size: u64,
    ) -> Result<()> {
        let unreadable = |error| Error::io("the file could not be read", error);
        let md5 = match self.checksum {
            true => Some(md5_of(Arc::clone(&file)).await.map_err(unreadable)?),
            false => None,
        };
        let meter = self
            .progress
            .map(|callback| Meter::new(callback, Some(size)));
        let sent = AtomicU64::new(0);
        let count = u32::try_from(size.div_ceil(part_size)).unwrap_or(u32::MAX);
        let parts = stream::iter(0..count).map(|part| {
            let (file, meter, sent) = (Arc::clone(&file), &meter, &sent);
            async move {
                let begin = u64::from(part) * part_size;
                let length = part_size.min(size - begin);
                let data = read(file, begin, length).await.map_err(unreadable)?;
                upload.upload(part, data).await?;
                let done = sent.fetch_add(length, Ordering::Relaxed) + length;
                if let Some(meter) = meter {
                    meter.report(done);
                }
                Ok::<_, Error>(())
            }
        });
        parts
            .buffer_unordered(self.concurrency)
            .try_collect::<()>()
            .await?;
        upload.complete(md5).await.map(|_| ())
    }
}

impl std::fmt::Debug for UploadFileRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UploadFileRequest")
            .field("path", &self.path)
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}

async fn open(path: &Path) -> io::Result<File> {
    Ok(tokio::fs::File::open(path).await?.into_std().await)
}

/// Bytes of a file, read where reading may block.
async fn read(file: Arc<File>, at: u64, length: u64) -> io::Result<Bytes> {
    blocking(move || {
        let mut data = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        read_exact_at(&file, &mut data, at)?;
        Ok(data.into())
    })
    .await
}

async fn md5_of(file: Arc<File>) -> io::Result<Md5Digest> {
    blocking(move || {
        use md5::{Digest as _, Md5};
        let size = file.metadata()?.len();
        let mut md5 = Md5::new();
        let mut buffer = vec![0; 256 * 1024];
        let mut at = 0;
        while at < size {
            let length = usize::try_from(size - at)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            read_exact_at(&file, &mut buffer[..length], at)?;
            md5.update(&buffer[..length]);
            at += length as u64;
        }
        Ok(Md5Digest::from_bytes(md5.finalize().into()))
    })
    .await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, at)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}
