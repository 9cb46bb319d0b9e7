//! Answers of the control plane, and the JSON that it takes.

use axum::{
    Json,
    body::Bytes,
    extract::{FromRequest, Request, rejection::QueryRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{
    api::urlencoded::media_type, config::ConfigError, features::MissingFeature, store::StoreError,
};

/// Why something was not done, in a sentence.
pub(super) fn problem(status: StatusCode, message: impl AsRef<str>) -> Response {
    (status, Json(json!({ "error": message.as_ref() }))).into_response()
}

/// What a handler answers instead.
#[derive(Debug)]
pub(super) struct Problem(pub(super) StatusCode, pub(super) String);

impl Problem {
    pub(super) fn bad(message: impl Into<String>) -> Self {
        Self(StatusCode::BAD_REQUEST, message.into())
    }

    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self(StatusCode::CONFLICT, message.into())
    }

    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self(StatusCode::NOT_FOUND, message.into())
    }
}

impl From<MissingFeature> for Problem {
    fn from(missing: MissingFeature) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE, missing.to_string())
    }
}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        Self::bad(error.to_string())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::bad(rejection.body_text())
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        problem(self.0, self.1)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let status = match error {
            StoreError::NotFound(_) => StatusCode::NOT_FOUND,
            StoreError::Io { .. } | StoreError::Locked { .. } | StoreError::DiskFull => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            StoreError::Key(_) => StatusCode::BAD_REQUEST,
            _ => StatusCode::CONFLICT,
        };
        Self(status, error.to_string())
    }
}

/// A JSON body; without a body it is an empty object. Web pages can send forms and texts to other
/// origins without asking, but no `application/json`.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = media_type(request.headers()) == "application/json";
        let bytes = Bytes::from_request(request, state)
            .await
            .map_err(|rejection| Problem(rejection.status(), rejection.body_text()))?;
        let bytes = match &bytes[..] {
            b"" => b"{}",
            _ if !is_json => {
                return Err(Problem(
                    StatusCode::UNSUPPORTED_MEDIA_TYPE,
                    "the body is JSON: send it with Content-Type: application/json".to_owned(),
                ));
            }
            bytes => bytes,
        };
        match serde_json::from_slice(bytes) {
            Ok(value) => Ok(Self(value)),
            Err(error) => Err(Problem::bad(format!("the body is not understood: {error}"))),
        }
    }
}
