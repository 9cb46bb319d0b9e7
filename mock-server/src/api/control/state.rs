//! Snapshots of all objects, and back.

use std::collections::BTreeSet;

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::answer::{Body, Problem};
use crate::api::{
    app::{App, ResetPart},
    fork::ForkError,
};

/// Which snapshot.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Restore {
    id: String,
}

/// What to copy, and the name of the copy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Fork {
    service: String,
    #[serde(rename = "as")]
    to: String,
}

/// What to reset.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Reset {
    /// Only the objects of this service; everything if it is left out.
    service: Option<String>,
    /// What stays as it is.
    #[serde(default)]
    #[schema(value_type = Vec<String>, example = json!(["clock"]))]
    keep: BTreeSet<ResetPart>,
}

/// Remembers all objects as they are.
#[utoipa::path(post, path = "/_mock/snapshot", tag = "state", operation_id = "take_snapshot", responses((status = 201, description = "id and time_ms")))]
pub(super) async fn snapshot(State(app): State<App>) -> Result<Response, Problem> {
    let store = app.store.clone();
    let snapshot = blocking(move || store.snapshot()).await??;
    let (id, time_ms) = app.snapshots.keep(snapshot, app.clock.now());
    let answer = json!({ "id": id, "time_ms": time_ms });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// The snapshots, oldest first.
#[utoipa::path(get, path = "/_mock/snapshots", tag = "state", operation_id = "list_snapshots", responses((status = 200, description = "snapshots")))]
pub(super) async fn snapshots(State(app): State<App>) -> Response {
    Json(json!({ "snapshots": app.snapshots.all() })).into_response()
}

/// Forgets a snapshot and frees what only it held.
#[utoipa::path(delete, path = "/_mock/snapshots/{id}", tag = "state", operation_id = "forget_snapshot",
    params(("id" = String, Path, description = "of the snapshot")),
    responses((status = 204, description = "done"), (status = 404, description = "there is none")))]
pub(super) async fn forget(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    match app.snapshots.forget(&id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown(&id)),
    }
}

/// Copies a service, with settings and objects, to another name, from where on each goes its own way.
#[utoipa::path(post, path = "/_mock/fork", tag = "state", operation_id = "fork", request_body = Fork, responses(
    (status = 201, description = "the service"), (status = 400, description = "that is no name"),
    (status = 404, description = "there is no such service"), (status = 409, description = "there is one of this name")))]
pub(super) async fn fork(
    State(app): State<App>,
    Body(body): Body<Fork>,
) -> Result<Response, Problem> {
    let fork = move || app.fork(&body.service, &body.to);
    let name = blocking(fork).await?.map_err(|error| match error {
        ForkError::Unknown(_) => Problem::missing(error.to_string()),
        ForkError::Name(..) => Problem::bad(error.to_string()),
        ForkError::Taken(_) => Problem::conflict(error.to_string()),
        ForkError::Store(error) => error.into(),
    })?;
    Ok((StatusCode::CREATED, Json(json!({ "name": name.as_str() }))).into_response())
}

/// Makes all objects what they were. Unfinished uploads are cancelled.
#[utoipa::path(post, path = "/_mock/restore", tag = "state", operation_id = "restore", request_body = Restore,
    responses((status = 204, description = "done"), (status = 404, description = "there is none")))]
pub(super) async fn restore(
    State(app): State<App>,
    Body(body): Body<Restore>,
) -> Result<StatusCode, Problem> {
    let snapshot = app.snapshots.get(&body.id);
    let snapshot = snapshot.ok_or_else(|| unknown(&body.id))?;
    blocking(move || app.store.restore(&snapshot)).await??;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes all objects, and forgets requests, callbacks, tasks and purges. Faults become those of the
/// start, and the clock shows the system's time again. What `keep` names stays: any of objects,
/// requests, callbacks, tasks, purges, faults and clock. Services and operators always stay.
#[utoipa::path(post, path = "/_mock/reset", tag = "state", operation_id = "reset", request_body = Reset,
    responses((status = 204, description = "done"), (status = 400, description = "the body is malformed"),
    (status = 404, description = "there is no such service")))]
pub(super) async fn reset(
    State(app): State<App>,
    Body(body): Body<Reset>,
) -> Result<StatusCode, Problem> {
    match body.service {
        None => {
            let (state, keep) = (app.clone(), body.keep.clone());
            blocking(move || state.reset_state(&keep)).await??;
            if !body.keep.contains(&ResetPart::Clock) {
                app.reset_clock().await;
            }
        }
        Some(_) if !body.keep.is_empty() => {
            return Err(Problem::bad(
                "give service or keep: a reset of one service removes its objects only".to_owned(),
            ));
        }
        Some(name) => {
            let service = super::accounts::service(&app, &name)?;
            blocking(move || app.store.empty(&service.name)).await??;
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Does work on files of all objects, which must not hold up the requests of other clients.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| {
        let message = format!("internal error: {error}");
        Problem(StatusCode::INTERNAL_SERVER_ERROR, message)
    })
}

fn unknown(id: &str) -> Problem {
    Problem::missing(format!(
        "no snapshot {id} is kept; GET /_mock/snapshots lists those that are"
    ))
}
