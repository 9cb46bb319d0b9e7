//! An object as it arrives.

use std::{ops::Range, path::Path, time::SystemTime};

use bytes::Bytes;
use futures_core::Stream;
use futures_util::stream::unfold;
use md5::{Digest as _, Md5};
use reqwest::header::CONTENT_RANGE;
use tokio::io::{AsyncWrite, AsyncWriteExt as _};

use super::save;
use crate::{
    client::answer::Answer,
    error::{Cause, Error, ErrorKind, Result},
    image::ImageInfo,
    metadata::Metadata,
    progress::{Callback, Meter},
    protocol::{Md5Digest, header},
};

/// An object whose headers have arrived: [`info`](Self::info), and one of the methods that read the
/// body.
///
/// A body that ends too early is an error of kind Transport, never a short success.
#[derive(Debug)]
#[must_use = "the body does not arrive until it is read"]
pub struct Download {
    info: DownloadInfo,
    chunks: Chunks,
}

/// What the headers of a download say.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadInfo {
    /// The length of this body, which is the object's unless there is a range.
    pub content_length: Option<u64>,
    /// The size of the object in bytes.
    pub size: Option<u64>,
    /// Which bytes of the object these are, if not all.
    pub range: Option<Range<u64>>,
    /// The stored MIME type.
    pub content_type: Option<String>,
    /// The `ETag`, with its quotes.
    pub etag: Option<String>,
    /// The MD5 of the whole object.
    pub md5: Option<Md5Digest>,
    /// When the object was stored.
    pub modified: Option<SystemTime>,
    /// Its metadata.
    pub metadata: Metadata,
    /// The facts of a picture, where the service tells them.
    pub image: Option<ImageInfo>,
    /// Where [errors are ignored](crate::protocol::image::ImageParamsBuilder::ignore_errors) and this
    /// is the original because it could not be processed: the status that tells why, like 405.
    pub ignored_status: Option<u16>,
    /// The id under which the service's support finds the request.
    pub request_id: Option<String>,
}

impl Download {
    /// `range`: `None` if none was asked for; otherwise where it begins, if that is known.
    pub(crate) fn new(
        answer: Answer,
        range: Option<Option<u64>>,
        verifies: bool,
        progress: Option<Callback>,
    ) -> Result<Self> {
        if answer.headers.contains_key(header::X_UPYUN_LIST_ITER) {
            return Err(answer.malformed("the key is a folder, and the answer its list"));
        }
        let content_length = answer.number("content-length");
        let part = answer.text(CONTENT_RANGE).and_then(|text| parse(&text));
        match (range, &part) {
            (None, None) => {}
            (None, Some(_)) => return Err(answer.malformed("a part of the object came unasked")),
            (Some(_), None) => return Err(answer.malformed("the service ignored the range")),
            (Some(start), Some((got, _))) => {
                if start.is_some_and(|start| start != got.start) {
                    return Err(answer.malformed("the answer is another range than asked for"));
                }
            }
        }
        let (range, size) = match part {
            Some((range, size)) => (Some(range), size),
            None => (None, content_length),
        };
        let md5 = answer.md5();
        let expected = match (verifies, md5) {
            (false, _) => None,
            (true, Some(md5)) => Some((md5, Md5::new())),
            (true, None) => return Err(answer.malformed("the answer has no MD5 to verify")),
        };
        let info = DownloadInfo {
            content_length,
            size,
            range,
            content_type: answer.content_type(),
            etag: answer.etag(),
            md5,
            modified: answer.last_modified(),
            metadata: answer.metadata(),
            image: answer.image(),
            ignored_status: answer
                .number(header::X_GMKERL_ERR_CODE)
                .and_then(|status| status.try_into().ok()),
            request_id: answer.request_id(),
        };
        let chunks = Chunks {
            uri: String::new(),
            meter: progress.map(|callback| Meter::new(callback, content_length)),
            answer,
            done: 0,
            length: content_length,
            expected,
        };
        Ok(Self { info, chunks })
    }

    pub(crate) fn of_uri(mut self, uri: String) -> Self {
        self.chunks.uri = uri;
        self
    }

    /// What the headers say.
    pub fn info(&self) -> &DownloadInfo {
        &self.info
    }

    /// The next piece of the body; `None` at its end.
    ///
    /// # Errors
    /// Kind Transport if the body breaks off, stalls, or has another MD5 than asked for.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>> {
        self.chunks.next().await
    }

    /// The body as a stream of pieces, for what takes streams. It ends after an error.
    pub fn stream(self) -> impl Stream<Item = Result<Bytes>> + Send + Unpin + 'static {
        Box::pin(unfold(Some(self.chunks), |chunks| async {
            let mut chunks = chunks?;
            match chunks.next().await {
                Ok(Some(chunk)) => Some((Ok(chunk), Some(chunks))),
                Ok(None) => None,
                Err(error) => Some((Err(error), None)),
            }
        }))
    }

    /// The whole body in memory.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk).
    pub async fn bytes(mut self) -> Result<Bytes> {
        let Some(first) = self.chunks.next().await? else {
            return Ok(Bytes::new());
        };
        let Some(second) = self.chunks.next().await? else {
            return Ok(first);
        };
        let mut whole = Vec::from(first);
        whole.extend_from_slice(&second);
        while let Some(chunk) = self.chunks.next().await? {
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    /// The whole body as text.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk), and kind Malformed if it is not UTF-8.
    pub async fn text(self) -> Result<String> {
        let uri = self.chunks.uri.clone();
        let bytes = self.bytes().await?;
        String::from_utf8(bytes.into()).map_err(|error| {
            Error::malformed("the object is not UTF-8")
                .with_source(error)
                .of_request("GET", &uri)
        })
    }

    /// Writes the body to a sink, flushes it, and returns the number of bytes.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk), and kind Io if the sink fails.
    pub async fn write_to(mut self, mut sink: impl AsyncWrite + Unpin) -> Result<u64> {
        self.copy_to(&mut sink).await
    }

    /// Saves the body as a file: the whole of it, or nothing. Returns the number of bytes.
    ///
    /// The bytes go to a temporary file beside the target, which takes the target's place at the
    /// end. What was there stays as it is until then; a symbolic link is replaced, not followed.
    ///
    /// # Errors
    /// As [`chunk`](Self::chunk), and kind Io if the file cannot be written.
    pub async fn into_file(mut self, path: impl AsRef<Path>) -> Result<u64> {
        let path = path.as_ref();
        let failed = |error| {
            let message = format!("`{}` could not be written", path.display());
            Error::io(message, error)
        };
        let mut draft = save::Draft::beside(path).await.map_err(failed)?;
        let bytes = self.copy_to(draft.file()).await?;
        draft.publish(path).await.map_err(failed)?;
        Ok(bytes)
    }

    async fn copy_to(&mut self, sink: &mut (impl AsyncWrite + Unpin)) -> Result<u64> {
        let failed = |error| Error::io("the download could not be written", error);
        while let Some(chunk) = self.chunks.next().await? {
            sink.write_all(&chunk).await.map_err(failed)?;
        }
        sink.flush().await.map_err(failed)?;
        Ok(self.chunks.done)
    }
}

/// The body, counted and hashed on its way.
#[derive(Debug)]
struct Chunks {
    answer: Answer,
    uri: String,
    done: u64,
    length: Option<u64>,
    expected: Option<(Md5Digest, Md5)>,
    meter: Option<Meter>,
}

impl Chunks {
    async fn next(&mut self) -> Result<Option<Bytes>> {
        self.advance()
            .await
            .map_err(|error| error.of_request("GET", &self.uri))
    }

    async fn advance(&mut self) -> Result<Option<Bytes>> {
        let Some(chunk) = self.answer.chunk().await? else {
            self.check_end()?;
            return Ok(None);
        };
        self.done += chunk.len() as u64;
        if let Some((_, md5)) = &mut self.expected {
            md5.update(&chunk);
        }
        if let Some(meter) = &self.meter {
            meter.report(self.done);
        }
        Ok(Some(chunk))
    }

    fn check_end(&mut self) -> Result<()> {
        let broken = |message| {
            let error = Error::new(ErrorKind::Transport, message);
            error.with_answer(self.answer.status(), self.answer.request_id())
        };
        if let Some(length) = self.length.filter(|length| *length != self.done) {
            let done = self.done;
            return Err(broken(format!(
                "the body ended after {done} of {length} bytes"
            )));
        }
        if let Some((want, md5)) = self.expected.take() {
            let got = Md5Digest::from_bytes(md5.finalize().into());
            if got != want {
                let message = format!("the MD5 of the body is {got}, not {want} as announced");
                return Err(broken(message).with_cause(Cause::Checksum));
            }
        }
        Ok(())
    }
}

/// `bytes 0-99/1000`, where the size may be unknown: `bytes 0-99/*`.
fn parse(content_range: &str) -> Option<(Range<u64>, Option<u64>)> {
    let (range, size) = content_range
        .trim()
        .strip_prefix("bytes ")?
        .split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last): (u64, u64) = (first.parse().ok()?, last.parse().ok()?);
    (first <= last).then_some((first..last.checked_add(1)?, size.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_ranges() {
        assert_eq!(parse("bytes 0-99/1000"), Some((0..100, Some(1000))));
        assert_eq!(parse("bytes 5-5/*"), Some((5..6, None)));
        for bad in [
            "",
            "bytes */10",
            "bytes 9-1/10",
            "items 0-1/2",
            "bytes 0-/2",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
        assert_eq!(parse(&format!("bytes 0-{}/1", u64::MAX)), None);
    }
}
