//! Who may use the control plane: programs of this machine, and its own pages.
//!
//! A page of another origin can make a browser send requests here, and a name that was rebound to
//! this address makes them look as if they were its own. The first is told by `Origin` and
//! `Sec-Fetch-Site`, the second by `Host`, which is only checked where no token is wanted. Who listens on other addresses than the machine's own has
//! to choose a token, or answers to this machine only.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use utoipa::ToSchema;

use super::answer::{Body, Problem, problem};
use crate::{api::app::App, front::FromAfar};

const COOKIE: &str = "upyun_mock_token";
/// What anybody may have: whether the server is there, and the page that asks for the token.
const OPEN: [&str; 4] = ["/_mock", "/_mock/", "/_mock/health", "/_mock/login"];

/// Lets pass who may.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let headers = request.headers();
    // What only a token opens needs no check of the name by which it was reached.
    let is_token_wanted = app.settings.control_token.is_some();
    let is_health = request.uri().path() == "/_mock/health";
    if !is_token_wanted
        && !is_health
        && let Some(message) = unknown_host(&app, headers)
    {
        return problem(StatusCode::FORBIDDEN, message);
    }
    if let Some(message) = other_origin(headers) {
        return problem(StatusCode::FORBIDDEN, message);
    }
    let path = request.uri().path();
    let is_open = OPEN.contains(&path) || path.starts_with("/_mock/assets/");
    match &app.settings.control_token {
        Some(token) if !is_open && !has(token, headers) => {
            let message = "the control plane is guarded: send Authorization: Bearer and the token of \
                           --control-token";
            return problem(StatusCode::UNAUTHORIZED, message);
        }
        None if !is_open && request.extensions().get::<FromAfar>().is_some() => {
            let message = "without a token the control plane answers to this machine only: start the \
                           server with --control-token TOKEN";
            return problem(StatusCode::FORBIDDEN, message);
        }
        _ => {}
    }
    next.run(request).await
}

/// The token.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Login {
    token: String,
}

/// Gives a browser that knows the token a cookie that says so.
#[utoipa::path(post, path = "/_mock/login", tag = "server", request_body = Login, responses(
    (status = 204, description = "done"),
    (status = 401, description = "that is not the token")
))]
pub(super) async fn login(
    State(app): State<App>,
    Body(body): Body<Login>,
) -> Result<Response, Problem> {
    let Some(token) = &app.settings.control_token else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    if !is_same(token, &body.token) {
        return Err(Problem(
            StatusCode::UNAUTHORIZED,
            "that is not the token; it is the one of --control-token".to_owned(),
        ));
    }
    let mut answer = StatusCode::NO_CONTENT.into_response();
    let cookie = format!("{COOKIE}={token}; Path=/_mock; HttpOnly; SameSite=Strict");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(answer)
}

fn has(token: &str, headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION).and_then(|it| it.strip_prefix("Bearer "));
    let cookies = text(header::COOKIE).unwrap_or_default().split(';');
    let mut cookies = cookies.filter_map(|pair| pair.trim().split_once('='));
    let cookie = cookies.find(|(name, _)| *name == COOKIE);
    bearer
        .into_iter()
        .chain(cookie.map(|(_, value)| value))
        .any(|given| is_same(token, given))
}

fn is_same(token: &str, given: &str) -> bool {
    token.as_bytes().ct_eq(given.as_bytes()).into()
}

fn text(headers: &HeaderMap, name: http::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Why the name by which the server was reached is refused: without a token, a page whose name was
/// rebound to this address could use it.
fn unknown_host(app: &App, headers: &HeaderMap) -> Option<String> {
    let host = text(headers, header::HOST).unwrap_or_default();
    if is_own_host(app, host) {
        return None;
    }
    Some(format!(
        "without a token the control plane does not answer to the host {host:?}: use an address or \
         localhost, or start the server with --control-token TOKEN (then any host is right) or with \
         --control-host {}",
        without_port(host)
    ))
}

/// Why a request comes from a page of another server.
fn other_origin(headers: &HeaderMap) -> Option<String> {
    let host = text(headers, header::HOST).unwrap_or_default();
    if let Some(site) = headers.get("sec-fetch-site")
        && site != "same-origin"
        && site != "none"
    {
        return Some("the control plane refuses requests of pages of other origins".to_owned());
    }
    let origin = text(headers, header::ORIGIN)?;
    if origin.split_once("://").map(|(_, host)| host) == Some(host) {
        return None;
    }
    Some(format!(
        "the control plane refuses requests of pages of {origin}"
    ))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    }
}

/// Whether a host is an address of this server, localhost, or a name of `--control-host`.
pub(in crate::api) fn is_own_host(app: &App, host: &str) -> bool {
    let name = without_port(host);
    let name = name.trim_start_matches('[').trim_end_matches(']');
    let mut allowed = app.settings.control_hosts.iter();
    name.eq_ignore_ascii_case("localhost")
        || allowed.any(|allowed| name.eq_ignore_ascii_case(allowed))
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| {
            ip.is_loopback()
                || app
                    .settings
                    .addresses
                    .iter()
                    .any(|own| own.ip() == ip || own.ip().is_unspecified())
        })
}
