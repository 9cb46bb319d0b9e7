//! Hosts that are not the service's: what a proxy's client is told, and what the journal keeps.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header, request::Parts};
use std::sync::Arc;

use super::{app::App, record::record, trace::Trace};
use crate::refusal::Explanation;

/// Answers with a status and a sentence that a person reads, and journals it.
pub(crate) fn refuse(
    app: &App,
    parts: Parts,
    host: &str,
    status: StatusCode,
    why: String,
) -> Response {
    let mut answer = Response::new(Body::from(format!("upyun-mock: {why}\n")));
    *answer.status_mut() = status;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    answer
        .extensions_mut()
        .insert(Arc::new(Explanation::new(format!("{why}."))));
    record(app, parts, host.to_owned(), Trace::start(), answer)
}
