//! The control plane under `/_mock/`.

mod guard;
mod router;

pub(super) use router::router;

use axum::{
    Json,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, Uri};
use serde_json::json;

use super::App;
use crate::observe::JournalFilter;

/// `GET /_mock/health`.
async fn health(State(app): State<App>) -> Response {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": app.settings.started.elapsed().as_secs(),
    }))
    .into_response()
}

/// `GET /_mock/requests`: the journal, oldest first.
async fn requests(
    State(app): State<App>,
    filter: Result<Query<JournalFilter>, axum::extract::rejection::QueryRejection>,
) -> Response {
    match filter {
        Ok(Query(filter)) => {
            Json(json!({ "requests": app.journal.select(&filter) })).into_response()
        }
        Err(rejection) => problem(StatusCode::BAD_REQUEST, &rejection.body_text()),
    }
}

/// `DELETE /_mock/requests`: forgets the journal.
async fn forget_requests(State(app): State<App>) -> StatusCode {
    app.journal.clear();
    StatusCode::NO_CONTENT
}

/// `GET /_mock/callbacks`: the inbox, oldest first, with every attempt.
async fn callbacks(State(app): State<App>) -> Response {
    Json(json!({ "callbacks": app.callbacks.entries() })).into_response()
}

/// `GET /_mock/tasks`: the asynchronous tasks, oldest first.
async fn tasks(State(app): State<App>) -> Response {
    Json(json!({ "tasks": app.tasks.entries() })).into_response()
}

/// `GET /_mock/purges`: the URLs that were purged, oldest first.
async fn purges(State(app): State<App>) -> Response {
    Json(json!({ "purges": app.purges.entries() })).into_response()
}

/// `DELETE /_mock/callbacks`: forgets the inbox.
async fn forget_callbacks(State(app): State<App>) -> StatusCode {
    app.callbacks.clear();
    StatusCode::NO_CONTENT
}

/// `POST /_mock/callbacks/{id}/redeliver`: one more attempt, now.
async fn redeliver(State(app): State<App>, Path(id): Path<String>) -> Response {
    if app.callbacks.redeliver(&id).await {
        return StatusCode::NO_CONTENT.into_response();
    }
    problem(
        StatusCode::NOT_FOUND,
        &format!("no callback {id} is remembered"),
    )
}

/// Any other path.
async fn nothing_here(uri: Uri) -> Response {
    let message = format!(
        "the control plane has no {}; try /_mock/health, /_mock/requests, /_mock/callbacks, /_mock/tasks \
         or /_mock/purges",
        uri.path()
    );
    problem(StatusCode::NOT_FOUND, &message)
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}
