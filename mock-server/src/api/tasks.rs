//! Asynchronous tasks on p0: submit, ask how far they are, ask how they ended.

mod query;
mod submit;

pub(super) use submit::check_md5;

use std::sync::Arc;

use axum::{body::Body, response::Response};
use http::{HeaderName, Method, header, request::Parts};
use subtle::ConstantTimeEq as _;
use upyun_client::protocol::{
    ErrorCode,
    sign::{Authorization, media_legacy},
};

use super::{answer::text_answer, app::App, body::drain, trace::Trace};
use crate::{
    accounts::Operator,
    auth::{Presented, authenticate, known_operator, presented_text},
    refusal::{Explanation, Refusal},
};

/// Serves a request to the host of tasks.
pub(super) async fn serve(
    app: &App,
    parts: &Parts,
    mut body: Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let answer = match (parts.uri.path().trim_end_matches('/'), &parts.method) {
        ("/pretreatment", &Method::POST) => submit::submit(app, parts, &mut body, trace).await,
        ("/status", &Method::GET) => query::status(app, parts),
        ("/result", &Method::GET) => query::result(app, parts),
        ("/pretreatment" | "/status" | "/result", method) => {
            Err(Refusal::new(ErrorCode::METHOD_NOT_ALLOWED).because(
                Explanation::new(format!("{} has no method {method}.", parts.uri.path()))
                    .remedy("POST to /pretreatment/, GET /status/ and /result/."),
            ))
        }
        (path, _) => Err(Refusal::new(ErrorCode::WRONG_URI).because(format!(
            "The host of tasks has /pretreatment/, /status/ and /result/, but no {path:?}."
        ))),
    };
    tokio::spawn(drain(body));
    answer
}

/// Finds who signed: in the header as everywhere, or in the way of old, over the parameters.
fn who(
    app: &App,
    parts: &Parts,
    parameters: &[(String, String)],
) -> Result<Arc<Operator>, Refusal> {
    let presented = Presented::of(parts);
    let legacy = presented.authorization.map(Authorization::parse);
    let Some(Ok(Authorization::Md5 {
        operator,
        signature,
    })) = legacy
    else {
        return authenticate(&app.accounts, app.signing_time(), &presented);
    };
    let operator = known_operator(&app.accounts, operator)?;
    let pairs = parameters.iter().map(|(name, value)| (&**name, &**value));
    let right = media_legacy(&operator.name, pairs, &operator.key);
    let given = signature.to_ascii_lowercase();
    if right.as_bytes().ct_eq(given.as_bytes()).into() {
        return Ok(operator);
    }
    let mut why = Explanation::new(
        "The signature is 32 hex digits, so it was taken for the media signature of old, and it is \
         not that of these parameters.",
    )
    .remedy(
        "it is the MD5 of operator, the parameters' names and values in the order of their names, \
         and the MD5 of the password, run together; or sign method & path & date with HMAC-SHA1.",
    );
    why.sent = Some(given);
    Err(Refusal::new(ErrorCode::SIGNATURE_ERROR).because(why))
}

/// The service that parameters name, under its name or that of old.
fn service(parameters: &[(String, String)]) -> Option<&str> {
    ["service", "bucket_name"]
        .into_iter()
        .find_map(|name| filled(parameters, name))
}

/// The value of a parameter that is there and not empty.
fn filled<'a>(parameters: &'a [(String, String)], name: &str) -> Option<&'a str> {
    super::urlencoded::value(parameters, name).filter(|value| !value.is_empty())
}

/// The value of a header that is there and not empty.
fn text<'a>(parts: &'a Parts, name: &HeaderName) -> Option<&'a str> {
    presented_text(&parts.headers, name.as_str())
}

fn missing(what: &str) -> Refusal {
    Refusal::new(ErrorCode::NOT_ENOUGH_ARGUMENTS).because(format!("There is no {what}."))
}

fn json(value: &serde_json::Value) -> Response {
    text_answer(value.to_string(), "application/json")
}

/// Whether a body came, or is to come.
fn has_body(parts: &Parts) -> bool {
    parts.headers.contains_key(header::TRANSFER_ENCODING)
        || text(parts, &header::CONTENT_LENGTH).is_some_and(|length| length != "0")
}
