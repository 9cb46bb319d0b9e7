//! Cross-origin requests of browsers (`[choice R-88]`).

use axum::{body::Body, response::Response};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

const METHODS: &str = "GET, HEAD, PUT, POST, DELETE, PATCH, OPTIONS";
const MAX_AGE_SECONDS: &str = "86400";

/// Headers of ours that a script may read, besides those that begin with `x-`.
const EXPOSED: [&str; 4] = ["etag", "content-md5", "content-range", "last-modified"];

/// The answer to a preflight; `None` if the request is none.
pub(crate) fn preflight(method: &Method, headers: &HeaderMap) -> Option<Response> {
    let is_preflight = method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    if !is_preflight {
        return None;
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::OK;
    let answer = response.headers_mut();
    answer.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static(METHODS),
    );
    answer.insert(
        header::ACCESS_CONTROL_MAX_AGE,
        HeaderValue::from_static(MAX_AGE_SECONDS),
    );
    if let Some(asked) = headers.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    Some(response)
}

/// Lets every page read the answer, and names the headers that it may read.
pub(crate) fn allow(asked_by_page: bool, answer: &mut HeaderMap) {
    answer.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    if !asked_by_page {
        return;
    }
    let exposed: Vec<&str> = answer
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| name.starts_with("x-") || EXPOSED.contains(name))
        .collect();
    if let Ok(exposed) = HeaderValue::from_str(&exposed.join(", ")) {
        answer.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
}
