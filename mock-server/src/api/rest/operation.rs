//! Which operation a request is (`[choice R-90]`).

use http::{HeaderMap, Method, header, request::Parts};
use upyun_client::protocol::header as names;

use crate::{api_name::ApiName, auth::presented_text as text, operation::OperationName};

/// The operations of REST, and those of other APIs that share its paths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
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
pub(in crate::api) fn named(parts: &Parts) -> (ApiName, Option<OperationName>) {
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

/// The operation that a request is, if there is one.
pub(super) fn operation(parts: &Parts, has_key: bool) -> Option<Operation> {
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
