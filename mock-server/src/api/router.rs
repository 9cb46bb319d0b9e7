//! The whole route table, on a page.

use std::time::Instant;

use axum::{
    Router,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{Request, header};
use upyun_client::protocol::ErrorCode;

use super::{
    App, Trace, block, cdn, control, cors, faulty::Trouble, purge, record::record, rest,
    sync_tasks, target::Target, tasks,
};
use crate::{
    auth::Presented,
    front::TwoLengths,
    journal::PREVIEW_BYTES,
    refusal::{Explanation, Refusal},
    request_id::RequestId,
};

/// Routes of the control plane, and everything else to the service's APIs.
pub(crate) fn router(app: App) -> Router {
    let mut router = Router::new();
    if app.settings.control {
        router = router.merge(control::router(&app));
    }
    router.fallback(serve).with_state(app)
}

/// Whether a browser opened the server's own address, to see what is there.
fn wants_console(app: &App, parts: &http::request::Parts) -> bool {
    let accepted = parts.headers.get(header::ACCEPT);
    let accepted = accepted.and_then(|value| value.to_str().ok());
    app.settings.control
        && parts.method == http::Method::GET
        && parts.uri.path() == "/"
        && parts.uri.query().is_none()
        && accepted.is_some_and(|kinds| kinds.contains("text/html"))
        && !parts.headers.contains_key(header::AUTHORIZATION)
        && control::is_own_host(app, host_of(parts))
}

/// Answers a request of the service's APIs and journals it.
async fn serve(State(mut app): State<App>, request: Request<Body>) -> Response {
    let (parts, body) = request.into_parts();
    if wants_console(&app, &parts) {
        return Redirect::to("/_mock/").into_response();
    }
    // A proxy's absolute form and the origin form mean the same.
    let host = host_of(&parts).to_owned();
    let mut trace = Trace::start();
    trace.is_journaled = app.journal.is_on();
    let asked_by_page = parts.headers.contains_key(header::ORIGIN);
    let is_head = parts.method == http::Method::HEAD;
    if let Some(why) = ambiguity(&parts) {
        let refusal = Refusal::new(ErrorCode::CLIENT_ERROR)
            .because(why)
            .header(header::CONNECTION, http::HeaderValue::from_static("close"));
        let mut answer = refusal.into_answer(&trace.id, is_head);
        trace.finish_headers(&app, asked_by_page, answer.headers_mut());
        return record(&app, parts, host, trace, answer);
    }
    let target = Target::of(&app, &host, &parts);
    trace.operator = Presented::of(&parts).named_operator();
    (trace.api, trace.operation) = target.named(&parts);
    trace.service = target.service(&parts);
    let service = trace.service.as_deref();
    if let Some(service) = service.and_then(|name| app.accounts.service(name)) {
        app.skew_seconds = service.clock_offset_seconds;
    }
    let answered = match cors::preflight(&parts.method, &parts.headers) {
        Some(answer) => Ok(answer),
        None => match Trouble::of(&app, &host, &parts, &mut trace) {
            None => dispatch(&app, target, &host, &parts, body, &mut trace).await,
            Some(trouble) => {
                let served = trouble.serve(&app, target, &host, &parts, body, &mut trace);
                served.await
            }
        },
    };
    let mut answer = answered.unwrap_or_else(|refusal| {
        let refusal = app.mention_moved_clock(refusal);
        refusal.into_answer(&trace.id, is_head)
    });
    trace.finish_headers(&app, asked_by_page, answer.headers_mut());
    record(&app, parts, host, trace, answer)
}

/// Why two programs could understand a request differently: the way to smuggle one past a proxy.
fn ambiguity(parts: &http::request::Parts) -> Option<&'static str> {
    if parts.extensions.get::<TwoLengths>().is_some() {
        return Some("The request has both Content-Length and Transfer-Encoding.");
    }
    if has_unknown_coding(&parts.headers) {
        return Some("The request has a Transfer-Encoding other than chunked.");
    }
    let hosts = parts.headers.get_all(header::HOST).iter().count();
    (hosts > 1).then_some("The request has two Host headers.")
}

/// Whether a body is encoded for its transfer in a way that would be stored as it is: any but one
/// `chunked` (`[choice H-8]`).
fn has_unknown_coding(headers: &http::HeaderMap) -> bool {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    let first = codings.next();
    let is_chunked = |value: &http::HeaderValue| {
        value
            .as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"chunked")
    };
    first.is_some_and(|first| !is_chunked(first)) || codings.next().is_some()
}

/// Carries a request out.
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
        Target::Nobody => Ok(cdn::nobody(parts, host, trace)),
        Target::Storage => rest::serve(app, parts, body, trace).await,
        Target::Block => block::serve(app, parts, body, trace).await,
        Target::Purge => purge::serve(app, parts, body, trace).await,
        Target::SyncTasks => sync_tasks::serve(app, parts, body, trace).await,
        Target::Tasks => tasks::serve(app, parts, body, trace).await,
        Target::Missing(other) => Err(not_emulated(&format!("the API {other:?}"))),
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
            api: None,
            operation: None,
            service: None,
            bytes_in: 0,
            request_body: Vec::new(),
            is_journaled: true,
            faults: None,
            visible_after: None,
        }
    }

    /// Notes bytes of the request's body.
    pub(crate) fn received(&mut self, data: &[u8]) {
        self.bytes_in += data.len() as u64;
        let room = PREVIEW_BYTES.saturating_sub(self.request_body.len());
        if room > 0 && self.is_journaled {
            let kept = &data[..room.min(data.len())];
            self.request_body.extend_from_slice(kept);
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
