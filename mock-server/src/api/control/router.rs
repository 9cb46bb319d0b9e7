//! The routes of the control plane, on a page. Each brings its description along.

use axum::{
    Json, Router,
    middleware::from_fn_with_state,
    routing::{any, get},
};
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    clock, console, events, faults, guard, inbox, not_that_way, nothing_here, objects, operators,
    report, requests, server, services, state, uploads,
};
use crate::api::app::App;

#[derive(OpenApi)]
#[openapi(
    paths(objects::get, objects::put, objects::delete),
    info(
        title = "upyun-mock control plane",
        description = "See and change what the emulator does. Errors are {\"error\": \"a sentence\"}. With \
        --control-token every request needs Authorization: Bearer TOKEN."
    )
)]
struct Description;

/// Everything under `/_mock/`, behind the guard.
pub(in crate::api) fn router(app: &App) -> Router<App> {
    let (router, description) = OpenApiRouter::with_openapi(Description::openapi())
        .routes(routes!(server::health))
        .routes(routes!(server::counts))
        .routes(routes!(server::config))
        .routes(routes!(server::ca_pem))
        .routes(routes!(guard::login))
        .routes(routes!(requests::requests, requests::forget_requests))
        .routes(routes!(requests::requests_har))
        .routes(routes!(events::events))
        .routes(routes!(requests::request))
        .routes(routes!(inbox::callbacks, inbox::forget_callbacks))
        .routes(routes!(inbox::redeliver))
        .routes(routes!(inbox::tasks))
        .routes(routes!(inbox::purges))
        .routes(routes!(uploads::uploads))
        .routes(routes!(objects::services))
        .routes(routes!(objects::root))
        .routes(routes!(services::list, services::add))
        .routes(routes!(services::change, services::remove))
        .routes(routes!(operators::list, operators::add))
        .routes(routes!(operators::change, operators::remove))
        .routes(routes!(faults::list, faults::add, faults::remove_all))
        .routes(routes!(faults::one, faults::remove))
        .routes(routes!(clock::read))
        .routes(routes!(clock::advance))
        .routes(routes!(clock::set))
        .routes(routes!(clock::freeze))
        .routes(routes!(clock::resume))
        .routes(routes!(clock::reset))
        .routes(routes!(report::report))
        .routes(routes!(state::snapshot))
        .routes(routes!(state::snapshots))
        .routes(routes!(state::forget))
        .routes(routes!(state::fork))
        .routes(routes!(state::restore))
        .routes(routes!(state::reset))
        .split_for_parts();
    router
        // A description has no name for "the rest of the path".
        .route(
            "/_mock/objects/{service}/{*key}",
            get(objects::get).put(objects::put).delete(objects::delete),
        )
        .route("/_mock/openapi.json", get(async move || Json(description)))
        .route("/_mock", get(console::to_page))
        .route("/_mock/", get(console::page))
        .route("/_mock/assets/{file}", get(console::asset))
        .method_not_allowed_fallback(not_that_way)
        .route("/_mock/{*rest}", any(nothing_here))
        .layer(from_fn_with_state(app.clone(), guard::guard))
}
