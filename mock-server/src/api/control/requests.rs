//! The journal: the list, one request whole.

use axum::{
    Json,
    extract::{Path, Query, State, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http::StatusCode;
use serde_json::{Value, json};

use super::answer::Problem;
use crate::{
    api::app::App,
    journal::{JournalFilter, har},
};

/// The newest requests that fit, oldest first.
#[utoipa::path(get, path = "/_mock/requests", tag = "requests", params(JournalFilter), responses(
    (status = 200, description = "requests, and how many were forgotten for newer ones"),
    (status = 400, description = "a parameter is malformed")
))]
pub(super) async fn requests(
    State(app): State<App>,
    filter: Result<Query<JournalFilter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter?;
    let requests = app.journal.select(&filter);
    let forgotten = app.journal.forgotten();
    Ok(Json(json!({ "requests": requests, "forgotten": forgotten })).into_response())
}

/// The same as an HTTP archive (HAR 1.2), for developer tools and proxies.
#[utoipa::path(get, path = "/_mock/requests.har", tag = "requests", params(JournalFilter), responses(
    (status = 200, description = "an HTTP archive; bodies up to their first 4 KiB"),
    (status = 400, description = "a parameter is malformed")
))]
pub(super) async fn requests_har(
    State(app): State<App>,
    filter: Result<Query<JournalFilter>, QueryRejection>,
) -> Result<Response, Problem> {
    let Query(filter) = filter?;
    Ok(Json(har::archive(&app.journal.select(&filter))).into_response())
}

/// One request with both heads and the beginnings of both bodies. A password is masked.
#[utoipa::path(get, path = "/_mock/requests/{number}", tag = "requests",
    params(("number" = u64, Path, description = "as in the list")),
    responses((status = 200, description = "the request"), (status = 404, description = "it is not kept")))]
pub(super) async fn request(
    State(app): State<App>,
    Path(number): Path<String>,
) -> Result<Response, Problem> {
    let entry = number.parse().ok().and_then(|it| app.journal.entry(it));
    let entry = entry.ok_or_else(|| {
        Problem::missing(format!(
            "no request {number} is kept; GET /_mock/requests lists those that are"
        ))
    })?;
    let mut whole = serde_json::to_value(&*entry)
        .map_err(|error| Problem(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))?;
    let (sent, answered) = (entry.request_headers(), entry.response_headers());
    if let Some(members) = whole.as_object_mut() {
        let body = body(&sent, entry.request_body(), entry.bytes_in);
        members.insert("request_body".to_owned(), body);
        let body = self::body(&answered, entry.response_body(), entry.bytes_out);
        members.insert("response_body".to_owned(), body);
        members.insert("request_headers".to_owned(), json!(sent));
        members.insert("response_headers".to_owned(), json!(answered));
    }
    Ok(Json(whole).into_response())
}

/// Forgets the journal. Numbers go on.
#[utoipa::path(delete, path = "/_mock/requests", tag = "requests", responses((status = 204, description = "done")))]
pub(super) async fn forget_requests(State(app): State<App>) -> StatusCode {
    app.journal.clear();
    StatusCode::NO_CONTENT
}

fn body(headers: &[(String, String)], preview: &[u8], bytes: u64) -> Value {
    let kind = headers.iter().find(|(name, _)| name == "content-type");
    json!({
        "bytes": bytes,
        "content_type": kind.map(|(_, value)| value),
        "preview_base64": BASE64_STANDARD.encode(preview),
        "truncated": (preview.len() as u64) < bytes,
    })
}
