//! One operation: what is measured.

use std::sync::Arc;

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use md5::{Digest as _, Md5};
use upyun_client::{Client, Error};

use crate::{content::Content, recorder::Recorder};

const PART_BYTES: u64 = 4 * 1024 * 1024;
const PARTS_AT_ONCE: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Put,
    Get,
    Multipart,
}

/// An object that was put.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stored {
    pub(crate) content: Content,
    /// Only if it is to be compared.
    pub(crate) md5: Option<[u8; 16]>,
}

/// Who does it, and who counts.
#[derive(Debug)]
pub(crate) struct Hand {
    pub(crate) client: Client,
    pub(crate) recorder: Arc<Recorder>,
}

impl Operation {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Get => "get",
            Self::Multipart => "multipart",
        }
    }

    /// The requests that it takes.
    pub(crate) fn requests(self, size_bytes: u64) -> u64 {
        match self {
            Self::Put | Self::Get => 1,
            Self::Multipart => size_bytes.div_ceil(PART_BYTES) + 2,
        }
    }
}

impl Hand {
    /// Does it. The error is a text that counts the same for the same cause.
    pub(crate) async fn run(
        &self,
        operation: Operation,
        key: &str,
        object: Stored,
    ) -> Result<(), String> {
        match operation {
            Operation::Put => self.put(key, object.content).await.map_err(cause),
            Operation::Multipart => self.multipart(key, object.content).await.map_err(cause),
            Operation::Get => self.get(key, object).await,
        }
    }

    async fn put(&self, key: &str, content: Content) -> Result<(), Error> {
        let body = content.body(Arc::clone(&self.recorder));
        self.client.put(key).body(body).send().await.map(|_| ())
    }

    async fn multipart(&self, key: &str, content: Content) -> Result<(), Error> {
        let begin = self.client.begin_multipart(key).part_size(PART_BYTES);
        let upload = begin.length(content.size_bytes).send().await?;
        let starts = (0..content.size_bytes).step_by(PART_BYTES as usize);
        let sent = stream::iter(starts.zip(0..)).map(|(at, part)| {
            let length = (content.size_bytes - at).min(PART_BYTES);
            let body = content.part(at, length).body(Arc::clone(&self.recorder));
            upload.upload(part, body).send()
        });
        sent.buffer_unordered(PARTS_AT_ONCE)
            .try_collect::<()>()
            .await?;
        upload.complete().send().await.map(|_| ())
    }

    /// Downloads to the end, and compares size and, if wanted, MD5 with what was put.
    async fn get(&self, key: &str, object: Stored) -> Result<(), String> {
        let mut download = self.client.get(key).send().await.map_err(cause)?;
        let mut md5 = object.md5.map(|_| Md5::new());
        let mut read = 0;
        while let Some(chunk) = download.chunk().await.map_err(cause)? {
            read += chunk.len() as u64;
            self.recorder.moved(chunk.len() as u64);
            if let Some(md5) = &mut md5 {
                md5.update(&chunk);
            }
        }
        if read != object.content.size_bytes {
            return Err("another size came back than was put".to_owned());
        }
        match md5.map(|md5| md5.finalize().into()) == object.md5 {
            true => Ok(()),
            false => Err("another MD5 came back than was put".to_owned()),
        }
    }
}

fn cause(error: Error) -> String {
    match (error.status(), error.code()) {
        (Some(status), Some(code)) => {
            format!("{:?}, status {status}, code {code}", error.kind())
        }
        (Some(status), None) => format!("{:?}, status {status}", error.kind()),
        _ => format!("{:?}: {error}", error.kind()),
    }
}
