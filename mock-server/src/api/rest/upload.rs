//! Upload: PUT or POST with a body.

use std::time::SystemTime;

use axum::response::Response;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt as _;
use serde_json::Value;
use upyun_client::protocol::{ErrorCode, Key, Md5Digest, header as names};

use super::{Call, ok, text_answer};
use crate::{
    api::{
        broken_body,
        metadata::Metadata,
        picture::{self, Processed, Wishes},
    },
    auth::Action,
    clock::Worker,
    refusal::{Explanation, Refusal},
    store::{Attributes, Body, Entry, ImageFacts, ObjectInfo, Origin, Overwrite, Service},
};

/// Above this size a conflict is found before the body is read.
const WORTH_ASKING_BYTES: u64 = 1024 * 1024;

pub(super) async fn put(mut call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Write)?;
    if key.is_root() {
        return Err(Refusal::new(ErrorCode::WRONG_URI).because(
            "The path names only the service: an upload goes to /<service>/<key>, a FORM upload is \
             multipart/form-data.",
        ));
    }
    if call.path.has_trailing_slash() {
        return Err(Refusal::new(ErrorCode::DIR_NOT_ACCEPTABLE)
            .because("The path of an upload ends in a slash, which only folders may."));
    }
    if call.headers().contains_key(names::X_UPYUN_APPEND) {
        return Err(Refusal::new(ErrorCode::INVALID_APPEND_FILE)
            .because("The append mode is retired; upload the object whole."));
    }
    let size = announced_size(&call)?;
    let md5 = content_md5(call.headers())?;
    let metadata = Metadata::of(call.headers())?;
    if size.is_some_and(|size| size > WORTH_ASKING_BYTES)
        && let Ok(Entry::Folder(_)) = service.entry(&key).await
    {
        return Err(
            Refusal::new(ErrorCode::DIR_NOT_ACCEPTABLE).because(format!("{key} is a folder."))
        );
    }
    let body = receive(&mut call, &service).await?;
    if let Some(md5) = md5
        && md5 != body.md5()
    {
        return Err(Refusal::new(ErrorCode::CONTENT_MD5_NOT_MATCH).because(
            Explanation::new(format!(
                "Content-MD5 is {md5}, but the {} bytes received have {}.",
                body.size(),
                body.md5()
            ))
            .remedy("compute it over exactly the bytes of the body."),
        ));
    }
    let wishes = wishes(call.headers());
    let account = crate::auth::usable_service(&call.app.accounts, call.path.service())?;
    let processed = picture::process(call.app, &account, &service, body, &wishes).await?;
    let Processed { body, facts, .. } = processed;
    let content_type = call
        .headers()
        .get(header::CONTENT_TYPE)
        .map(|value| value.as_bytes());
    let attributes = Attributes {
        content_type: match processed.content_type {
            Some(kind) => Some(kind.to_owned()),
            None => content_type.map(|kind| String::from_utf8_lossy(kind).into_owned()),
        },
        expires_at: metadata.expires_at(call.app.clock.unix()),
        meta: metadata.0,
        image: facts,
        origin: Origin::Plain,
    };
    let facts = attributes.image.clone();
    let stored = match call.trace.visible_after {
        None => {
            let committed = body.commit(&key, attributes, Overwrite::ButResumable);
            Some(committed.await?)
        }
        Some(late) => {
            let due = call.app.clock.now() + late;
            let worker = call.app.clock.worker();
            tokio::spawn(appear(worker, due, body, key, attributes));
            None
        }
    };
    let mut answer = match processed.told {
        told if told.is_empty() => ok(),
        told => text_answer(Value::from(told).to_string(), "application/json"),
    };
    if let Some(facts) = facts {
        picture_headers(&facts, answer.headers_mut());
    }
    if let Some(info) = stored
        && call.app.settings.fidelity.put_answer.tells_etag()
    {
        stored_headers(&info, answer.headers_mut());
    }
    Ok(answer)
}

/// Stores an object that was answered to be stored, when it is time.
async fn appear(mut worker: Worker, due: SystemTime, body: Body, key: Key, attributes: Attributes) {
    worker.reach(due, &format!("{key} was stored, late")).await;
    if let Err(error) = body.commit(&key, attributes, Overwrite::ButResumable).await {
        tracing::warn!("{key} was not stored late: {error}");
    }
}

/// The length that the request announces; `None` for a chunked body.
pub(super) fn announced_size(call: &Call<'_>) -> Result<Option<u64>, Refusal> {
    let limit = call.app.settings.limits.max_object_bytes;
    match call.headers().get(header::CONTENT_LENGTH) {
        Some(length) => {
            let length = length
                .to_str()
                .ok()
                .and_then(|text| text.parse::<u64>().ok());
            let length = length.ok_or_else(|| {
                Refusal::new(ErrorCode::WRONG_CONTENT_LENGTH_HEADER)
                    .because("Content-Length is not a number of bytes.")
            })?;
            if length > limit {
                Err(too_large(length, limit))
            } else {
                Ok(Some(length))
            }
        }
        None if call.headers().contains_key(header::TRANSFER_ENCODING) => Ok(None),
        None => Err(Refusal::new(ErrorCode::NEED_CONTENT_LENGTH_HEADER).because(
            "The upload has neither Content-Length nor a chunked body; an empty body has \
             Content-Length: 0.",
        )),
    }
}

fn too_large(bytes: u64, limit: u64) -> Refusal {
    Refusal::new(ErrorCode::CONTENT_LENGTH_TOO_LARGE).because(format!(
        "The body has at least {bytes} bytes; at most {limit} are allowed."
    ))
}

pub(super) fn content_md5(headers: &HeaderMap) -> Result<Option<Md5Digest>, Refusal> {
    let Some(text) = crate::auth::presented_text(headers, names::CONTENT_MD5) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Refusal::malformed_content_md5(text))
}

/// Reads the body into the store's keeping; nothing of it is visible yet.
async fn receive(call: &mut Call<'_>, service: &Service) -> Result<Body, Refusal> {
    let limit = call.app.settings.limits.max_object_bytes;
    let mut upload = service.upload();
    while let Some(data) = next_chunk(call).await? {
        if call.trace.bytes_in > limit {
            return Err(too_large(call.trace.bytes_in, limit));
        }
        upload.write(data).await?;
    }
    Ok(upload.finish().await?)
}

/// The next bytes of the body; `None` at its end.
pub(super) async fn next_chunk(call: &mut Call<'_>) -> Result<Option<Bytes>, Refusal> {
    let limit = call.app.settings.limits.body_timeout;
    loop {
        let frame = tokio::time::timeout(limit, call.body.frame()).await;
        let frame = match frame {
            Err(_) => {
                let code = ErrorCode::READ_CLIENT_REQUEST_TIMEOUT;
                return Err(gave_up(code, "no byte of the body came in time"));
            }
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => {
                return Err(gave_up(broken_body::code(&error), &error.to_string()));
            }
            Ok(Some(Ok(frame))) => frame,
        };
        if let Ok(data) = frame.into_data() {
            call.trace.received(&data);
            return Ok(Some(data));
        }
    }
}

fn gave_up(code: ErrorCode, why: &str) -> Refusal {
    Refusal::new(code).because(format!("The body ended early, nothing was stored: {why}."))
}

/// What the headers `x-gmkerl-*` say.
fn wishes(headers: &HeaderMap) -> Wishes {
    let parameters = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(names::X_GMKERL_PREFIX)?;
        let value = String::from_utf8_lossy(value.as_bytes());
        Some((name.to_owned(), value.into_owned()))
    });
    Wishes {
        parameters: parameters.collect(),
        hex_by_default: true,
    }
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
    headers.insert(header::ETAG, super::download::etag(info.md5));
    headers.insert(names::X_UPYUN_CONTENT_LENGTH, info.size.into());
}
