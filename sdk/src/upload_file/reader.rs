//! An upload of what can be read only once: a part at a time is read into memory.

use std::io;

use bytes::{Bytes, BytesMut};
use futures_util::{StreamExt as _, TryStreamExt as _, future::ready, stream::try_unfold};
use md5::{Digest as _, Md5};
use tokio::task::spawn_blocking;

use super::{MAX_PARTS, Prepared, complete};
use crate::{
    body::{ByteStream, Ready},
    error::{Error, NextPart, Result},
    multipart::{MIB, MultipartUpload},
    progress::Meter,
    protocol::{ErrorCode, Md5Digest},
    rest::PutResult,
};

/// Parts that are in memory at once have no more bytes than this together.
const MAX_BYTES_IN_MEMORY: u64 = 16 * MIB;

/// The parts of a reader, in their order.
struct Parts {
    stream: ByteStream,
    /// Read, and of the next part.
    rest: Bytes,
    /// Read before the others, to see whether there is more than one part.
    first: Option<Bytes>,
    part_size: usize,
    /// The length that the caller announced.
    length: Option<u64>,
    read: u64,
    count: u32,
    md5: Option<Md5>,
}

impl Parts {
    /// The next part and its number; all parts but the last are of the same size.
    async fn next(&mut self) -> Result<Option<(u32, Bytes)>> {
        let part = match self.first.take() {
            Some(first) => first,
            None => {
                let unreadable = |error| Error::io("the reader failed", error);
                let part = self.read().await.map_err(unreadable)?;
                self.hash(&part).await?;
                part
            }
        };
        if part.is_empty() {
            return Ok(None);
        }
        if u64::from(self.count) == MAX_PARTS {
            let size = self.part_size;
            return Err(Error::invalid(format!(
                "the reader has more than {MAX_PARTS} parts of {size} bytes: choose a larger \
                 `part_size`"
            )));
        }
        self.count += 1;
        Ok(Some((self.count - 1, part)))
    }

    async fn read(&mut self) -> io::Result<Bytes> {
        let mut part = BytesMut::new();
        while part.len() < self.part_size {
            if self.rest.is_empty() {
                match self.stream.try_next().await? {
                    Some(chunk) => self.rest = chunk,
                    None => break,
                }
                self.read += self.rest.len() as u64;
                if let Some(length) = self.length.filter(|length| self.read > *length) {
                    let message =
                        format!("the reader gives more than the {length} bytes announced");
                    return Err(io::Error::new(io::ErrorKind::InvalidData, message));
                }
                continue;
            }
            let fits = self.rest.len().min(self.part_size - part.len());
            part.reserve(fits);
            part.extend_from_slice(&self.rest.split_to(fits));
        }
        if part.len() < self.part_size
            && let Some(length) = self.length.filter(|length| self.read < *length)
        {
            let message = format!("the reader ended after {} of {length} bytes", self.read);
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        Ok(part.freeze())
    }

    async fn hash(&mut self, part: &Bytes) -> Result<()> {
        if let Some(mut md5) = self.md5.take() {
            let part = part.clone();
            let hashed = spawn_blocking(move || {
                md5.update(&part);
                md5
            });
            let failed =
                |error| Error::io("the MD5 could not be computed", io::Error::other(error));
            self.md5 = Some(hashed.await.map_err(failed)?);
        }
        Ok(())
    }

    fn digest(&mut self) -> Option<Md5Digest> {
        let md5 = self.md5.take()?;
        Some(Md5Digest::from_bytes(md5.finalize().into()))
    }
}

/// Uploads a reader: in one request what fits into a part, otherwise in parts.
pub(super) async fn send(
    request: Prepared,
    stream: ByteStream,
    length: Option<u64>,
    is_ordered: bool,
) -> Result<PutResult> {
    let part_size = request
        .part_size
        .unwrap_or_else(|| length.map_or(MIB, super::default_part_size));
    let mut parts = Parts {
        stream,
        rest: Bytes::new(),
        first: None,
        part_size: usize::try_from(part_size).unwrap_or(usize::MAX),
        length,
        read: 0,
        count: 0,
        md5: request.checksum.then(Md5::new),
    };
    let unreadable = |error| Error::io("the reader failed", error);
    let first = parts.read().await.map_err(unreadable)?;
    if first.len() < parts.part_size {
        return request.put(Ready::bytes(first)).await;
    }
    parts.hash(&first).await?;
    parts.first = Some(first);
    let begin = match (is_ordered, length) {
        (true, None) => {
            return Err(Error::invalid(
                "ordered parts need the length of the reader: set it, or choose parallel parts",
            ));
        }
        (true, Some(length)) => request.begin(part_size).ordered().length(length),
        (false, Some(length)) => request.begin(part_size).length(length),
        (false, None) => request.begin(part_size),
    };
    let upload = request.with_retry(begin.send().await?);
    let sent = send_parts(request, &upload, parts, is_ordered).await;
    if sent.is_err() {
        // The first error matters; the service forgets the parts after a day anyway.
        let _ = upload.cancel().send().await;
    }
    sent
}

async fn send_parts(
    mut request: Prepared,
    upload: &MultipartUpload,
    mut parts: Parts,
    is_ordered: bool,
) -> Result<PutResult> {
    let meter = request.progress.take();
    let meter = meter.map(|callback| Meter::new(callback, parts.length));
    let meter = &meter;
    let fit = MAX_BYTES_IN_MEMORY / (parts.part_size as u64).max(1);
    let at_once = if is_ordered {
        1
    } else {
        let fit = usize::try_from(fit).unwrap_or(usize::MAX);
        request.concurrency.min(fit).max(1)
    };
    let mut done = 0;
    let numbered = try_unfold(&mut parts, |parts| async move {
        Ok::<_, Error>(parts.next().await?.map(|part| (part, parts)))
    });
    let sending = numbered.map_ok(|(number, bytes)| async move {
        let length = bytes.len() as u64;
        match upload.send_part(number, Ready::bytes(bytes), None).await {
            // An earlier attempt, whose response was lost.
            Err(error) if has_part(&error, number) => {}
            sent => sent?,
        }
        Ok::<_, Error>(length)
    });
    // Boxed, or else the compiler cannot see that the future of an upload is `Send`.
    let sending = sending.try_buffer_unordered(at_once).boxed();
    sending
        .inspect_ok(|length| {
            done += length;
            if let Some(meter) = meter {
                meter.report(done);
            }
        })
        .try_for_each(|_| ready(Ok(())))
        .await?;
    let md5 = request.content_md5.or_else(|| parts.digest());
    complete(upload, &request, parts.read, md5).await
}

/// Whether the service refuses a part because it has it.
fn has_part(error: &Error, number: u32) -> bool {
    match error.code() {
        Some(ErrorCode::PART_ALREADY_COMPLETE) => true,
        Some(ErrorCode::PART_ID_ERROR) => {
            error.next_part() == Some(NextPart::Complete)
                || error.next_part() == Some(NextPart::Part(number + 1))
        }
        _ => false,
    }
}
