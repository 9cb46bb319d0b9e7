//! The whole route table, on a page.

use std::time::Instant;

use axum::{
    Router,
    body::Body,
    extract::State,
    response::Response,
    routing::{any, get, post},
};
use http::{Request, header};
use upyun_client::protocol::{
    ErrorCode,
    host::{self, Api},
};

use super::{App, Trace, block, cdn, control, cors, purge, rest, sync_tasks, tasks};
use crate::{
    auth::{Explanation, Presented},
    front::TwoLengths,
    observe::RequestId,
    refusal::Refusal,
};

/// Routes of the control plane, and everything else to the service's APIs.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    if app.settings.control {
        let control = Router::new()
            .route("/_mock/health", get(control::health))
            .route(
                "/_mock/requests",
                get(control::requests).delete(control::forget_requests),
            )
            .route(
                "/_mock/callbacks",
                get(control::callbacks).delete(control::forget_callbacks),
            )
            .route("/_mock/tasks", get(control::tasks))
            .route("/_mock/purges", get(control::purges))
            .route("/_mock/callbacks/{id}/redeliver", post(control::redeliver))
            .route("/_mock/", any(control::nothing_here))
            .route("/_mock/{*rest}", any(control::nothing_here))
            .layer(axum::middleware::from_fn_with_state(
                app.clone(),
                control::guard,
            ));
        router = router.merge(control);
    }
    router.fallback(serve).with_state(app)
}

/// Answers a request of the service's APIs and journals it.
async fn serve(State(app): State<App>, request: Request<Body>) -> Response {
    let (mut parts, body) = request.into_parts();
    // A proxy's absolute form and the origin form mean the same.
    let host = host_of(&parts).to_owned();
    let mut trace = Trace::start();
    let asked_by_page = parts.headers.contains_key(header::ORIGIN);
    let is_head = parts.method == http::Method::HEAD;
    if let Some(why) = ambiguity(&parts) {
        let refusal = Refusal::new(ErrorCode::CLIENT_ERROR)
            .because(why)
            .header(header::CONNECTION, http::HeaderValue::from_static("close"));
        let mut answer = refusal.into_answer(&trace.id, is_head);
        trace.finish_headers(&app, asked_by_page, answer.headers_mut());
        return crate::observe::record(&app, &parts, host, trace, answer);
    }
    let answered = match cors::preflight(&parts.method, &parts.headers) {
        Some(answer) => Ok(answer),
        None => dispatch(&app, &host, &mut parts, body, &mut trace).await,
    };
    let mut answer = answered.unwrap_or_else(|refusal| refusal.into_answer(&trace.id, is_head));
    trace.finish_headers(&app, asked_by_page, answer.headers_mut());
    crate::observe::record(&app, &parts, host, trace, answer)
}

/// Why two programs could understand a request differently: the way to smuggle one past a proxy.
fn ambiguity(parts: &http::request::Parts) -> Option<&'static str> {
    if parts.extensions.get::<TwoLengths>().is_some() {
        return Some("The request has both Content-Length and Transfer-Encoding.");
    }
    let hosts = parts.headers.get_all(header::HOST).iter().count();
    (hosts > 1).then_some("The request has two Host headers.")
}

async fn dispatch(
    app: &App,
    host: &str,
    parts: &mut http::request::Parts,
    body: Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    trace.operator = Presented::of(parts).named_operator();
    if let Some(service) = app.accounts.service_at(host) {
        return Ok(cdn::serve(app, parts, &service, trace).await);
    }
    match Api::of(host, parts.uri.path()) {
        Api::Storage if !host::is_upyun(host) && sync_tasks::is_meant(parts) => {
            sync_tasks::serve(app, parts, body, trace).await
        }
        Api::Storage => rest::serve(app, parts, body, trace).await,
        Api::Block => block::serve(app, parts, body, trace).await,
        Api::Access => Ok(cdn::nobody(parts, host, trace)),
        Api::Purge => purge::serve(app, parts, body, trace).await,
        Api::SyncTasks => sync_tasks::serve(app, parts, body, trace).await,
        Api::Tasks => tasks::serve(app, parts, body, trace).await,
        other => Err(not_emulated(&format!("the API {other:?}"))),
    }
}

/// Honest about what is missing: a code that no client takes for success or for its own mistake.
pub(crate) fn not_emulated(what: &str) -> Refusal {
    Refusal::new(ErrorCode::UNKNOWN_ERROR).because(Explanation::new(format!(
        "upyun-mock does not emulate {what} yet."
    )))
}

fn host_of(parts: &http::request::Parts) -> &str {
    parts
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| parts.headers.get(header::HOST)?.to_str().ok())
        .unwrap_or_default()
}

impl Trace {
    pub(super) fn start() -> Self {
        Self {
            id: RequestId::random(),
            started: Instant::now(),
            operator: None,
            bytes_in: 0,
        }
    }

    /// What every answer carries.
    fn finish_headers(&self, app: &App, asked_by_page: bool, headers: &mut http::HeaderMap) {
        use http::{HeaderName, HeaderValue};
        use upyun_client::protocol::{date, header as names};
        if let Ok(id) = HeaderValue::from_str(self.id.as_str()) {
            headers.insert(HeaderName::from_static(names::X_REQUEST_ID), id);
        }
        // The HTTP library adds the system's date; a clock that a test moved has another.
        if app.clock.is_moved()
            && let Ok(date) = HeaderValue::from_str(&date::format(app.clock.now()))
        {
            headers.insert(header::DATE, date);
        }
        cors::allow(asked_by_page, headers);
    }
}
