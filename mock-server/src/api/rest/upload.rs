//! Upload: PUT or POST with a body.

use std::time::SystemTime;

use axum::response::Response;
use http::{HeaderMap, header};
use serde_json::Value;
use upyun_client::protocol::{ErrorCode, Key, header as names};

use super::call::{Call, announced_size, content_md5, too_large};
use crate::{
    api::{
        answer::{ok, text_answer},
        content::{picture_headers, stored_headers},
        metadata::Metadata,
        picture::{self, Processed, Wishes},
    },
    auth::Action,
    clock::Worker,
    refusal::{Explanation, Refusal},
    store::{Attributes, Body, Entry, Origin, Overwrite, Service},
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
    let account = call.account()?;
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

/// Reads the body into the store's keeping; nothing of it is visible yet.
async fn receive(call: &mut Call<'_>, service: &Service) -> Result<Body, Refusal> {
    let limit = call.app.settings.limits.max_object_bytes;
    let mut upload = service.upload();
    while let Some(data) = call.next_chunk().await? {
        if call.trace.bytes_in > limit {
            return Err(too_large(call.trace.bytes_in, limit));
        }
        upload.write(data).await?;
    }
    Ok(upload.finish().await?)
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
