//! The routes of the control plane, on a page.

use axum::{
    Router,
    middleware::from_fn_with_state,
    routing::{any, get, post},
};

use super::guard::guard;
use crate::api::App;

/// Everything under `/_mock/`, behind the guard.
pub(in crate::api) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/_mock/health", get(super::health))
        .route(
            "/_mock/requests",
            get(super::requests).delete(super::forget_requests),
        )
        .route(
            "/_mock/callbacks",
            get(super::callbacks).delete(super::forget_callbacks),
        )
        .route("/_mock/callbacks/{id}/redeliver", post(super::redeliver))
        .route("/_mock/tasks", get(super::tasks))
        .route("/_mock/purges", get(super::purges))
        .route("/_mock/", any(super::nothing_here))
        .route("/_mock/{*rest}", any(super::nothing_here))
        .layer(from_fn_with_state(app.clone(), guard))
}
