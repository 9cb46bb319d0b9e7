//! Spans and events of requests, with the feature `tracing`; never a secret.

#[cfg(feature = "tracing")]
use reqwest::Method;
use reqwest::{Request, StatusCode, header::HeaderMap};

use crate::error::Error;
#[cfg(feature = "tracing")]
use crate::protocol::header;

/// What a request shows while it is under way.
#[cfg(feature = "tracing")]
pub(super) fn span(client: &super::Client, method: &Method, uri: &str) -> tracing::Span {
    tracing::debug_span!(
        "request",
        %method,
        uri,
        service = client.service().as_str(),
        operator = client.operator(),
    )
}

/// An attempt begins.
#[cfg(feature = "tracing")]
pub(super) fn sending(request: &Request) {
    let host = request.url().origin().ascii_serialization();
    let headers = shown(request.headers());
    tracing::debug!(host, headers, "sending the request");
}

/// An attempt got a response.
#[cfg(feature = "tracing")]
pub(super) fn received(status: StatusCode, headers: &HeaderMap) {
    let request_id = headers.get(header::X_REQUEST_ID);
    let request_id = request_id.and_then(|id| id.to_str().ok());
    let status = status.as_u16();
    tracing::debug!(
        status,
        request_id,
        headers = shown(headers),
        "received the response"
    );
}

/// An attempt failed, and there will be another.
#[cfg(feature = "tracing")]
pub(super) fn retrying(error: &Error, attempts: u32, delay: std::time::Duration) {
    tracing::warn!(%error, attempts, ?delay, "trying the request again");
}

/// There will be no other attempt.
#[cfg(feature = "tracing")]
pub(super) fn failed(error: &Error) {
    tracing::debug!(%error, attempts = error.attempts(), "the request failed");
}

/// `name: value` by name, with `***` for what proves something or opens something.
#[cfg(feature = "tracing")]
fn shown(headers: &HeaderMap) -> String {
    let one = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
        let name = name.as_str();
        // A redirect to a return URL carries the result and its signature.
        let is_secret = value.is_sensitive()
            || [
                "authorization",
                "cookie",
                "secret",
                "token",
                "location",
                "password",
            ]
            .iter()
            .any(|word| name.contains(word));
        let value = if is_secret {
            "***".into()
        } else {
            String::from_utf8_lossy(value.as_bytes())
        };
        format!("{name}: {value}")
    };
    let mut lines: Vec<String> = headers.iter().map(one).collect();
    lines.sort();
    lines.join(", ")
}

#[cfg(not(feature = "tracing"))]
pub(super) fn sending(_: &Request) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn received(_: StatusCode, _: &HeaderMap) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn retrying(_: &Error, _: u32, _: std::time::Duration) {}

#[cfg(not(feature = "tracing"))]
pub(super) fn failed(_: &Error) {}
