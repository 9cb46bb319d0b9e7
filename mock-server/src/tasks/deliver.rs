//! One request to a program of the user's.

use std::{net::SocketAddr, time::Duration};

use bytes::Bytes;
use http::{Request, Uri, header};
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

/// How long a delivery may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where requests of the server may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Egress {
    /// This machine only.
    Loopback,
    /// Anywhere.
    Open,
}

/// Sends a POST; gives the status of the answer, or says what went wrong.
pub(super) async fn post(
    url: &Uri,
    headers: &[(&'static str, String)],
    body: Bytes,
    egress: Egress,
) -> Result<u16, String> {
    match tokio::time::timeout(TIMEOUT, send(url, headers, body, egress)).await {
        Ok(result) => result,
        Err(_) => Err(format!("no answer within {} s", TIMEOUT.as_secs())),
    }
}

async fn send(
    url: &Uri,
    headers: &[(&'static str, String)],
    body: Bytes,
    egress: Egress,
) -> Result<u16, String> {
    let Some(authority) = url.authority().filter(|_| url.scheme_str() == Some("http")) else {
        return Err(format!(
            "{url} is no http URL; others are not delivered to yet"
        ));
    };
    let address = resolve(authority.host(), authority.port_u16().unwrap_or(80), egress).await?;
    let stream = TcpStream::connect(address)
        .await
        .map_err(|error| format!("{address} cannot be reached: {error}"))?;
    let broken = |error: hyper::Error| format!("the connection to {address} broke: {error}");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let connection = tokio::spawn(connection);
    let target = url.path_and_query().map_or("/", |target| target.as_str());
    let mut request = Request::post(target).header(header::HOST, authority.as_str());
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request
        .body(Full::new(body))
        .map_err(|error| format!("the request cannot be made: {error}"))?;
    let answer = sender.send_request(request).await.map_err(broken);
    let status = answer.map(|answer| answer.status().as_u16());
    connection.abort();
    status
}

/// An address of the host that may be reached.
async fn resolve(host: &str, port: u16, egress: Egress) -> Result<SocketAddr, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = tokio::net::lookup_host((bare, port))
        .await
        .map_err(|error| format!("the host {host} is not known: {error}"))?;
    let mut addresses = addresses
        .filter(|address| egress == Egress::Open || address.ip().to_canonical().is_loopback());
    addresses.next().ok_or_else(|| {
        format!("{host} is not this machine; start the server with --egress to reach others")
    })
}
