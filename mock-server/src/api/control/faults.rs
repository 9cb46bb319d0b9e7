//! Faults: set, look at, take away.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::json;

use super::answer::{Body, Problem};
use crate::{
    api::app::App,
    faults::{Fault, FaultError},
};

impl From<FaultError> for Problem {
    fn from(error: FaultError) -> Self {
        Self::bad(error.to_string())
    }
}

/// The faults that are set, with how often each was asked about and acted, the oldest first.
#[utoipa::path(get, path = "/_mock/faults", tag = "faults", operation_id = "list_faults",
    responses((status = 200, description = "faults: id, match, action, times, for_seconds, label, seen, applied, over and seed of each")))]
pub(super) async fn list(State(app): State<App>) -> Response {
    Json(json!({ "faults": app.faults.all() })).into_response()
}

/// Sets a fault. It acts from the next request on.
#[utoipa::path(post, path = "/_mock/faults", tag = "faults", operation_id = "add_fault", request_body = Fault,
    responses((status = 201, description = "id"), (status = 400, description = "it means nothing")))]
pub(super) async fn add(
    State(app): State<App>,
    Body(fault): Body<Fault>,
) -> Result<Response, Problem> {
    let id = app.faults.add(fault)?;
    Ok((StatusCode::CREATED, Json(json!({ "id": id }))).into_response())
}

/// One fault.
#[utoipa::path(get, path = "/_mock/faults/{id}", tag = "faults", operation_id = "get_fault",
    params(("id" = String, Path, description = "of the fault")),
    responses((status = 200, description = "as in the list"), (status = 404, description = "there is none")))]
pub(super) async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let all = app.faults.all();
    let found = all.into_iter().find(|entry| entry.id == id);
    Ok(Json(found.ok_or_else(|| unknown(&id))?).into_response())
}

/// Takes a fault away.
#[utoipa::path(delete, path = "/_mock/faults/{id}", tag = "faults", operation_id = "remove_fault",
    params(("id" = String, Path, description = "of the fault")),
    responses((status = 204, description = "done"), (status = 404, description = "there is none")))]
pub(super) async fn remove(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<StatusCode, Problem> {
    match app.faults.remove(&id) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown(&id)),
    }
}

/// Takes all faults away.
#[utoipa::path(delete, path = "/_mock/faults", tag = "faults", operation_id = "remove_all_faults", responses((status = 204, description = "done")))]
pub(super) async fn remove_all(State(app): State<App>) -> StatusCode {
    app.faults.clear();
    StatusCode::NO_CONTENT
}

fn unknown(id: &str) -> Problem {
    Problem::missing(format!(
        "no fault {id} is set; GET /_mock/faults lists those that are"
    ))
}
