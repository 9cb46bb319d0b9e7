//! The control plane under `/_mock/`.

use axum::{
    Json,
    extract::{Path, Query, Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, Uri, header};
use serde_json::json;

use super::App;
use crate::observe::JournalFilter;

/// `GET /_mock/health`.
pub(crate) async fn health(State(app): State<App>) -> Response {
    Json(json!({
        "status": "ok",
        "version": env!("CARGO_PKG_VERSION"),
        "uptime_seconds": app.settings.started.elapsed().as_secs(),
    }))
    .into_response()
}

/// `GET /_mock/requests`: the journal, oldest first.
pub(crate) async fn requests(
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
pub(crate) async fn forget_requests(State(app): State<App>) -> StatusCode {
    app.journal.clear();
    StatusCode::NO_CONTENT
}

/// `GET /_mock/callbacks`: the inbox, oldest first, with every attempt.
pub(crate) async fn callbacks(State(app): State<App>) -> Response {
    Json(json!({ "callbacks": app.callbacks.entries() })).into_response()
}

/// `GET /_mock/tasks`: the asynchronous tasks, oldest first.
pub(crate) async fn tasks(State(app): State<App>) -> Response {
    Json(json!({ "tasks": app.tasks.entries() })).into_response()
}

/// `GET /_mock/purges`: the URLs that were purged, oldest first.
pub(crate) async fn purges(State(app): State<App>) -> Response {
    Json(json!({ "purges": app.purges.entries() })).into_response()
}

/// `DELETE /_mock/callbacks`: forgets the inbox.
pub(crate) async fn forget_callbacks(State(app): State<App>) -> StatusCode {
    app.callbacks.clear();
    StatusCode::NO_CONTENT
}

/// `POST /_mock/callbacks/{id}/redeliver`: one more attempt, now.
pub(crate) async fn redeliver(State(app): State<App>, Path(id): Path<String>) -> Response {
    if app.callbacks.redeliver(&id).await {
        return StatusCode::NO_CONTENT.into_response();
    }
    problem(
        StatusCode::NOT_FOUND,
        &format!("no callback {id} is remembered"),
    )
}

/// Any other path.
pub(crate) async fn nothing_here(uri: Uri) -> Response {
    let message = format!(
        "the control plane has no {}; try /_mock/health, /_mock/requests, /_mock/callbacks, /_mock/tasks \
         or /_mock/purges",
        uri.path()
    );
    problem(StatusCode::NOT_FOUND, &message)
}

/// Keeps web pages out: a page of another origin, and a name that was rebound to this address.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    match stranger(&app, request.headers()) {
        Some(message) => problem(StatusCode::FORBIDDEN, &message),
        None => next.run(request).await,
    }
}

/// Why a request does not come from a program of this machine.
fn stranger(app: &App, headers: &HeaderMap) -> Option<String> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = header(header::HOST).unwrap_or_default();
    if !is_own_host(app, host) {
        return Some(format!(
            "the control plane does not answer to the host {host:?}; use an address or localhost"
        ));
    }
    let origin = header(header::ORIGIN)?;
    if origin.split_once("://").map(|(_, host)| host) == Some(host) {
        return None;
    }
    Some(format!(
        "the control plane refuses requests of pages of {origin}"
    ))
}

fn is_own_host(app: &App, host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| {
            ip.is_loopback()
                || app
                    .settings
                    .addresses
                    .iter()
                    .any(|own| own.ip() == ip || own.ip().is_unspecified())
        })
}

fn problem(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "error": message }))).into_response()
}
