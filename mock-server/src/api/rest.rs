//! REST on v0…v3: which operation a request is (`[choice R-90]`), and the operations.

mod copy_move;
mod delete;
pub(super) mod download;
mod folder;
mod info;
mod list;
pub(super) mod multipart;
mod patch;
mod upload;
mod usage;

use axum::{body::Body, response::Response};
use http::{HeaderMap, Method, StatusCode, header, request::Parts};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use upyun_client::protocol::{ErrorCode, Key, header as names, path::RequestPath};

use super::{App, Trace, form};
use crate::{
    api_name::ApiName,
    auth::{Action, presented_text as text},
    operation::OperationName,
    refusal::{Explanation, Refusal},
    store::Service,
};

/// A request on its way through an operation.
pub(super) struct Call<'a> {
    pub(super) app: &'a App,
    pub(super) parts: &'a Parts,
    pub(super) path: &'a RequestPath,
    pub(super) body: &'a mut Body,
    pub(super) trace: &'a mut Trace,
}

impl Call<'_> {
    /// Checks signature and rights, then the key: the path rules come after authorization.
    pub(super) fn admit(&self, action: Action) -> Result<(Service, Key), Refusal> {
        let service = self.app.admit(self.parts, self.path.service(), action)?;
        Ok((service, self.path.key()?))
    }

    pub(super) fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// The text of a header that is there and not empty.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        text(&self.parts.headers, name)
    }

    /// The value of a query parameter; empty if it stands without one.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        self.parts.uri.query()?.split('&').find_map(|pair| {
            let (known, value) = pair.split_once('=').unwrap_or((pair, ""));
            (known == name).then_some(value)
        })
    }
}

/// The operations of REST, and those of other APIs that share its paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Form,
    MakeFolder,
    Resumable,
    InProgress,
    CopyMove,
    Upload,
    Usage,
    OtherList,
    Read,
    Delete,
    Info,
    Patch,
}

/// Which of the APIs that share the storage hosts a request is for, and what it asks for.
pub(super) fn named(parts: &Parts) -> (ApiName, Option<OperationName>) {
    let mut segments = parts.uri.path().trim_start_matches('/').splitn(2, '/');
    let has_key = segments
        .nth(1)
        .is_some_and(|key| key.contains(|c| c != '/'));
    let operation = operation(parts, has_key);
    let api = match operation {
        Some(Operation::Form) => ApiName::Form,
        Some(Operation::Resumable | Operation::InProgress) => ApiName::Multipart,
        _ => ApiName::Rest,
    };
    (api, operation.and_then(|it| it.name(parts)))
}

impl Operation {
    /// As the journal calls it.
    fn name(self, parts: &Parts) -> Option<OperationName> {
        let stage = |stage: &str| {
            text(&parts.headers, names::X_UPYUN_MULTI_STAGE)
                .is_some_and(|text| text.contains(stage))
        };
        Some(match self {
            Self::Form => OperationName::FormUpload,
            Self::MakeFolder => OperationName::MakeFolder,
            Self::Resumable => match parts.method {
                Method::DELETE => OperationName::Cancel,
                Method::GET => OperationName::Parts,
                _ if stage("upload") => OperationName::UploadPart,
                _ if stage("complete") => OperationName::Complete,
                _ if stage("initiate") => OperationName::Initiate,
                _ => return None,
            },
            Self::InProgress => OperationName::InProgress,
            Self::CopyMove if parts.headers.contains_key(names::X_UPYUN_MOVE_SOURCE) => {
                OperationName::Move
            }
            Self::CopyMove => OperationName::Copy,
            Self::Upload => OperationName::Put,
            Self::Usage => OperationName::Usage,
            Self::OtherList => OperationName::List,
            Self::Read => OperationName::Get,
            Self::Delete => OperationName::Delete,
            Self::Info => OperationName::Head,
            Self::Patch => OperationName::Patch,
        })
    }
}

fn operation(parts: &Parts, has_key: bool) -> Option<Operation> {
    let has = |name: &str| parts.headers.contains_key(name);
    let is = |name: &str, value: &str| {
        text(&parts.headers, name).is_some_and(|text| text.eq_ignore_ascii_case(value))
    };
    let has_usage = parts.uri.query().is_some_and(|query| {
        query
            .split('&')
            .any(|pair| pair.split('=').next() == Some("usage"))
    });
    Some(match parts.method {
        Method::POST if !has_key && names_a_type(&parts.headers) => Operation::Form,
        Method::PUT | Method::POST if has(names::FOLDER) => Operation::MakeFolder,
        Method::POST if is(names::X_UPYUN_FOLDER, "true") => Operation::MakeFolder,
        Method::PUT if has(names::X_UPYUN_MULTI_STAGE) => Operation::Resumable,
        Method::PUT if has(names::X_UPYUN_COPY_SOURCE) || has(names::X_UPYUN_MOVE_SOURCE) => {
            Operation::CopyMove
        }
        Method::PUT | Method::POST => Operation::Upload,
        Method::GET if has_usage => Operation::Usage,
        Method::GET if has(names::X_UPYUN_LIST_TYPE) => Operation::OtherList,
        Method::GET if is(names::X_UPYUN_MULTI_INFO, "true") => Operation::Resumable,
        Method::GET if has(names::X_UPYUN_MULTI_UUID) => Operation::Resumable,
        Method::GET | Method::HEAD if is(names::X_UPYUN_MULTI_IN_PROGRESS, "true") => {
            Operation::InProgress
        }
        Method::GET => Operation::Read,
        Method::DELETE if has(names::X_UPYUN_MULTI_UUID) => Operation::Resumable,
        Method::DELETE => Operation::Delete,
        Method::HEAD => Operation::Info,
        Method::PATCH => Operation::Patch,
        _ => return None,
    })
}

/// A POST of the bare service is a form, right or wrong, if it says of what type it is.
fn names_a_type(headers: &HeaderMap) -> bool {
    text(headers, header::CONTENT_TYPE.as_str()).is_some()
        && !headers.contains_key(names::FOLDER)
        && !headers.contains_key(names::X_UPYUN_FOLDER)
}

/// Serves a request to the storage hosts.
pub(super) async fn serve(
    app: &App,
    parts: &Parts,
    mut body: Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let answer = carry_out(app, parts, &mut body, trace).await;
    let waits_for_permission = parts.headers.contains_key(header::EXPECT);
    if !body.is_end_stream() && !waits_for_permission {
        tokio::spawn(drain(body));
    }
    answer
}

async fn carry_out(
    app: &App,
    parts: &Parts,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let path = RequestPath::parse(parts.uri.path().as_bytes())?;
    let Some(operation) = operation(parts, path.has_key()) else {
        return Err(Refusal::new(ErrorCode::METHOD_NOT_ALLOWED)
            .because(format!("REST has no method {}.", parts.method)));
    };
    let call = Call {
        app,
        parts,
        path: &path,
        body,
        trace,
    };
    match operation {
        Operation::Form => form::upload(app, parts, &path, call.body, call.trace).await,
        Operation::Resumable => multipart::serve(call).await,
        Operation::InProgress => multipart::in_progress(call).await,
        Operation::MakeFolder => folder::make(call).await,
        Operation::CopyMove => copy_move::put(call).await,
        Operation::Upload => upload::put(call).await,
        Operation::Usage => usage::get(call).await,
        Operation::OtherList => list::other(call),
        Operation::Read => download::get(call).await,
        Operation::Delete => delete::delete(call).await,
        Operation::Info => info::head(call).await,
        Operation::Patch => patch::patch(call).await,
    }
}

/// The most that is read of a body that nobody wants.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;
const DRAIN_TIME: std::time::Duration = std::time::Duration::from_secs(5);

/// Reads on while the answer is sent (`[choice A-30]`): closing a socket with unread data in it
/// would reset the connection, and many clients would report that instead of the refusal.
pub(super) async fn drain(mut body: Body) {
    let read_on = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            match left.checked_sub(frame.data_ref().map_or(0, bytes::Bytes::len)) {
                Some(less) => left = less,
                None => return,
            }
        }
    };
    // Whether it was read to the end or not, nobody waits for it.
    let _ = tokio::time::timeout(DRAIN_TIME, read_on).await;
}

/// 200 without a body.
pub(super) fn ok() -> Response {
    Response::new(Body::empty())
}

pub(super) fn text_answer(text: String, content_type: &'static str) -> Response {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = StatusCode::OK;
    let content_type = http::HeaderValue::from_static(content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// The hint which kind is meant (`[choice R-11]`); a trailing slash means a folder too
/// (`[choice R-9]`).
pub(super) fn kind(call: &Call<'_>) -> crate::store::Kind {
    use crate::store::Kind;
    match call.header(names::X_UPYUN_FOLDER) {
        _ if call.path.has_trailing_slash() => Kind::Folder,
        Some(hint) if hint.eq_ignore_ascii_case("true") => Kind::Folder,
        Some(hint) if hint.eq_ignore_ascii_case("false") => Kind::File,
        _ => Kind::Any,
    }
}

/// A name of the other kind than was asked for.
pub(super) fn not_that_kind(call: &Call<'_>, found: &str) -> Refusal {
    Refusal::new(ErrorCode::FILE_NOT_FOUND).because(
        Explanation::new(format!("{} is a {found}.", call.parts.uri.path())).remedy(
            "a trailing slash or x-upyun-folder: true asks for folders only, false for files.",
        ),
    )
}
