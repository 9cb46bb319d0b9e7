//! Keeps web pages out: a page of another origin, and a name that was rebound to this address.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use http::{HeaderMap, StatusCode, header};

use super::problem;
use crate::api::App;

/// Keeps web pages out: a page of another origin, and a name that was rebound to this address.
pub(super) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    match stranger(&app, request.headers()) {
        Some(message) => problem(StatusCode::FORBIDDEN, &message),
        None => next.run(request).await,
    }
}

/// Why a request does not come from a program of this machine.
fn stranger(app: &App, headers: &HeaderMap) -> Option<String> {
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = header(header::HOST).unwrap_or_default();
    if !is_own_host(app, host) {
        return Some(format!(
            "the control plane does not answer to the host {host:?}; use an address or localhost"
        ));
    }
    let origin = header(header::ORIGIN)?;
    if origin.split_once("://").map(|(_, host)| host) == Some(host) {
        return None;
    }
    Some(format!(
        "the control plane refuses requests of pages of {origin}"
    ))
}

fn is_own_host(app: &App, host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, port)| {
        if port.bytes().all(|b| b.is_ascii_digit()) {
            name
        } else {
            host
        }
    });
    let name = name.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<std::net::IpAddr>().is_ok_and(|ip| {
            ip.is_loopback()
                || app
                    .settings
                    .addresses
                    .iter()
                    .any(|own| own.ip() == ip || own.ip().is_unspecified())
        })
}
