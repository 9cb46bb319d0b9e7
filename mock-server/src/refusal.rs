//! A refusal: the service's answer for the client, and our words for the person who asks why.

mod explanation;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderName, HeaderValue, StatusCode, header};
use upyun_client::protocol::{ErrorBody, ErrorCode, KeyError, header as names, path::PathError};

pub use self::explanation::Explanation;
use crate::{features::MissingFeature, request_id::RequestId};

/// Why a request is not carried out.
///
/// Status, code and text come from the error table; the explanation goes to the log and to the
/// journal, never to the client.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: ErrorCode,
    explanation: Option<Box<Explanation>>,
    headers: Vec<(HeaderName, HeaderValue)>,
    /// Its text takes the place of the table's.
    missing: Option<MissingFeature>,
}

impl Refusal {
    /// The plain answer of the table.
    pub(crate) fn new(code: ErrorCode) -> Self {
        Self {
            code,
            explanation: None,
            headers: Vec::new(),
            missing: None,
        }
    }

    /// The answer to a request that needs a feature this build leaves out. Its text, unlike that of
    /// any other, does not come from the table: it has to reach whoever chose the features.
    pub(crate) fn without_feature(missing: MissingFeature) -> Self {
        Self {
            missing: Some(missing),
            ..Self::new(ErrorCode::WRONG_CONFIG).because(format!("{missing}."))
        }
    }

    /// The answer to a Content-MD5 that is not 32 hex digits.
    pub(crate) fn malformed_content_md5(text: &str) -> Self {
        let bytes = STANDARD.decode(text).unwrap_or_default();
        let explanation = match <[u8; 16]>::try_from(bytes) {
            Ok(bytes) => {
                let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                Explanation::new(format!(
                    "Content-MD5 {text:?} is in Base64; UPYUN expects it in hex."
                ))
                .remedy(format!("send the same MD5 as {hex}."))
            }
            Err(_) => Explanation::new(format!("Content-MD5 is {text:?}."))
                .remedy("send 32 hex digits; here it is never Base64."),
        };
        Self::new(ErrorCode::WRONG_CONTENT_MD5).because(explanation)
    }

    /// With our words for the log and the journal.
    #[must_use]
    pub(crate) fn because(self, explanation: impl Into<Explanation>) -> Self {
        Self {
            explanation: Some(Box::new(explanation.into())),
            ..self
        }
    }

    /// With a header that goes with the error.
    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// The code of the table.
    pub(crate) fn code(&self) -> ErrorCode {
        self.code
    }

    /// The text of the answer.
    pub(crate) fn message(&self) -> String {
        match self.missing {
            Some(missing) => missing.to_string(),
            None => self.code.message().unwrap_or("unknown error").to_owned(),
        }
    }

    /// Our words.
    pub(crate) fn explanation(&self) -> Option<&Explanation> {
        self.explanation.as_deref()
    }

    /// The answer. The code and the explanation travel in its extensions, to the journal.
    pub(crate) fn into_answer(self, id: &RequestId, is_head: bool) -> Response {
        let status =
            StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
        let body = ErrorBody {
            msg: self.message(),
            ..ErrorBody::new(self.code, id.as_str())
        };
        let body = body.to_json();
        let body = if is_head {
            Body::empty()
        } else {
            Body::from(body)
        };
        let mut response = (status, body).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        );
        headers.insert(
            HeaderName::from_static(names::X_ERROR_CODE),
            HeaderValue::from(self.code.as_u32()),
        );
        headers.extend(self.headers);
        response.extensions_mut().insert(self.code);
        if let Some(explanation) = self.explanation {
            response
                .extensions_mut()
                .insert(std::sync::Arc::<Explanation>::from(explanation));
        }
        response
    }
}

impl From<ErrorCode> for Refusal {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}

impl From<PathError> for Refusal {
    fn from(error: PathError) -> Self {
        Self::new(error.code()).because(error.to_string())
    }
}

impl From<KeyError> for Refusal {
    fn from(error: KeyError) -> Self {
        Self::new(error.code()).because(error.to_string())
    }
}
