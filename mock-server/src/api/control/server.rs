//! The server itself.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde_json::json;

use super::{Health, answer::Problem};
use crate::{api::app::App, front::Tls};

/// That the server is there.
#[utoipa::path(get, path = "/_mock/health", tag = "server", responses(
    (status = 200, description = "status, version and uptime_seconds")
))]
pub(super) async fn health(State(app): State<App>) -> Response {
    Json(Health {
        status: "ok".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        uptime_seconds: app.settings.started.elapsed().as_secs(),
    })
    .into_response()
}

/// The certificate of the local CA, which clients must trust to use HTTPS.
#[utoipa::path(get, path = "/_mock/ca.pem", tag = "server", responses(
    (status = 200, description = "the certificate as PEM, without its key"),
    (status = 500, description = "the directory of the CA cannot be used"),
    (status = 503, description = "the server was built without the feature tls")
))]
pub(super) async fn ca_pem(State(app): State<App>) -> Result<Response, Problem> {
    Tls::check_support()?;
    let ca = app.settings.tls.ca();
    let ca = ca.map_err(|why| Problem(StatusCode::INTERNAL_SERVER_ERROR, why))?;
    let kind = [(header::CONTENT_TYPE, "application/x-pem-file")];
    Ok((kind, ca.pem().to_owned()).into_response())
}

/// How many tasks, callbacks, unfinished uploads and faults there are.
#[utoipa::path(get, path = "/_mock/counts", tag = "server", responses(
    (status = 200, description = "uploads, tasks, callbacks and faults, each a number")
))]
pub(super) async fn counts(State(app): State<App>) -> Result<Response, Problem> {
    app.store.catch_up().await;
    let mut uploads = 0;
    for service in app.accounts.services() {
        uploads += app.store.handle(&service.name).unfinished().len();
    }
    Ok(Json(json!({
        "uploads": uploads,
        "tasks": app.tasks.entries().len(),
        "callbacks": app.callbacks.entries().len(),
        "faults": app.faults.all().len(),
    }))
    .into_response())
}

/// How the server was started, without secrets.
#[utoipa::path(get, path = "/_mock/config", tag = "server", responses(
    (status = 200, description = "addresses, directory, fidelity, limits, names of services and operators")
))]
pub(super) async fn config(State(app): State<App>) -> Response {
    let settings = &app.settings;
    let limits = &settings.limits;
    let services = app.accounts.services();
    let operators = app.accounts.operators();
    Json(json!({
        "version": env!("CARGO_PKG_VERSION"),
        "listen": settings.addresses,
        "data": app.store.root(),
        "control_token": settings.control_token.is_some(),
        "fidelity": settings.fidelity,
        "limits": {
            "max_object_bytes": limits.max_object_bytes,
            "body_timeout_seconds": limits.body_timeout.as_secs_f64(),
            "journal_entries": limits.journal_entries,
            "journal_bytes": limits.journal_bytes,
            "tasks_bytes": limits.tasks_bytes,
            "callbacks_bytes": limits.callbacks_bytes,
            "tasks_at_once": limits.tasks_at_once,
            "task_timeout_seconds": limits.task_timeout.as_secs_f64(),
            "task_output_bytes": limits.task_output_bytes,
            "picture_timeout_seconds": limits.picture_timeout.as_secs_f64(),
            "picture_cache_bytes": limits.picture_cache_bytes,
            "picture_memory_bytes": limits.picture_memory_bytes,
        },
        "services": services.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(),
        "operators": operators.iter().map(|it| &*it.name).collect::<Vec<_>>(),
    }))
    .into_response()
}
