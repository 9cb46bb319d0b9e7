//! The whole route table, on a page.

use axum::{
    Router,
    body::Body,
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{Request, header};
use upyun_client::protocol::ErrorCode;

use super::{
    app::App, control, cors, dispatch::dispatch, faulty::Trouble, record::record, target::Target,
    trace::Trace,
};
use crate::{auth::Presented, front::TwoLengths, refusal::Refusal};

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
    // Uploads and objects that expire by now are gone before the request is looked at.
    app.store.catch_up().await;
    let target = Target::of(&app, &host, &parts);
    trace.operator = Presented::of(&parts).named_operator();
    (trace.api, trace.operation) = target.named(&parts);
    trace.service = target.service(&parts);
    let service = trace.service.as_deref();
    trace.account = service.and_then(|name| app.accounts.service(name));
    if let Some(account) = &trace.account {
        app.skew_clock(account.clock_offset_seconds);
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

fn host_of(parts: &http::request::Parts) -> &str {
    parts
        .uri
        .authority()
        .map(http::uri::Authority::as_str)
        .or_else(|| parts.headers.get(header::HOST)?.to_str().ok())
        .unwrap_or_default()
}
