//! The clock.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    ClockState,
    answer::{Body, Problem},
};
use crate::{
    api::app::App,
    clock::{Clock, CompletedJob, unix_milliseconds},
};

/// By how much the clock is advanced.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Advance {
    /// Fractions are welcome.
    seconds: f64,
}

/// What the clock is set to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Set {
    /// Seconds since 1970; fractions are welcome.
    unix: f64,
}

/// What the clock shows.
#[utoipa::path(get, path = "/_mock/clock", tag = "clock", operation_id = "read_clock", responses(
    (status = 200, description = "unix_ms, offset_ms from the system's clock, and whether it is frozen")
))]
pub(super) async fn read(State(app): State<App>) -> Response {
    Json(shown(&app.clock)).into_response()
}

/// Moves the clock forward. All that falls due on the way (deletions, ends of lives and uploads,
/// callbacks that are tried again) is done in order, each at its time, before this is answered.
#[utoipa::path(post, path = "/_mock/clock/advance", tag = "clock", operation_id = "advance_clock", request_body = Advance, responses(
    (status = 200, description = "the clock, and which jobs were run"),
    (status = 400, description = "the body is malformed")
))]
pub(super) async fn advance(
    State(app): State<App>,
    Body(body): Body<Advance>,
) -> Result<Response, Problem> {
    let by = Duration::try_from_secs_f64(body.seconds).map_err(|_| {
        Problem::bad(format!(
            "the clock cannot be advanced by {} s; POST /_mock/clock/set puts it back",
            body.seconds
        ))
    })?;
    let to = app.clock.now().checked_add(by);
    moved(&app, to, body.seconds).await
}

/// Sets the clock. Moved forward, it runs the jobs that fall due, as by `advance`.
#[utoipa::path(post, path = "/_mock/clock/set", tag = "clock", operation_id = "set_clock", request_body = Set, responses(
    (status = 200, description = "the clock, and which jobs were run"),
    (status = 400, description = "the body is malformed")
))]
pub(super) async fn set(
    State(app): State<App>,
    Body(body): Body<Set>,
) -> Result<Response, Problem> {
    let since = Duration::try_from_secs_f64(body.unix).ok();
    let to = since.and_then(|since| UNIX_EPOCH.checked_add(since));
    moved(&app, to, body.unix).await
}

/// Stops time; it can still be set and advanced.
#[utoipa::path(post, path = "/_mock/clock/freeze", tag = "clock", operation_id = "freeze_clock", responses((status = 200, description = "the clock")))]
pub(super) async fn freeze(State(app): State<App>) -> Response {
    app.clock.freeze();
    Json(shown(&app.clock)).into_response()
}

/// Lets time run on from what the clock shows.
#[utoipa::path(post, path = "/_mock/clock/resume", tag = "clock", operation_id = "resume_clock", responses((status = 200, description = "the clock")))]
pub(super) async fn resume(State(app): State<App>) -> Response {
    app.clock.resume();
    Json(shown(&app.clock)).into_response()
}

/// Brings the system's time back, and lets it run. Settles, as by `advance`, if that is later.
#[utoipa::path(post, path = "/_mock/clock/reset", tag = "clock", operation_id = "reset_clock", responses(
    (status = 200, description = "the clock, and which jobs were run")
))]
pub(super) async fn reset(State(app): State<App>) -> Response {
    let completed = app.reset_clock().await;
    Json(shown_after(&app.clock, completed)).into_response()
}

/// The year 9999 has the last date that HTTP can write.
const LAST: Duration = Duration::from_secs(253_402_300_799);

async fn moved(app: &App, to: Option<SystemTime>, given: f64) -> Result<Response, Problem> {
    let to = to.filter(|to| *to <= UNIX_EPOCH + LAST);
    let to = to.ok_or_else(|| Problem::bad(format!("{given} s lead out of the years to 9999")))?;
    let completed = app.store.run_jobs_until(to).await;
    Ok(Json(shown_after(&app.clock, completed)).into_response())
}

fn shown(clock: &Clock) -> ClockState {
    shown_after(clock, Vec::new())
}

/// The clock, after these jobs were run.
fn shown_after(clock: &Clock, settled: Vec<CompletedJob>) -> ClockState {
    let now = clock.now();
    let offset = match now.duration_since(SystemTime::now()) {
        Ok(ahead) => i64::try_from(ahead.as_millis()).unwrap_or(i64::MAX),
        Err(behind) => -i64::try_from(behind.duration().as_millis()).unwrap_or(i64::MAX),
    };
    ClockState {
        unix_ms: unix_milliseconds(now),
        offset_ms: offset,
        frozen: clock.is_frozen(),
        settled,
    }
}
