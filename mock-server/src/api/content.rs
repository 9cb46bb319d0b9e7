//! The content of an object as a response: conditions, ranges and the headers that describe it.

use std::{fs::File, ops::Range};

use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use upyun_client::protocol::{ErrorCode, Md5Digest, date, header as names};

use super::{
    conditions::{self, Outcome},
    range::{Wanted, resolve},
    stream,
};
use crate::{
    refusal::{Explanation, Refusal},
    store::{ImageFacts, Object, ObjectInfo, StoreError},
};

/// The response with the content of an object and all that describes it.
pub(super) fn download(object: Object, headers: &HeaderMap) -> Result<Response, Refusal> {
    let info = &object.info();
    let mut answer = content(object.into_file(), &Version::of(info), headers)?;
    if answer.status() != StatusCode::NOT_MODIFIED {
        describe(info, answer.headers_mut());
        if let Some(facts) = &info.image {
            picture_headers(facts, answer.headers_mut());
        }
    }
    Ok(answer)
}

/// Which bytes are meant, for conditions and caches.
#[derive(Clone, Copy, Debug)]
pub(super) struct Version {
    /// Bytes.
    pub(super) size: u64,
    pub(super) md5: Md5Digest,
    /// Unix seconds.
    pub(super) modified: u64,
}

impl Version {
    pub(super) fn of(info: &ObjectInfo) -> Self {
        Self {
            size: info.size,
            md5: info.md5,
            modified: info.modified,
        }
    }
}

/// The content of a file, all or the range that was asked for, if the conditions of the request hold.
pub(super) fn content(
    file: File,
    version: &Version,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let Version {
        size,
        md5,
        modified,
    } = *version;
    match conditions::evaluate(headers, md5, modified) {
        Outcome::Proceed => {}
        Outcome::NotModified => return Ok(not_modified(version)),
        Outcome::Failed => return Err(failed_condition()),
    }
    let range = headers
        .get(header::RANGE)
        .filter(|_| conditions::range_is_welcome(headers, md5, modified));
    let wanted = match range {
        Some(range) => resolve(range.to_str().unwrap_or_default(), size),
        None => Wanted::All,
    };
    let mut answer = Response::default();
    validators(version, answer.headers_mut());
    let bytes = match wanted {
        Wanted::All => 0..size,
        Wanted::Part(part) => {
            partial(&part, size, &mut answer);
            part
        }
        Wanted::Wrong => return Err(wrong_range(range, size)),
    };
    answer
        .headers_mut()
        .insert(header::CONTENT_LENGTH, (bytes.end - bytes.start).into());
    *answer.body_mut() =
        stream::body(file, bytes).map_err(|error| StoreError::io("read an object", error))?;
    Ok(answer)
}

/// Makes a response partial: a part of `size` bytes.
pub(super) fn partial(part: &Range<u64>, size: u64, answer: &mut Response) {
    *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    let text = format!("bytes {}-{}/{size}", part.start, part.end - 1);
    if let Ok(value) = HeaderValue::from_str(&text) {
        answer.headers_mut().insert(header::CONTENT_RANGE, value);
    }
}

/// The refusal of a range that is malformed or outside.
pub(super) fn wrong_range(range: Option<&HeaderValue>, size: u64) -> Refusal {
    let range = range.map(|range| String::from_utf8_lossy(range.as_bytes()));
    Refusal::new(ErrorCode::WRONG_RANGE).because(
        Explanation::new(format!(
            "The Range {:?} is malformed or lies outside the {size} bytes that are there.",
            range.unwrap_or_default(),
        ))
        .remedy("ask for bytes=a-b, bytes=a- or bytes=-n."),
    )
}

/// 304, with what a cache needs.
pub(super) fn not_modified(version: &Version) -> Response {
    let mut answer = Response::default();
    *answer.status_mut() = StatusCode::NOT_MODIFIED;
    validators(version, answer.headers_mut());
    answer.headers_mut().remove(header::ACCEPT_RANGES);
    answer
}

/// What caches compare, and that ranges can be asked for.
fn validators(version: &Version, headers: &mut HeaderMap) {
    headers.insert(header::ETAG, etag(version.md5));
    headers.insert(header::LAST_MODIFIED, last_modified(version.modified));
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
}

/// The refusal of a condition that does not hold.
pub(super) fn failed_condition() -> Refusal {
    Refusal::new(ErrorCode::PRECONDITION_FAILED)
        .because("If-Match or If-Unmodified-Since does not hold for the stored object.")
}

/// The headers that download and info share.
pub(super) fn describe(info: &ObjectInfo, headers: &mut HeaderMap) {
    validators(&Version::of(info), headers);
    if let Ok(kind) = HeaderValue::from_bytes(info.content_type.as_bytes()) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    for (name, value) in &info.meta {
        let name =
            HeaderName::from_bytes(format!("{}{name}", names::X_UPYUN_META_PREFIX).as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            headers.insert(name, value);
        }
    }
}

/// The MD5 in quotes.
pub(super) fn etag(md5: Md5Digest) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{md5}\"")).expect("hex digits and quotes are visible")
}

fn last_modified(unix: u64) -> HeaderValue {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(unix);
    HeaderValue::from_str(&date::format(time)).expect("a date is visible ASCII")
}

/// The four facts of a picture.
pub(super) fn picture_headers(facts: &ImageFacts, headers: &mut HeaderMap) {
    headers.insert(names::X_UPYUN_WIDTH, facts.width.into());
    headers.insert(names::X_UPYUN_HEIGHT, facts.height.into());
    headers.insert(names::X_UPYUN_FRAMES, facts.frames.into());
    if let Ok(kind) = HeaderValue::from_str(&facts.file_type) {
        headers.insert(names::X_UPYUN_FILE_TYPE, kind);
    }
}

/// What newer deployments tell of a stored object (`[choice R-91]`).
pub(super) fn stored_headers(info: &ObjectInfo, headers: &mut HeaderMap) {
    headers.insert(header::ETAG, etag(info.md5));
    headers.insert(names::X_UPYUN_CONTENT_LENGTH, info.size.into());
}
