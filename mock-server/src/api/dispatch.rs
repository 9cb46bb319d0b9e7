//! From the target of a request to the API that answers it.

use axum::{body::Body, response::Response};
use upyun_client::protocol::ErrorCode;

use super::{app::App, block, cdn, purge, rest, sync_tasks, target::Target, tasks, trace::Trace};
use crate::refusal::{Explanation, Refusal};

/// Answers a request by the API that it is for.
pub(super) async fn dispatch(
    app: &App,
    target: Target,
    host: &str,
    parts: &http::request::Parts,
    body: Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    match target {
        Target::Domain(service) => Ok(cdn::serve(app, parts, &service, trace).await),
        Target::Unbound => Ok(cdn::unbound(parts, host, trace)),
        Target::Storage => rest::serve(app, parts, body, trace).await,
        Target::Block => block::serve(app, parts, body, trace).await,
        Target::Purge => purge::serve(app, parts, body, trace).await,
        Target::SyncTasks => sync_tasks::serve(app, parts, body, trace).await,
        Target::Tasks => tasks::serve(app, parts, body, trace).await,
        Target::Missing(other) => Err(not_emulated(&format!("the API {other:?}"))),
    }
}

/// Honest about what is missing: a code that no client takes for success or for its own mistake.
fn not_emulated(what: &str) -> Refusal {
    Refusal::new(ErrorCode::UNKNOWN_ERROR).because(Explanation::new(format!(
        "upyun-mock does not emulate {what} yet."
    )))
}
