//! Callbacks, tasks and purges.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::json;

use super::answer::Problem;
use crate::api::app::App;

/// The inbox of callbacks, oldest first, with every attempt.
#[utoipa::path(get, path = "/_mock/callbacks", tag = "callbacks", responses(
    (status = 200, description = "callbacks: a list of id, url, content_type, body, state and attempts")
))]
pub(super) async fn callbacks(State(app): State<App>) -> Response {
    Json(json!({ "callbacks": app.callbacks.entries() })).into_response()
}

/// Forgets the inbox; what is under way goes on.
#[utoipa::path(delete, path = "/_mock/callbacks", tag = "callbacks", responses((status = 204, description = "done")))]
pub(super) async fn forget_callbacks(State(app): State<App>) -> StatusCode {
    app.callbacks.clear();
    StatusCode::NO_CONTENT
}

/// Makes one more attempt, now.
#[utoipa::path(post, path = "/_mock/callbacks/{id}/redeliver", tag = "callbacks",
    params(("id" = String, Path, description = "of the callback")),
    responses((status = 204, description = "done"), (status = 404, description = "it is not remembered")))]
pub(super) async fn redeliver(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    match app.callbacks.redeliver(&id).await {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Problem::missing(format!(
            "no callback {id} is remembered; GET /_mock/callbacks lists those that are"
        ))),
    }
}

/// The asynchronous tasks, oldest first.
#[utoipa::path(get, path = "/_mock/tasks", tag = "tasks", responses((status = 200, description = "tasks")))]
pub(super) async fn tasks(State(app): State<App>) -> Response {
    Json(json!({ "tasks": app.tasks.entries() })).into_response()
}

/// The URLs that were purged, oldest first.
#[utoipa::path(get, path = "/_mock/purges", tag = "tasks", responses((status = 200, description = "purges")))]
pub(super) async fn purges(State(app): State<App>) -> Response {
    Json(json!({ "purges": app.purges.entries() })).into_response()
}
