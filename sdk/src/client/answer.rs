//! What comes back, read.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, ETAG, HeaderMap, LAST_MODIFIED},
};
use serde_json::Value;
use tokio::time::timeout;

use super::call::{nothing_moved, of_reqwest};
use crate::{
    error::{Error, NextPart, Result},
    image::ImageInfo,
    metadata::Metadata,
    protocol::{ErrorCode, Md5Digest, date, header},
};

/// More of an error's body is not read.
const MAX_ERROR_BYTES: usize = 64 * 1024;
/// What is shown of a body that is not the protocol's JSON.
const MAX_SHOWN_CHARS: usize = 200;

/// An answer whose body is still to be read.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    pub(crate) headers: HeaderMap,
    response: Option<Response>,
    timeout: Duration,
    /// The most that is returned at a time, and what arrived beyond it.
    chunk_size: Option<usize>,
    rest: Bytes,
}

impl Answer {
    pub(super) fn new(
        mut response: Response,
        timeout: Duration,
        chunk_size: Option<usize>,
    ) -> Self {
        Self {
            status: response.status(),
            headers: std::mem::take(response.headers_mut()),
            response: Some(response),
            timeout,
            chunk_size,
            rest: Bytes::new(),
        }
    }

    /// Stands for the lost answer of an earlier attempt.
    pub(super) fn nothing() -> Self {
        Self {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            response: None,
            timeout: Duration::ZERO,
            chunk_size: None,
            rest: Bytes::new(),
        }
    }

    pub(crate) fn status(&self) -> u16 {
        self.status.as_u16()
    }

    /// A header as text: UTF-8, or else Latin-1, which always fits.
    pub(crate) fn text(&self, name: impl reqwest::header::AsHeaderName) -> Option<String> {
        self.headers
            .get(name)
            .map(|value| text_of(value.as_bytes()))
    }

    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.text(name)?.trim().parse().ok()
    }

    pub(crate) fn request_id(&self) -> Option<String> {
        self.text(header::X_REQUEST_ID)
    }

    pub(crate) fn etag(&self) -> Option<String> {
        self.text(ETAG)
    }

    /// The MD5 of the object: `Content-Md5`, or else an `ETag` that is one.
    pub(crate) fn md5(&self) -> Option<Md5Digest> {
        [self.text(header::CONTENT_MD5), self.etag()]
            .into_iter()
            .flatten()
            .find_map(|text| text.trim().trim_matches('"').parse().ok())
    }

    pub(crate) fn content_type(&self) -> Option<String> {
        self.text(CONTENT_TYPE)
    }

    pub(crate) fn last_modified(&self) -> Option<SystemTime> {
        date::parse(&self.text(LAST_MODIFIED)?)
    }

    pub(crate) fn image(&self) -> Option<ImageInfo> {
        let number = |name| self.number(name)?.try_into().ok();
        Some(ImageInfo {
            width: number(header::X_UPYUN_WIDTH)?,
            height: number(header::X_UPYUN_HEIGHT)?,
            frames: number(header::X_UPYUN_FRAMES).unwrap_or(1),
            file_type: self.text(header::X_UPYUN_FILE_TYPE).unwrap_or_default(),
        })
    }

    pub(crate) fn metadata(&self) -> Metadata {
        self.headers
            .iter()
            .filter_map(|(name, value)| {
                let name = name.as_str().strip_prefix(header::X_UPYUN_META_PREFIX)?;
                Some((name.to_owned(), text_of(value.as_bytes())))
            })
            .collect()
    }

    pub(super) fn status_code(&self) -> StatusCode {
        self.status
    }

    /// The next piece of the body.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>> {
        if self.rest.is_empty() {
            match self.arrived().await? {
                Some(chunk) => self.rest = chunk,
                None => return Ok(None),
            }
        }
        let most = self.chunk_size.unwrap_or(usize::MAX).min(self.rest.len());
        Ok(Some(self.rest.split_to(most)))
    }

    async fn arrived(&mut self) -> Result<Option<Bytes>> {
        let Some(response) = &mut self.response else {
            return Ok(None);
        };
        let chunk = match timeout(self.timeout, response.chunk()).await {
            Ok(Ok(chunk)) => Ok(chunk),
            Ok(Err(error)) => Err(of_reqwest(error, "the answer broke off")),
            Err(_) => Err(nothing_moved(self.timeout)),
        };
        chunk.map_err(|error| error.with_answer(self.status(), self.request_id()))
    }

    /// A body that must not be longer than this.
    pub(crate) async fn read(&mut self, max_bytes: usize) -> Result<Vec<u8>> {
        let mut body = Vec::new();
        while let Some(chunk) = self.chunk().await? {
            if body.len() + chunk.len() > max_bytes {
                return Err(self.malformed("the answer is too long"));
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Reads a body that says nothing, so that the connection can be used again.
    pub(crate) async fn finish(mut self) -> Self {
        let _ = self.read(MAX_ERROR_BYTES).await;
        self.response = None;
        self
    }

    pub(crate) fn malformed(&self, message: impl Into<String>) -> Error {
        Error::malformed(message).with_answer(self.status(), self.request_id())
    }

    /// A refusal whose status and words came in another way than as an answer's.
    pub(crate) fn refusal(&self, status: u16, message: &str) -> Error {
        let code = self.number(header::X_ERROR_CODE).and_then(code_of);
        Error::service(status, code, message.to_owned(), self.request_id())
    }

    /// The refusal in the answer. Survives any body: fronts and proxies answer in HTML, or not at
    /// all.
    pub(super) async fn into_error(mut self, is_head: bool) -> Error {
        let body = if is_head {
            Vec::new()
        } else {
            self.read_some(MAX_ERROR_BYTES).await
        };
        let json: Option<Value> = serde_json::from_slice(&body).ok();
        let member = |name: &str| json.as_ref().and_then(|json| json.get(name));
        let text = |name: &str| member(name)?.as_str().map(str::to_owned);
        let code = [
            member("code").and_then(number_of),
            self.number(header::X_ERROR_CODE),
        ];
        let code = code.into_iter().flatten().find_map(code_of);
        let message = text("msg")
            .or_else(|| text("message"))
            .filter(|message| !message.is_empty())
            .or_else(|| code.and_then(ErrorCode::message).map(str::to_owned))
            .unwrap_or_else(|| self.describe(&body));
        let request_id = self.request_id().or_else(|| text("id"));
        let next_part = self
            .text(header::X_UPYUN_NEXT_PART_ID)
            .and_then(|part| NextPart::of(&part));
        Error::service(self.status(), code, message, request_id).with_next_part(next_part)
    }

    async fn read_some(&mut self, max_bytes: usize) -> Vec<u8> {
        let mut body = Vec::new();
        while let Ok(Some(chunk)) = self.chunk().await {
            body.extend_from_slice(&chunk);
            if body.len() >= max_bytes {
                break;
            }
        }
        body
    }

    fn describe(&self, body: &[u8]) -> String {
        if let Some(place) = self.text(reqwest::header::LOCATION) {
            return format!("a redirect to {place}, which is not followed");
        }
        let reason = self.status.canonical_reason().unwrap_or("no reason given");
        let text = String::from_utf8_lossy(body);
        let text = text.trim();
        if text.is_empty() {
            return reason.to_owned();
        }
        let shown: String = text
            .chars()
            .take(MAX_SHOWN_CHARS)
            .map(|c| if c.is_control() { ' ' } else { c })
            .collect();
        format!("{reason}: {shown}")
    }
}

/// Some answers, like those to forms, repeat the status where a code would be.
fn code_of(number: u64) -> Option<ErrorCode> {
    let code = u32::try_from(number).ok()?;
    (code >= 10_000_000).then(|| ErrorCode::new(code))
}

/// On access domains the code is a string.
fn number_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
