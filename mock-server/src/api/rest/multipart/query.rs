//! What is there of uploads that are not finished, and giving one up.

use std::time::{Duration, UNIX_EPOCH};

use axum::{body::Body, response::Response};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::{HeaderValue, Method, header};
use serde_json::json;
use upyun_client::protocol::{ErrorCode, Key, date, header as names};

use super::{MAX_PARTS, header as pair, named, number, refuse, state};
use crate::{
    api::{
        answer::{ok, text_answer},
        content::{partial, wrong_range},
        range::{Wanted, resolve},
        rest::{call::Call, download, info},
        stream,
    },
    auth::Action,
    refusal::Refusal,
    store::{Multipart, MultipartError, Part, Service, StoreError},
};

const DEFAULT_LIMIT: u64 = 100;
const MAX_LIMIT: u64 = 1000;
const JSON: &str = "application/json";

/// Lists other than a folder's (§11): unfinished uploads.
pub(in crate::api::rest) fn other_list(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Write)?;
    if !key.is_root() {
        return Err(Refusal::new(ErrorCode::FLAT_LIST_ONLY_ON_ROOT)
            .because("X-Upyun-List-Type works on the root of a service only."));
    }
    match call.header(names::X_UPYUN_LIST_TYPE) {
        Some("multi") => list(&call, &service),
        other => Err(
            Refusal::new(ErrorCode::LIST_TYPE_NOT_SUPPORT).because(format!(
                "X-Upyun-List-Type is {other:?}; the only type is multi."
            )),
        ),
    }
}

/// The newest unfinished upload of a key, and how far it is.
pub(super) fn progress(service: &Service, key: &Key) -> Result<Response, Refusal> {
    let upload = service.newest_unfinished(key).ok_or_else(|| {
        Refusal::new(ErrorCode::FILE_NOT_FOUND)
            .because(format!("No unfinished upload of {key} is there."))
    })?;
    let ordered = upload.announced.ordered;
    let mut answer = match ordered {
        true => ok(),
        false => text_answer(parts_json(&upload.parts(0)), JSON),
    };
    let headers = answer.headers_mut();
    headers.extend(state(&upload));
    if let Some(length) = upload.announced.length {
        headers.insert(names::X_UPYUN_MULTI_LENGTH, length.into());
    }
    headers.insert(
        names::X_UPYUN_NEXT_PART_SIZE,
        upload.announced.part_size.into(),
    );
    let created = UNIX_EPOCH + Duration::from_secs(upload.created_at);
    headers.extend([
        pair(names::X_UPYUN_META_ORDER, &ordered.to_string()),
        pair(names::X_UPYUN_CREATED_DATE, &date::format(created)),
    ]);
    Ok(answer)
}

/// The parts that are there, from a number on.
pub(super) fn parts(call: &Call<'_>, service: &Service, key: &Key) -> Result<Response, Refusal> {
    let upload = named(call, service, key)?;
    let first = match call.header(names::X_UPYUN_PART_ID) {
        None => 0,
        Some(text) => number(text)
            .filter(|id| *id < MAX_PARTS)
            .and_then(|id| u32::try_from(id).ok())
            .ok_or_else(|| {
                Refusal::new(ErrorCode::INVALID_PART_ID).because(format!(
                    "X-Upyun-Part-Id is {text:?}; it is the first to list."
                ))
            })?,
    };
    Ok(text_answer(parts_json(&upload.parts(first)), JSON))
}

fn parts_json(parts: &[Part]) -> String {
    let parts = parts.iter().map(|part| {
        json!({
            "id": part.id,
            "size": part.size,
            "last_modified": part.modified,
            "etag": part.md5.to_string(),
        })
    });
    json!({ "parts": parts.collect::<Vec<_>>() }).to_string()
}

/// Gives an upload up.
pub(super) async fn cancel(
    call: Call<'_>,
    service: &Service,
    key: &Key,
) -> Result<Response, Refusal> {
    let upload = named(&call, service, key)?;
    service
        .cancel(&upload)
        .await
        .map_err(|error| refuse(error, &upload))?;
    Ok(ok())
}

/// The unfinished uploads of a service.
fn list(call: &Call<'_>, service: &Service) -> Result<Response, Refusal> {
    let wrong = |why: String| Refusal::new(ErrorCode::ITER_ARGS_INVALID).because(why);
    let prefix = match call.header(names::X_UPYUN_LIST_PREFIX) {
        None => String::new(),
        Some(text) => BASE64_STANDARD
            .decode(text)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| {
                wrong(format!(
                    "X-Upyun-List-Prefix {text:?} is not Base64 of UTF-8."
                ))
            })?,
    };
    let limit = match call.header(names::X_UPYUN_LIST_LIMIT) {
        None => DEFAULT_LIMIT,
        Some(text) => number(text)
            .filter(|limit| *limit > 0)
            .ok_or_else(|| wrong(format!("X-Upyun-List-Limit is {text:?}; it is a number.")))?,
    };
    // With and without the slash that every key begins with (`[choice M-35]`).
    let prefix = prefix.trim_start_matches('/');
    let unfinished = service.unfinished().into_iter();
    let files = unfinished
        .filter(|upload| upload.key.as_str()[1..].starts_with(prefix))
        .take(usize::try_from(limit.min(MAX_LIMIT)).unwrap_or(usize::MAX))
        .map(|upload| {
            json!({
                "key": upload.key.as_str(),
                "uuid": upload.uuid,
                "completed": false,
                "created_at": upload.created_at,
            })
        });
    let list = json!({ "files": files.collect::<Vec<_>>() });
    Ok(text_answer(list.to_string(), JSON))
}

/// The object that an ordered upload will be, as far as it is there (`[choice M-41]`).
pub(in crate::api::rest) async fn in_progress(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Read)?;
    let is_head = call.parts.method == Method::HEAD;
    let unfinished = service
        .newest_unfinished(&key)
        .filter(|upload| upload.announced.ordered)
        .and_then(|upload| Some((upload.announced.length?, upload)));
    match unfinished {
        Some((length, upload)) if is_head => Ok(announced(&upload, length)),
        Some((length, upload)) => read(call, &service, &upload, length).await,
        None if is_head => info::head(call).await,
        None => download::get(call).await,
    }
}

fn announced(upload: &Multipart, length: u64) -> Response {
    let mut answer = ok();
    let headers = answer.headers_mut();
    headers.insert(names::X_UPYUN_FILE_TYPE, HeaderValue::from_static("file"));
    headers.insert(names::X_UPYUN_FILE_SIZE, length.into());
    headers.insert(names::X_UPYUN_FILE_DATE, upload.created_at.into());
    if let Ok(kind) = HeaderValue::from_str(&upload.announced.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CONTENT_LENGTH, 0.into());
    answer
}

/// A range is held back until its bytes are there: upx asks for each range once.
async fn read(
    call: Call<'_>,
    service: &Service,
    upload: &Multipart,
    length: u64,
) -> Result<Response, Refusal> {
    let range = call.headers().get(header::RANGE);
    let wanted = match range {
        Some(range) => resolve(range.to_str().unwrap_or_default(), length),
        None => Wanted::All,
    };
    if let Wanted::Part(part) = &wanted {
        wait_for_bytes(upload, part.end, call.app.settings.limits.body_timeout).await;
    }
    if upload.completed().is_some() {
        return download::get(call).await;
    }
    if !upload.is_open() {
        return Err(refuse(MultipartError::Gone, upload));
    }
    let (file, there) = service.open_unfinished(upload)?;
    let mut answer = Response::new(Body::empty());
    let bytes = match wanted {
        Wanted::All => 0..there,
        Wanted::Part(part) if part.start < there => {
            let part = part.start..part.end.min(there);
            partial(&part, length, &mut answer);
            part
        }
        Wanted::Part(_) | Wanted::Wrong => return Err(wrong_range(range, there)),
    };
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_LENGTH, (bytes.end - bytes.start).into());
    if let Ok(kind) = HeaderValue::from_str(&upload.announced.content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    *answer.body_mut() =
        stream::body(file, bytes).map_err(|error| StoreError::io("read an upload", error))?;
    Ok(answer)
}

/// Waits until an upload has its first `end` bytes, has ended, or has got no part for `patience`.
async fn wait_for_bytes(upload: &Multipart, end: u64, patience: Duration) {
    let mut changes = upload.changes();
    while upload.is_open() && upload.gapless_bytes() < end {
        let change = tokio::time::timeout(patience, changes.changed()).await;
        if !matches!(change, Ok(Ok(()))) {
            return;
        }
    }
}
