//! Callbacks in axum: verified before a handler sees them.

use axum::{
    body::Body,
    extract::{FromRef, FromRequest, OriginalUri, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, Limited};

use crate::{
    Callback, CallbackError, CallbackVerifier, FormResult, FormResultError, TaskResult,
    TaskResultError, protocol::header as names,
};

/// The most that a callback may send.
const MAX_BYTES: usize = 1024 * 1024;

/// A callback that comes from the service, as an argument of an axum handler.
///
/// The router's state must give a [`CallbackVerifier`]. What does not fit is refused before the
/// handler runs: with 403 if the signature is wrong, with 400 if the body cannot be read.
///
/// ```
/// use axum::{Router, routing::post};
/// use upyun_client::{CallbackVerifier, TaskResult, Verified, protocol::PasswordMd5};
///
/// async fn task_ended(Verified(result): Verified<TaskResult>) {
///     println!("{} ended with {}: {:?}", result.task_id, result.status, result.paths);
/// }
///
/// let verifier = CallbackVerifier::new("operator", PasswordMd5::of("password"));
/// let app: Router = Router::new().route("/ended", post(task_ended)).with_state(verifier);
/// ```
///
/// The path must be the one that the service calls: the signature covers it, so a router that is
/// nested, or a proxy that rewrites paths, must not change it. A router that is nested in
/// another of axum is no problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified<T>(pub T);

/// What a callback can be read as.
pub trait Notification: Sized {
    /// Why it cannot be read.
    type Error: std::error::Error;

    /// Reads a body.
    ///
    /// # Errors
    /// If it is not what the protocol says.
    fn read(content_type: &str, body: &[u8]) -> Result<Self, Self::Error>;
}

impl Notification for TaskResult {
    type Error = TaskResultError;

    fn read(content_type: &str, body: &[u8]) -> Result<Self, TaskResultError> {
        Self::from_callback(content_type, body)
    }
}

impl Notification for FormResult {
    type Error = FormResultError;

    fn read(_: &str, body: &[u8]) -> Result<Self, FormResultError> {
        // Nothing but ASCII is left of what is encoded for a query.
        Self::from_query(&String::from_utf8_lossy(body))
    }
}

impl<T, S> FromRequest<S> for Verified<T>
where
    T: Notification,
    S: Send + Sync,
    CallbackVerifier: FromRef<S>,
{
    type Rejection = NotVerified;

    async fn from_request(request: Request, state: &S) -> Result<Self, NotVerified> {
        let verifier = CallbackVerifier::from_ref(state);
        let (parts, body) = request.into_parts();
        let original = parts.extensions.get::<OriginalUri>();
        let uri = original.map_or(&parts.uri, |uri| &uri.0);
        let uri = uri.path_and_query().map_or("/", |uri| uri.as_str());
        let body = whole(body).await?;
        let text = |name: &str| text(&parts.headers, name);
        let callback = Callback {
            uri,
            authorization: text(header::AUTHORIZATION.as_str()),
            date: text(header::DATE.as_str()),
            content_md5: text(names::CONTENT_MD5),
            body: &body,
        };
        verifier.verify(&callback).map_err(NotVerified::Signature)?;
        let content_type = text(header::CONTENT_TYPE.as_str()).unwrap_or_default();
        T::read(content_type, &body)
            .map(Self)
            .map_err(|error| NotVerified::Body(error.to_string()))
    }
}

async fn whole(body: Body) -> Result<Vec<u8>, NotVerified> {
    let whole = Limited::new(body, MAX_BYTES).collect().await;
    let whole = whole.map_err(|error| NotVerified::Body(error.to_string()))?;
    Ok(whole.to_bytes().into())
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Why a request is not taken for a callback of the service.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotVerified {
    /// It is not signed as it should be.
    #[error("{0}")]
    Signature(CallbackError),
    /// It is signed, but its body cannot be read.
    #[error("the callback cannot be read: {0}")]
    Body(String),
}

impl IntoResponse for NotVerified {
    fn into_response(self) -> Response {
        let status = match self {
            Self::Signature(_) => StatusCode::FORBIDDEN,
            Self::Body(_) => StatusCode::BAD_REQUEST,
        };
        (status, self.to_string()).into_response()
    }
}
