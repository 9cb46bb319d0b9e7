//! The token `_upt` of access domains that want one: in the query, else as a cookie.

use std::sync::Arc;

use axum::{body::Body, response::Response};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::json;
use upyun_client::protocol::sign::CdnToken;

use crate::{accounts::Password, auth::presented_text, refusal::Explanation};

const NAME: &str = "_upt";

/// Says what is wrong with the token, if anything is.
pub(super) fn check(secret: &Password, parts: &Parts, now: u64) -> Result<(), Explanation> {
    // As sent (`[choice A-26]`).
    let path = parts.uri.path();
    let Some(given) = in_query(parts).or_else(|| in_cookie(parts)) else {
        return Err(Explanation::new("The request has no token.").remedy(
            "add _upt=<8 digits of md5(secret & etime & path), then etime> to the query, or as a \
             cookie.",
        ));
    };
    if CdnToken::verify(secret.reveal(), path, &given, now) {
        return Ok(());
    }
    let etime = given.get(8..).and_then(|it| it.parse::<u64>().ok());
    Err(match etime {
        None => Explanation::new(format!("The token {given:?} does not end in Unix seconds.")),
        Some(etime) if etime <= now => Explanation::new(format!(
            "The token ended at {etime}; it is {now} by the server's clock."
        )),
        Some(_) => Explanation::new(format!("The token {given:?} is none for {path}.")).remedy(
            "sign the path as it is sent, without its query, with the service's token_secret.",
        ),
    })
}

/// What the public gets. Nobody says which code goes with it.
pub(super) fn refused(why: Explanation) -> Response {
    let body = json!({ "code": "403", "msg": "forbidden" });
    let mut answer = Response::new(Body::from(body.to_string()));
    *answer.status_mut() = StatusCode::FORBIDDEN;
    answer.headers_mut().insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("application/json"),
    );
    answer.extensions_mut().insert(Arc::new(why));
    answer
}

/// The query wins (`[choice A-27]`).
fn in_query(parts: &Parts) -> Option<String> {
    let query = parts.uri.query()?;
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    let (_, token) = pairs.find(|(name, _)| name == NAME)?;
    Some(token.into_owned())
}

fn in_cookie(parts: &Parts) -> Option<String> {
    let cookies = presented_text(&parts.headers, header::COOKIE.as_str())?;
    let mut pairs = cookies
        .split(';')
        .filter_map(|it| it.trim().split_once('='));
    let (_, token) = pairs.find(|(name, _)| *name == NAME)?;
    Some(token.to_owned())
}
