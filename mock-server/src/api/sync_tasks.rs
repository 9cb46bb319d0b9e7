//! Synchronous tasks on p1: the answer is the result.

mod playlist;

use axum::{body::Body, response::Response};
use http::{Method, StatusCode, request::Parts};
use serde_json::{Map, Value, json};
use upyun_client::protocol::{ErrorCode, header as names, path::RequestPath};

use super::{answer::text_answer, app::App, body::drain, trace::Trace, urlencoded};
use crate::{
    auth::{Action, Presented, authenticate, authorize, presented_text, usable_service},
    refusal::Refusal,
    tasks::{Failure, Job, avmeta, take_snapshot},
};

/// What is done here.
const OPERATIONS: [&str; 8] = [
    "m3u8er/concat",
    "m3u8er/clip",
    "m3u8er/get_meta",
    "snapshot",
    "avmeta/get_meta",
    "liveaudit/create",
    "liveaudit/cancel",
    "textaudit/detect",
];

/// Whether a request to a host that does not tell is meant for this API: JSON that is POSTed to one
/// of its paths. By itself that could be an upload too, but of a rare kind.
pub(super) fn is_meant(parts: &Parts) -> bool {
    let path = parts.uri.path().trim_start_matches('/');
    let operation = path.split_once('/').map(|(_, operation)| operation);
    parts.method == Method::POST
        && urlencoded::media_type(&parts.headers) == "application/json"
        && operation.is_some_and(|it| OPERATIONS.contains(&it.trim_end_matches('/')))
}

/// Serves a request to the host of synchronous tasks.
pub(super) async fn serve(
    app: &App,
    parts: &Parts,
    mut body: Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let answer = carry_out(app, parts, &mut body, trace).await;
    tokio::spawn(drain(body));
    answer
}

async fn carry_out(
    app: &App,
    parts: &Parts,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let path = RequestPath::parse(parts.uri.path().as_bytes())?;
    let key = path.key()?;
    let operation = key.as_str().trim_matches('/').to_owned();
    if parts.method != Method::POST {
        return Err(Refusal::new(ErrorCode::METHOD_NOT_ALLOWED).because(format!(
            "Synchronous tasks are POSTed; there is no {}.",
            parts.method
        )));
    }
    let whole = urlencoded::read(app, body, trace).await?;
    let operator = authenticate(&app.accounts, app.signing_time(), &Presented::of(parts))?;
    let needed = match &*operation {
        "m3u8er/get_meta" | "avmeta/get_meta" | "textaudit/detect" => Action::Read,
        _ => Action::Write,
    };
    let service = usable_service(&app.accounts, path.service())?;
    authorize(&operator, &service, needed)?;
    if let Some(given) = presented_text(&parts.headers, names::CONTENT_MD5) {
        super::tasks::check_md5(given, &whole)?;
    }
    let parameters = match serde_json::from_slice::<Map<String, Value>>(&whole) {
        Ok(parameters) => parameters,
        Err(error) => {
            let why = format!("the body is no JSON object: {error}");
            return Ok(failed(&Failure::malformed(why)));
        }
    };
    let app_name = operation.split('/').next().unwrap_or_default();
    let job = app
        .tasks
        .job(app_name, &service.name, Some(operator), parameters);
    let done = match job {
        Ok(job) => operate(app, &operation, &job).await,
        Err(failure) => Err(failure),
    };
    match done {
        Ok(Some(value)) => Ok(text_answer(value.to_string(), "application/json")),
        Ok(None) => Err(Refusal::new(ErrorCode::WRONG_URI).because(format!(
            "The host of synchronous tasks has no operation {operation:?}."
        ))),
        Err(failure) => Ok(failed(&failure)),
    }
}

/// Carries out an operation; `None` if there is none of this name.
async fn operate(app: &App, operation: &str, job: &Job) -> Result<Option<Value>, Failure> {
    Ok(Some(match operation {
        "m3u8er/concat" => playlist::concat(job).await?,
        "m3u8er/clip" => playlist::clip(job).await?,
        "m3u8er/get_meta" => playlist::meta(job).await?,
        "snapshot" => {
            let snapshot = take_snapshot(job).await?;
            json!({
                "status_code": 200,
                "message": "ok",
                "content_type": snapshot.content_type,
                "content_length": snapshot.bytes,
                "save_as": snapshot.save_as,
            })
        }
        "avmeta/get_meta" => avmeta(job).await?,
        "textaudit/detect" => {
            job.needed("text")?;
            let found = app.tasks.verdict();
            json!({
                "status": 200,
                "task_id": job.id(),
                "label": found.label,
                "review": found.review,
                "spam": if found.label == 0 { 1.0 - found.rate } else { found.rate },
                "normal": if found.label == 0 { found.rate } else { 1.0 - found.rate },
            })
        }
        // No live streams here, so none is found.
        "liveaudit/create" => {
            let source = job.needed("source")?;
            job.needed("save_as")?;
            job.needed("notify_url")?;
            if !source.starts_with("rtmp://") {
                return Err(Failure::bad_parameter("source must begin with rtmp://"));
            }
            return Err(Failure::not_found(format!(
                "the stream {source} cannot be found: upyun-mock has no live streams"
            )));
        }
        "liveaudit/cancel" => {
            let id = job.needed("task_id")?;
            return Err(Failure::not_found(format!("no audit {id} is under way")));
        }
        _ => return Ok(None),
    }))
}

fn failed(failure: &Failure) -> Response {
    let status = failure.status();
    let body = json!({ "status_code": status, "message": failure.why() });
    let mut answer = text_answer(body.to_string(), "application/json");
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    let why = crate::refusal::Explanation::new(format!("{}.", failure.why()));
    answer.extensions_mut().insert(std::sync::Arc::new(why));
    answer
}
