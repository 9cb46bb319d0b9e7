//! Plain answers.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};

/// 200 without a body.
pub(super) fn ok() -> Response {
    Response::new(Body::empty())
}

/// 200 with a text of this type.
pub(super) fn text_answer(text: String, content_type: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::OK;
    let content_type = HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}
