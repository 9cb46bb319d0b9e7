//! What the program under test did and never did.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse as _, Response},
};

use crate::{api::app::App, report::Report};

/// Operations, error codes and optional features with how often each was met, what never was, and
/// what is legal but fragile; over what the journal keeps.
#[utoipa::path(get, path = "/_mock/report", tag = "report", responses(
    (status = 200, description = "requests, forgotten, operations, codes, features, never and fragile")
))]
pub(super) async fn report(State(app): State<App>) -> Response {
    Json(Report::of(&app.journal, &app.callbacks.entries())).into_response()
}
