//! Resumable and parallel uploads: stages, progress, parts, lists, cancel.

mod part;
mod query;
mod stages;

use axum::response::Response;
use http::{HeaderName, HeaderValue, Method};
use upyun_client::protocol::{ErrorCode, Key, header as names};

pub(super) use self::query::{in_progress, other_list};
#[cfg(feature = "fuzzing")]
pub(in crate::api) use self::stages::try_headers;
use super::call::Call;
use crate::{
    auth::Action,
    refusal::Refusal,
    store::{Multipart, MultipartError, Service},
};

/// Parts of one upload, at most.
const MAX_PARTS: u64 = 10_000;

/// What has a header of a resumable upload.
pub(super) async fn serve(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Write)?;
    if key.is_root() {
        return Err(Refusal::new(ErrorCode::WRONG_URI)
            .because("The path names only the service; a resumable upload has a key."));
    }
    if call.account()?.is_single_copy {
        return Err(Refusal::new(ErrorCode::SINGLE_COPY_NO_RESUME)
            .because("The service is configured as single_copy."));
    }
    if call.parts.method == Method::PUT {
        stages::put(call, &service, &key).await
    } else if call.parts.method == Method::DELETE {
        query::cancel(call, &service, &key).await
    } else if call.header(names::X_UPYUN_MULTI_INFO).is_some() {
        query::progress(&service, &key)
    } else {
        query::parts(&call, &service, &key)
    }
}

/// The upload that the request names.
fn named(
    call: &Call<'_>,
    service: &Service,
    key: &Key,
) -> Result<std::sync::Arc<Multipart>, Refusal> {
    let uuid = call.header(names::X_UPYUN_MULTI_UUID).unwrap_or_default();
    if !is_uuid(uuid) {
        return Err(Refusal::new(ErrorCode::INVALID_MULTI_UUID).because(format!(
            "X-Upyun-Multi-Uuid is {uuid:?}; it is the 36 characters that initiate answered."
        )));
    }
    service.multipart(key, uuid).ok_or_else(|| {
        Refusal::new(ErrorCode::MULTI_UUID_NOT_FOUND).because(format!(
            "No upload {uuid} of {key} is known: it was cancelled, is older than 24 hours, or \
             belongs to another key."
        ))
    })
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}

/// A number of a header, in decimal digits.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// The headers that tell a client how to go on; errors carry them too (`[choice M-18]`).
fn state(upload: &Multipart) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![header(names::X_UPYUN_MULTI_UUID, &upload.uuid)];
    if let Some(completed) = upload.completed() {
        let kind = &upload.announced.content_type;
        headers.push(header(names::X_UPYUN_MULTI_TYPE, kind));
        headers.push(header(
            names::X_UPYUN_MULTI_LENGTH,
            &completed.size.to_string(),
        ));
    }
    if upload.announced.ordered {
        let next = upload
            .next_part()
            .map_or_else(|| "-1".to_owned(), |next| next.to_string());
        headers.push(header(names::X_UPYUN_NEXT_PART_ID, &next));
        let size = upload.announced.part_size.to_string();
        headers.push(header(names::X_UPYUN_NEXT_PART_SIZE, &size));
    }
    headers
}

fn header(name: &'static str, value: &str) -> (HeaderName, HeaderValue) {
    let value = HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static(""));
    (HeaderName::from_static(name), value)
}

fn refuse(error: MultipartError, upload: &Multipart) -> Refusal {
    let code = match error {
        MultipartError::Gone => ErrorCode::MULTI_UUID_NOT_FOUND,
        MultipartError::NotNext => ErrorCode::PART_ID_ERROR,
        MultipartError::PartComplete => ErrorCode::PART_ALREADY_COMPLETE,
        MultipartError::Completed => ErrorCode::FILE_ALREADY_UPLOAD,
        MultipartError::Incomplete => ErrorCode::INCOMPLETE_MULTIPART_PARTS,
        MultipartError::PartSizeMismatch => ErrorCode::INVALID_PART_SIZE,
        MultipartError::Md5Mismatch => ErrorCode::FILE_MD5_NOT_MATCH,
        MultipartError::Store(error) => return error.into(),
    };
    let next = upload
        .next_part()
        .map_or_else(|| "none".to_owned(), |next| next.to_string());
    Refusal::new(code).because(format!("{error}; the next part is {next}."))
}
