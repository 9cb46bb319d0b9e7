//! FORM upload: POST of multipart/form-data to a service, as browsers and apps do it.

pub(super) mod answer;
mod apps;
mod base64_body;
pub(super) mod checks;
pub(super) mod fields;
mod save_key;

use std::sync::Arc;

use axum::{body::Body as RequestBody, response::Response};
use http::{StatusCode, request::Parts};
use serde_json::{Map, Value};
use upyun_client::protocol::{ErrorCode, Key, Md5Digest, header as names, path::RequestPath};

use self::{
    answer::{Context, ResultSignature},
    checks::{Checked, check, check_file},
    fields::{Fields, FormFile},
};
use super::{
    app::App,
    metadata::Metadata,
    picture::{self, Processed, Requested},
    policy::Policy,
    trace::Trace,
};
use crate::{
    accounts::Operator,
    image,
    refusal::Refusal,
    store::{Attributes, Body, ImageFacts, ObjectInfo, Origin, Overwrite, Service, Upload},
    tasks::{Callback, transcode},
};

/// A form, as far as its head tells.
#[derive(Clone, Copy)]
struct Head<'a> {
    app: &'a App,
    parts: &'a Parts,
    path: &'a RequestPath,
}

/// Receives a form. Checks are in the order of `[choice F-39]`; those that need no file are made
/// before it is received if the fields that they need came first.
pub(super) async fn upload(
    app: &App,
    parts: &Parts,
    path: &RequestPath,
    body: &mut RequestBody,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let head = Head { app, parts, path };
    let boundary = fields::boundary(&parts.headers)?;
    // Known once the policy is decoded: from then on answers have another shape.
    let mut context = None;
    let mut checked = None;
    let mut fields = Fields::default();
    let gate = |fields: &Fields| -> Result<Upload, Refusal> {
        if fields.can_be_checked() {
            checked = Some(check(head, fields, &mut context)?);
        }
        let service = crate::auth::usable_service(&app.accounts, path.service())?;
        Ok(app.store.handle(&service.name).upload())
    };
    let limits = &app.settings.limits;
    let read = fields::read(&mut fields, body, boundary, limits, trace, gate).await;
    trace.operator = fields.operator();
    let stored = match read {
        Ok(()) => store(head, fields, checked, &mut context).await,
        Err(refusal) => Err(refusal),
    };
    match (stored, context) {
        (Ok(stored), _) => Ok(accepted(app, stored)),
        (Err(refusal), Some(context)) => Ok(context.refuse(refusal, trace)),
        (Err(refusal), None) => Err(refusal),
    }
}

/// Checks what was received, processes it, stores it and submits its tasks.
async fn store(
    head: Head<'_>,
    mut fields: Fields,
    checked: Option<Checked>,
    context: &mut Option<Context>,
) -> Result<Stored, Refusal> {
    let checked = match checked {
        Some(checked) => checked,
        None => check(head, &fields, context)?,
    };
    let policy = &checked.policy;
    if let Some(context) = context {
        context.has_file = fields.file.is_some();
    }
    let came_first = fields.file_came_first;
    let file = checks::file_of(fields.file.take(), came_first, policy)?;
    let file_name = file.name.clone();
    // The MD5 is that of the file as it was uploaded.
    let (processed, file_md5) = process(head.app, &checked, file).await?;
    let path = save_key::expand(
        &policy.text("save-key").unwrap_or_default(),
        save_key::Context {
            received: head.app.clock.now(),
            file_name: &file_name,
            file_md5,
        },
    );
    if let Some(context) = context {
        context.url.clone_from(&path);
    }
    let file = (processed.body, processed.facts, processed.content_type);
    let info = keep(head.app, policy, checked.meta, file, &path).await?;
    let service = checked.service.name.as_str();
    let operator = checked.operator;
    Ok(Stored {
        info,
        told: processed.answers,
        context: context.clone().unwrap_or_default(),
        task_ids: submit(head.app, policy, service, &path, operator.as_ref())?,
        notify_url: policy.filled("notify-url"),
        operator,
    })
}

/// Checks a file by the policy, decodes, transcodes and changes it as that says. Also returns the MD5 of
/// the file as it was uploaded.
async fn process(
    app: &App,
    checked: &Checked,
    file: FormFile,
) -> Result<(Processed, Md5Digest), Refusal> {
    let policy = &checked.policy;
    let service = app.store.handle(&checked.service.name);
    checks::check_type(policy, &file.name)?;
    let sent_md5 = file.body.md5();
    let body = match policy.filled("b64encoded").as_deref() {
        Some("on") => base64_body::decode(file.body, service.upload()).await?,
        _ => file.body,
    };
    check_file(policy, &body, sent_md5)?;
    accept_image(policy, &body).await?;
    let file_md5 = body.md5();
    let body = match policy.filled("x-audio-avopts") {
        Some(avopts) => transcoded(app, &service, body, &avopts).await?,
        None => body,
    };
    let requested = requested(policy)?;
    let processed = picture::process(app, &checked.service, &service, body, &requested).await?;
    Ok((processed, file_md5))
}

/// Transcodes sound before it is stored.
async fn transcoded(
    app: &App,
    service: &Service,
    body: Body,
    avopts: &str,
) -> Result<Body, Refusal> {
    let job = app.tasks.job("naga", service.name(), None, Map::new());
    let made = match job {
        Ok(job) => transcode(&job, &body, avopts).await,
        Err(failure) => Err(failure),
    };
    made.map_err(|failure| {
        if let Some(feature) = failure.missing_feature() {
            return Refusal::without_feature(feature);
        }
        let code = match failure.status() {
            400 => ErrorCode::FFMPEG_ARGS_ERROR,
            _ => ErrorCode::FFMPEG_ERROR,
        };
        Refusal::new(code).because(format!("{}.", failure.why()))
    })
}

/// Checks a file by its policy; tells what picture it is.
pub(super) async fn accept(policy: &Policy, body: &Body) -> Result<Option<ImageFacts>, Refusal> {
    check_file(policy, body, body.md5())?;
    accept_image(policy, body).await
}

/// Checks an image by its policy; returns what image it is.
async fn accept_image(policy: &Policy, body: &Body) -> Result<Option<ImageFacts>, Refusal> {
    let facts = image::facts(body).await;
    checks::check_image(policy, facts.as_ref())?;
    Ok(facts)
}

/// What the members `x-gmkerl-*` say; texts and numbers only.
fn requested(policy: &Policy) -> Result<Requested, Refusal> {
    let mut requested = Requested::default();
    for name in policy.names() {
        let Some(parameter) = name.strip_prefix(names::X_GMKERL_PREFIX) else {
            continue;
        };
        match policy.text(name) {
            Some(text) if text.is_empty() => {}
            Some(text) => drop(requested.parameters.insert(parameter.to_owned(), text)),
            None if !policy.has(name) => {}
            None => {
                if let Some(refusal) = picture::not_a_text(parameter, name) {
                    return Err(refusal);
                }
            }
        }
    }
    Ok(requested)
}

/// Gives a file its place.
pub(super) async fn keep(
    app: &App,
    policy: &Policy,
    meta: Vec<(String, Vec<u8>)>,
    (body, facts, new_type): (Body, Option<ImageFacts>, Option<&str>),
    path: &str,
) -> Result<ObjectInfo, Refusal> {
    let key = checks::key(path)?;
    let metadata = Metadata(meta);
    let attributes = Attributes {
        content_type: new_type
            .map(str::to_owned)
            .or_else(|| policy.filled("content-type")),
        expires_at: metadata.expires_at(app.clock.unix()),
        meta: metadata.0,
        image: facts,
        origin: Origin::Plain,
    };
    let overwrite = Overwrite::ButResumable;
    Ok(body.commit(&key, attributes, overwrite).await?)
}

/// An upload that is stored but not answered.
struct Stored {
    info: ObjectInfo,
    /// What was asked about a picture; in the answer, but not in what is notified.
    told: Map<String, Value>,
    context: Context,
    /// None if the policy has no `apps`.
    task_ids: Vec<String>,
    notify_url: Option<String>,
    operator: Option<Arc<Operator>>,
}

/// Answers an upload, and notifies whoever is to be notified.
fn accepted(app: &App, stored: Stored) -> Response {
    let Stored { info, context, .. } = stored;
    let (code, message) = (200, "ok");
    let mut members = context.members(code, message);
    if let Some(image) = info.image {
        members.insert("image-width".into(), image.width.into());
        members.insert("image-height".into(), image.height.into());
        members.insert("image-frames".into(), image.frames.into());
        members.insert("image-type".into(), image.file_type.into());
    }
    // Not under the legacy signature (`[choice F-26]`).
    if matches!(context.signature, ResultSignature::None) {
        members.insert("mimetype".into(), Value::from(&*info.content_type));
        members.insert("file_size".into(), info.size.into());
    }
    if !stored.task_ids.is_empty() {
        members.insert("task_ids".into(), stored.task_ids.into());
    }
    context.close(code, message, &mut members);
    let answer = context.respond(StatusCode::OK, &members, stored.told);
    if let Some(url) = stored.notify_url {
        app.callbacks.submit(Callback {
            url,
            content_type: "application/x-www-form-urlencoded;charset=utf-8",
            body: answer::encode(&members),
            operator: stored.operator,
        });
    }
    answer
}

/// Hands a stored file to the policy's `apps`; gives the ids of their tasks.
pub(super) fn submit(
    app: &App,
    policy: &Policy,
    service: &str,
    path: &str,
    operator: Option<&Arc<Operator>>,
) -> Result<Vec<String>, Refusal> {
    let source = format!("/{}", path.trim_start_matches('/'));
    let tasks = apps::of(policy)?.into_iter().map(|it| {
        let task = it.into_task(service, &source, policy, operator.cloned());
        app.tasks.submit(task).to_string()
    });
    Ok(tasks.collect())
}

/// The key that a save-key leads to: a missing first slash is added, and nothing is decoded
/// (`[choice F-24]`).
fn key_of(path: &str) -> Result<Key, upyun_client::protocol::KeyError> {
    Key::parse(&format!("/{}", path.trim_start_matches('/')))
}
