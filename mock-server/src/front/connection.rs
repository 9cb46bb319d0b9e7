//! One connection: plain or TLS by its first byte, requests of the service, and tunnels.

use std::{convert::Infallible, future::Future, io, pin::Pin, time::Duration};

use axum::{Router, body::Body, response::Response};
use hyper::{Method, body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{io::AsyncReadExt as _, net::TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::{
    Tls,
    duplex::{Duplex, Wire},
    malformed::{Answerer, Handling, Overheard},
    proxy::{Proxy, Verdict},
};
use crate::{
    faults::Faults,
    leaks::{How, Leak, Leaks, who},
};

/// How long a client may take to send the head of a request, or to agree on TLS.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
/// The first byte of a TLS connection; no HTTP method begins with it.
const TLS_HANDSHAKE: u8 = 0x16;

/// What speaks on connections. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Speaker {
    pub(crate) router: Router,
    pub(crate) malformed: Answerer,
    pub(crate) tls: Tls,
    pub(crate) proxy: Proxy,
    pub(crate) leaks: Leaks,
    pub(crate) faults: Faults,
    /// Whether the peer is another machine.
    pub(crate) is_from_afar: bool,
    /// Whether this speaks inside a tunnel, where no further tunnel is opened: each would add a
    /// layer to the stream below, and enough of them overflow the stack.
    pub(crate) is_tunneled: bool,
}

/// Marks a request that has both Content-Length and Transfer-Encoding.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TwoLengths;

/// Marks a request of another machine.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FromAfar;

impl Speaker {
    /// Serves a connection until it ends, or the server does.
    pub(super) async fn serve(mut self, stream: TcpStream, stop: CancellationToken) {
        if self.is_astray(&stream) {
            return;
        }
        if let (Ok(here), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) {
            let (here, peer) = (here.ip().to_canonical(), peer.ip().to_canonical());
            self.is_from_afar = !peer.is_loopback() && peer != here;
        }
        // Without it a small answer waits for the client's delayed ACK, 40 ms on Linux.
        let _ = stream.set_nodelay(true);
        let mut first = [0];
        let peeked = tokio::select! {
            peeked = tokio::time::timeout(HEAD_TIMEOUT, stream.peek(&mut first)) => peeked,
            () = stop.cancelled() => return,
        };
        match peeked {
            Ok(Ok(1)) if first[0] == TLS_HANDSHAKE => self.handshake(stream, stop).await,
            Ok(Ok(1)) => self.http(stream, stop).await,
            _ => {}
        }
    }

    /// Whether a connection was meant for another machine: in a namespace, where every address is
    /// here, all arrive.
    fn is_astray(&self, stream: &TcpStream) -> bool {
        let (Ok(here), Ok(peer)) = (stream.local_addr(), stream.peer_addr()) else {
            return false;
        };
        if !self.proxy.is_for_another(here) {
            return false;
        }
        self.leaks.note(Leak {
            target: here.to_string(),
            how: How::Connected,
            who: who(peer, false),
        });
        true
    }

    /// Serves what a tunnel carries. Boxed, because serving a connection can open a tunnel.
    fn serve_inside(
        mut self,
        stream: Box<dyn Duplex>,
        stop: CancellationToken,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        self.is_tunneled = true;
        Box::pin(async move {
            let mut stream = stream;
            let mut first = [0];
            let read = tokio::time::timeout(HEAD_TIMEOUT, stream.read_exact(&mut first));
            let Ok(Ok(_)) = read.await else { return };
            let (reader, writer) = tokio::io::split(stream);
            let whole = tokio::io::join(io::Cursor::new(first).chain(reader), writer);
            if first[0] == TLS_HANDSHAKE {
                self.handshake(whole, stop).await;
            } else {
                self.http(whole, stop).await;
            }
        })
    }

    async fn handshake(self, stream: impl Duplex, stop: CancellationToken) {
        let tls = self.tls.clone();
        match tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.http(stream, stop).await,
            Ok(Err(error)) => tracing::warn!("{error}"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn http<S: Duplex>(self, stream: S, stop: CancellationToken) {
        let handling = Handling::default();
        let wire = Wire::default();
        let stream = Overheard::new(
            stream,
            handling.clone(),
            wire.clone(),
            self.malformed.clone(),
            self.proxy.clone(),
        );
        let service = service_fn(|mut request: hyper::Request<Incoming>| {
            if handling.begin() {
                request.extensions_mut().insert(TwoLengths);
            }
            if self.is_from_afar {
                request.extensions_mut().insert(FromAfar);
            }
            if self.faults.are_set() {
                request.extensions_mut().insert(wire.clone());
            }
            let (speaker, stop) = (self.clone(), stop.clone());
            async move { Ok::<_, Infallible>(speaker.answer::<S>(request, stop).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            // The service writes names like this, and clients look for them by case
            // (`[choice H-10]`).
            .title_case_headers(true)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let result = tokio::select! {
            result = &mut connection => result,
            () = stop.cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!("a connection ended early: {error}");
        }
    }

    async fn answer<S: Duplex>(
        self,
        request: hyper::Request<Incoming>,
        stop: CancellationToken,
    ) -> Response {
        // Requests in origin form are all for this server.
        if request.uri().authority().is_none() {
            return self.route(request.map(Body::new)).await;
        }
        let is_tunnel = request.method() == Method::CONNECT;
        if is_tunnel && self.is_tunneled {
            return self.proxy.refuse_nested_tunnel(&request);
        }
        match self.proxy.judge(&request).await {
            Verdict::Refused(answer) => answer,
            Verdict::Ours if is_tunnel => {
                if let Err(missing) = Tls::check_support() {
                    return self.proxy.refuse_own_tunnel(&request, missing);
                }
                tokio::spawn(async move {
                    if let Some(stream) = upgraded::<S>(request).await {
                        self.serve_inside(stream, stop).await;
                    }
                });
                Response::new(Body::empty())
            }
            Verdict::Ours => self.route(request.map(Body::new)).await,
            Verdict::Tunnel(mut remote) => {
                tokio::spawn(async move {
                    if let Some(mut stream) = upgraded::<S>(request).await {
                        tokio::select! {
                            _ = tokio::io::copy_bidirectional(&mut stream, &mut remote) => {}
                            () = stop.cancelled() => {}
                        }
                    }
                });
                Response::new(Body::empty())
            }
            Verdict::Forward(remote) => self.proxy.forward(request, remote).await,
        }
    }

    async fn route(self, request: hyper::Request<Body>) -> Response {
        match self.router.oneshot(request).await {
            Ok(answer) => answer,
            Err(never) => match never {},
        }
    }
}

/// The bytes behind a CONNECT, once it is answered.
async fn upgraded<S: Duplex>(request: hyper::Request<Incoming>) -> Option<Box<dyn Duplex>> {
    let upgraded = hyper::upgrade::on(request).await.ok()?;
    let parts = upgraded.downcast::<TokioIo<Overheard<S>>>().ok()?;
    let (unread, stream) = parts.io.into_inner().into_parts();
    let (reader, writer) = tokio::io::split(stream);
    let sent_early = io::Cursor::new(parts.read_buf).chain(io::Cursor::new(unread));
    Some(Box::new(tokio::io::join(sent_early.chain(reader), writer)))
}
