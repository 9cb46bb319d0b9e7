//! The answer to a form: JSON, or a redirect to the `return-url`.

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use upyun_client::protocol::sign::FormCallback;

use crate::{accounts::Password, api::trace::Trace, refusal::Refusal};

/// What RFC 3986 leaves as it is in a query.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// What answers need once the policy is decoded.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    pub(super) url: String,
    pub(super) time: u64,
    pub(super) ext_param: Option<String>,
    pub(super) return_url: Option<String>,
    pub(super) signature: ResultSignature,
    /// The policy is accepted and the file is received.
    pub(super) has_file: bool,
}

/// How a result is signed.
#[derive(Clone, Debug, Default)]
pub(super) enum ResultSignature {
    /// Not at all, under the current signature.
    #[default]
    None,
    /// By `no-sign`: the form secret is not known to fit.
    NoSign,
    /// By `sign`, with the form secret.
    Secret(Password),
}

impl Context {
    /// The members that every result has.
    pub(super) fn members(&self, code: u16, message: &str) -> Map<String, Value> {
        let mut members = Map::new();
        members.insert("code".into(), code.into());
        members.insert("message".into(), message.into());
        members.insert("url".into(), self.url.clone().into());
        members.insert("time".into(), self.time.into());
        members
    }

    /// Adds what comes last.
    pub(super) fn close(&self, code: u16, message: &str, members: &mut Map<String, Value>) {
        if let Some(ext_param) = &self.ext_param {
            members.insert("ext-param".into(), ext_param.clone().into());
        }
        let (code, time) = (code.to_string(), self.time.to_string());
        let callback = FormCallback {
            code: &code,
            message,
            url: &self.url,
            time: &time,
            ext_param: self.ext_param.as_deref(),
        };
        match &self.signature {
            ResultSignature::Secret(secret) => {
                members.insert("sign".into(), callback.sign(secret.reveal()).into());
            }
            ResultSignature::NoSign => {
                members.insert("no-sign".into(), callback.no_sign().into());
            }
            ResultSignature::None => {}
        }
    }

    /// The answer with these members.
    /// `told` stands in the body only, and not in what a browser is sent to.
    pub(super) fn respond(
        &self,
        status: StatusCode,
        members: &Map<String, Value>,
        told: Map<String, Value>,
    ) -> Response {
        if let Some(redirect) = redirect(self.return_url.as_deref(), members) {
            return redirect;
        }
        let mut members = members.clone();
        members.extend(told);
        let json = Value::from(members).to_string();
        let mut answer = Response::new(Body::from(json));
        *answer.status_mut() = status;
        answer.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        answer
    }

    /// A refusal after the policy was decoded (`[choice F-27]`, `[choice F-31]`).
    pub(super) fn refuse(self, refusal: Refusal, trace: &Trace) -> Response {
        // Under the current signature, before there is a file (`[choice F-41]`).
        let mut context = self;
        if !context.has_file && matches!(context.signature, ResultSignature::None) {
            context.url.clear();
            context.signature = ResultSignature::NoSign;
        }
        let code = refusal.code();
        let message = code.message().unwrap_or_default();
        let mut members = context.members(code.status(), message);
        context.close(code.status(), message, &mut members);
        // The status, the code header and what the journal needs are those of any refusal.
        let (mut parts, _) = refusal.into_answer(&trace.id, false).into_parts();
        let ours = context.respond(parts.status, &members, Map::new());
        let (ours, body) = ours.into_parts();
        parts.status = ours.status;
        parts.headers.extend(ours.headers);
        Response::from_parts(parts, body)
    }
}

/// Sends the browser to the return URL, if there is one.
pub(in crate::api) fn redirect(
    return_url: Option<&str>,
    members: &Map<String, Value>,
) -> Option<Response> {
    let location = with_query(return_url?, members)?;
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::FOUND;
    answer.headers_mut().insert(header::LOCATION, location);
    Some(answer)
}

/// An absolute URL with the members as query; others are ignored (`[choice F-32]`).
fn with_query(url: &str, members: &Map<String, Value>) -> Option<HeaderValue> {
    if !url.starts_with("http://") && !url.starts_with("https://") {
        return None;
    }
    let (url, fragment) = match url.split_once('#') {
        Some((url, fragment)) => (url, format!("#{fragment}")),
        None => (url, String::new()),
    };
    let separator = if url.contains('?') { '&' } else { '?' };
    let location = format!("{url}{separator}{}{fragment}", encode(members));
    HeaderValue::from_str(&location).ok()
}

/// The members as a query, or as the body of a notification.
pub(in crate::api) fn encode(members: &Map<String, Value>) -> String {
    let mut pairs = Vec::new();
    for (name, value) in members {
        let values = match value {
            Value::Array(values) => values.iter().collect(),
            value => vec![value],
        };
        for value in values {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            pairs.push(format!("{name}={}", utf8_percent_encode(&text, QUERY)));
        }
    }
    pairs.join("&")
}
