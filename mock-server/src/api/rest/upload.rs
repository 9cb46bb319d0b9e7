//! Upload: PUT or POST with a body.

use std::time::SystemTime;

use axum::response::Response;
use http::{HeaderMap, header};
use serde_json::{Map, Value};
use upyun_client::protocol::{ErrorCode, Key, Md5Digest, header as names};

use super::call::{Call, announced_size, content_md5, too_large};
use crate::{
    api::{
        answer::{ok, text_answer},
        content::{picture_headers, stored_headers},
        metadata::Metadata,
        picture::{self, Processed, Requested},
    },
    auth::Action,
    clock::Worker,
    refusal::{Explanation, Refusal},
    store::{Attributes, Body, Entry, ImageFacts, ObjectInfo, Origin, Overwrite, Service},
};

/// Above this size a conflict is found before the body is read.
const WORTH_ASKING_BYTES: u64 = 1024 * 1024;

/// Validates, receives, processes, commits, answers.
pub(super) async fn put(mut call: Call<'_>) -> Result<Response, Refusal> {
    let upload = validate(&mut call).await?;
    let body = receive(&mut call, &upload.service).await?;
    check_md5(upload.md5, &body)?;
    let processed = process(&mut call, &upload.service, body).await?;
    let stored = commit(&mut call, upload, processed).await?;
    Ok(answer(&call, stored))
}

/// What the head of an upload says.
struct Upload {
    service: Service,
    key: Key,
    md5: Option<Md5Digest>,
    metadata: Metadata,
}

/// What is known of an object that is stored, or will be late.
struct Stored {
    /// What was asked of a picture.
    answers: Map<String, Value>,
    facts: Option<ImageFacts>,
    /// `None` if it is stored late.
    info: Option<ObjectInfo>,
}

/// Checks all that needs no body.
async fn validate(call: &mut Call<'_>) -> Result<Upload, Refusal> {
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
    let size = announced_size(call)?;
    let md5 = content_md5(call.headers())?;
    let metadata = Metadata::of(call.headers())?;
    if size.is_some_and(|size| size > WORTH_ASKING_BYTES)
        && let Ok(Entry::Folder(_)) = service.entry(&key).await
    {
        return Err(
            Refusal::new(ErrorCode::DIR_NOT_ACCEPTABLE).because(format!("{key} is a folder."))
        );
    }
    Ok(Upload {
        service,
        key,
        md5,
        metadata,
    })
}

/// Compares the body with the `Content-MD5`.
fn check_md5(announced: Option<Md5Digest>, body: &Body) -> Result<(), Refusal> {
    match announced {
        Some(md5) if md5 != body.md5() => Err(Refusal::new(ErrorCode::CONTENT_MD5_NOT_MATCH)
            .because(
                Explanation::new(format!(
                    "Content-MD5 is {md5}, but the {} bytes received have {}.",
                    body.size(),
                    body.md5()
                ))
                .remedy("compute it over exactly the bytes of the body."),
            )),
        _ => Ok(()),
    }
}

/// Changes a picture as the headers `x-gmkerl-*` say.
async fn process(call: &mut Call<'_>, service: &Service, body: Body) -> Result<Processed, Refusal> {
    let (account, requested) = (call.account()?, requested(call.headers()));
    picture::process(call.app, &account, service, body, &requested).await
}

/// Makes the object visible, now or late.
async fn commit(
    call: &mut Call<'_>,
    upload: Upload,
    processed: Processed,
) -> Result<Stored, Refusal> {
    let content_type = call.headers().get(header::CONTENT_TYPE);
    let content_type =
        content_type.map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
    let facts = processed.facts;
    let attributes = Attributes {
        content_type: processed.content_type.map(str::to_owned).or(content_type),
        expires_at: upload.metadata.expires_at(call.app.clock.unix()),
        meta: upload.metadata.0,
        image: facts.clone(),
        origin: Origin::Plain,
    };
    let (body, key) = (processed.body, upload.key);
    let info = match call.trace.visible_after {
        None => {
            let committed = body.commit(&key, attributes, Overwrite::ButResumable);
            Some(committed.await?)
        }
        Some(late) => {
            let due = call.app.clock.now() + late;
            let worker = call.app.clock.worker();
            tokio::spawn(commit_late(worker, due, body, key, attributes));
            None
        }
    };
    Ok(Stored {
        answers: processed.answers,
        facts,
        info,
    })
}

fn answer(call: &Call<'_>, stored: Stored) -> Response {
    let mut answer = if stored.answers.is_empty() {
        ok()
    } else {
        text_answer(Value::from(stored.answers).to_string(), "application/json")
    };
    if let Some(facts) = stored.facts {
        picture_headers(&facts, answer.headers_mut());
    }
    if let Some(info) = stored.info
        && call.app.settings.fidelity.put_answer.has_etag()
    {
        stored_headers(&info, answer.headers_mut());
    }
    answer
}

/// Stores an object that was answered to be stored, when it is time.
async fn commit_late(
    mut worker: Worker,
    due: SystemTime,
    body: Body,
    key: Key,
    attributes: Attributes,
) {
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
fn requested(headers: &HeaderMap) -> Requested {
    let parameters = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(names::X_GMKERL_PREFIX)?;
        let value = String::from_utf8_lossy(value.as_bytes());
        Some((name.to_owned(), value.into_owned()))
    });
    Requested {
        parameters: parameters.collect(),
        hex_by_default: true,
    }
}
