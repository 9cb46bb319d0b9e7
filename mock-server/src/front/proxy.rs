//! The forward proxy: the service's hosts are served here, others are refused unless allowed.

use std::{fmt, net::SocketAddr, sync::Arc};

use axum::{body::Body, response::Response};
use http::{HeaderName, Method, Request, StatusCode, header, request::Parts, uri::Authority};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use upyun_client::protocol::host;

use crate::features::MissingFeature;

/// Headers that are between two programs and no others.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    HeaderName::from_static("keep-alive"),
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
    header::TE,
    header::UPGRADE,
];

/// Decides which hosts a client may reach through this server. A cheap handle.
#[derive(Clone)]
pub(crate) struct Proxy(Arc<Inner>);

struct Inner {
    /// Where this server listens.
    own: Vec<SocketAddr>,
    /// Hosts that are passed through.
    allowed: Vec<String>,
    is_namespace: bool,
    is_bound: Box<IsBound>,
    refuse: Box<Refuse>,
}

type IsBound = dyn Fn(&str) -> bool + Send + Sync;
type Refuse = dyn Fn(&Parts, &str, StatusCode, String) -> Response + Send + Sync;

/// What becomes of a request that names a host.
pub(super) enum Verdict {
    /// It is for this server.
    Ours,
    /// Bytes go to this host unseen.
    Tunnel(TcpStream),
    /// The request goes to this host.
    Forward(TcpStream),
    Refused(Response),
}

impl Proxy {
    /// A proxy of a server that listens here. `is_bound` knows the domains that belong to services
    /// besides those of UPYUN; `refuse` makes an answer of a status and a sentence,
    /// and notes it.
    pub(crate) fn new(
        own: Vec<SocketAddr>,
        allowed: Vec<String>,
        is_namespace: bool,
        is_bound: impl Fn(&str) -> bool + Send + Sync + 'static,
        refuse: impl Fn(&Parts, &str, StatusCode, String) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            own,
            allowed,
            is_namespace,
            is_bound: Box::new(is_bound),
            refuse: Box::new(refuse),
        }))
    }

    /// Whether objects are read at this host: a domain of a service, or a default access domain.
    pub(super) fn is_access_domain(&self, host: &str) -> bool {
        host::service_of_access_domain(host).is_some() || (self.0.is_bound)(host)
    }

    pub(super) async fn judge<B>(&self, request: &Request<B>) -> Verdict {
        let Some(authority) = request.uri().authority() else {
            return Verdict::Ours;
        };
        let is_tunnel = request.method() == Method::CONNECT;
        let refuse = |status, why| self.refuse(request, authority.as_str(), status, why);
        // Two programs that each believe another of the two names would see two requests.
        if let Some(named) = request.headers().get(header::HOST)
            && !is_tunnel
            && !same_host(authority, named.as_bytes())
        {
            return refuse(
                StatusCode::BAD_REQUEST,
                format!(
                    "the request line names the host {authority}, but the header Host another one"
                ),
            );
        }
        if self.is_ours(authority) {
            return Verdict::Ours;
        }
        let name = authority.host();
        if !self
            .0
            .allowed
            .iter()
            .any(|it| it.eq_ignore_ascii_case(name))
        {
            return refuse(
                StatusCode::BAD_GATEWAY,
                format!(
                    "{name} is no host of UPYUN, and upyun-mock lets nothing else out; \
                     `--allow-host {name}` lets it through"
                ),
            );
        }
        if !is_tunnel && request.uri().scheme_str() != Some("http") {
            return refuse(
                StatusCode::BAD_GATEWAY,
                format!("{name} is allowed, but https goes through a proxy by CONNECT only"),
            );
        }
        let port = authority.port_u16().unwrap_or(80);
        let bare = name.trim_start_matches('[').trim_end_matches(']');
        match TcpStream::connect((bare, port)).await {
            Ok(remote) if is_tunnel => Verdict::Tunnel(remote),
            Ok(remote) => Verdict::Forward(remote),
            Err(error) => refuse(
                StatusCode::BAD_GATEWAY,
                format!("{name} is allowed, but cannot be reached: {error}"),
            ),
        }
    }

    /// Whether an address that a connection was made to is another machine's, which only a namespace
    /// brings here.
    pub(super) fn is_for_another(&self, here: SocketAddr) -> bool {
        self.0.is_namespace && !here.ip().to_canonical().is_loopback()
    }

    /// The service's hosts, and this server by its own addresses.
    fn is_ours(&self, authority: &Authority) -> bool {
        if host::is_upyun(authority.host()) || (self.0.is_bound)(authority.host()) {
            return true;
        }
        let name = authority
            .host()
            .trim_start_matches('[')
            .trim_end_matches(']');
        let is_here = |own: &SocketAddr| match name.parse::<std::net::IpAddr>() {
            Ok(ip) => ip == own.ip() || (own.ip().is_unspecified() && ip.is_loopback()),
            Err(_) => name.eq_ignore_ascii_case("localhost"),
        };
        let port = authority.port_u16().unwrap_or(80);
        self.0
            .own
            .iter()
            .any(|own| own.port() == port && is_here(own))
    }

    fn refuse<B>(
        &self,
        request: &Request<B>,
        host: &str,
        status: StatusCode,
        why: String,
    ) -> Verdict {
        Verdict::Refused(self.refusal(request, host, status, why))
    }

    /// Refuses a CONNECT to a host of the service: what it would carry is TLS, which this build leaves
    /// out.
    pub(super) fn refuse_own_tunnel<B>(
        &self,
        request: &Request<B>,
        missing: MissingFeature,
    ) -> Response {
        let host = request.uri().authority().map_or("", Authority::as_str);
        let status = StatusCode::SERVICE_UNAVAILABLE;
        self.refusal(request, host, status, missing.to_string())
    }

    /// Refuses a CONNECT that was sent inside a tunnel.
    pub(super) fn refuse_nested_tunnel<B>(&self, request: &Request<B>) -> Response {
        let host = request.uri().authority().map_or("", Authority::as_str);
        let why = format!(
            "this connection is a tunnel already, and a tunnel inside it, to {host}, is not \
             opened; send CONNECT on a new connection"
        );
        self.refusal(request, host, StatusCode::BAD_REQUEST, why)
    }

    fn refusal<B>(
        &self,
        request: &Request<B>,
        host: &str,
        status: StatusCode,
        why: String,
    ) -> Response {
        let mut copy = Request::new(());
        copy.method_mut().clone_from(request.method());
        copy.uri_mut().clone_from(request.uri());
        let (parts, ()) = copy.into_parts();
        (self.0.refuse)(&parts, host, status, why)
    }

    /// Passes a request on to an allowed host.
    pub(super) async fn forward(&self, request: Request<Incoming>, remote: TcpStream) -> Response {
        let host = request
            .uri()
            .authority()
            .map(ToString::to_string)
            .unwrap_or_default();
        let (mut parts, body) = request.into_parts();
        let noted = parts.clone();
        for name in HOP_BY_HOP {
            parts.headers.remove(name);
        }
        let target = parts
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str());
        parts.uri = target.parse().unwrap_or_default();
        let answer = async {
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(remote)).await?;
            tokio::spawn(connection);
            sender.send_request(Request::from_parts(parts, body)).await
        };
        match answer.await {
            Ok(answer) => {
                let mut answer = answer.map(Body::new);
                for name in HOP_BY_HOP {
                    answer.headers_mut().remove(name);
                }
                answer
            }
            Err(error) => {
                let why = format!("{host} is allowed, but did not answer: {error}");
                (self.0.refuse)(&noted, &host, StatusCode::BAD_GATEWAY, why)
            }
        }
    }
}

/// Whether a `Host` header means the host of the request line.
fn same_host(authority: &Authority, named: &[u8]) -> bool {
    let Ok(named) = Authority::try_from(named) else {
        return false;
    };
    // A default port may be there or not.
    let port = |it: &Authority| it.port_u16().filter(|port| ![80, 443].contains(port));
    authority.host().eq_ignore_ascii_case(named.host()) && port(authority) == port(&named)
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("own", &self.0.own)
            .field("allowed", &self.0.allowed)
            .finish_non_exhaustive()
    }
}
