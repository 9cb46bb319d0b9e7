//! Accepts connections and speaks HTTP/1.1 on them.

use std::{convert::Infallible, io, net::SocketAddr, time::Duration};

use axum::Router;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::malformed::{Answerer, Handling, Overheard};

/// How long running requests may take to finish when the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);
const BACKLOG: i32 = 1024;

/// Opens a listening socket.
pub(crate) fn bind(address: SocketAddr) -> io::Result<std::net::TcpListener> {
    let socket = socket2::Socket::new(
        socket2::Domain::for_address(address),
        socket2::Type::STREAM,
        None,
    )?;
    // A server that is started again at once must get its port back.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

/// What happens to running requests when the server stops.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Farewell {
    /// They finish, within reason.
    Graceful,
    /// They are cut off.
    Abrupt,
}

/// Serves connections until told to stop.
pub(crate) async fn serve(
    listeners: Vec<TcpListener>,
    router: Router,
    unparsable: Answerer,
    stop: CancellationToken,
    farewell: Farewell,
) {
    let mut connections = JoinSet::new();
    let mut acceptors = JoinSet::new();
    let (sender, mut accepted) = tokio::sync::mpsc::channel(64);
    for listener in listeners {
        let (sender, stop) = (sender.clone(), stop.clone());
        acceptors.spawn(async move { accept(listener, sender, stop).await });
    }
    drop(sender);
    loop {
        tokio::select! {
            stream = accepted.recv() => match stream {
                Some(stream) => {
                    let (router, unparsable) = (router.clone(), unparsable.clone());
                    connections.spawn(connection(stream, router, unparsable, stop.clone()));
                }
                None => break,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    if farewell == Farewell::Graceful {
        let finished = async { while connections.join_next().await.is_some() {} };
        if tokio::time::timeout(GRACE, finished).await.is_err() {
            tracing::warn!("some requests did not finish in {GRACE:?}; they are cut off");
        }
    }
    connections.shutdown().await;
}

async fn accept(
    listener: TcpListener,
    accepted: tokio::sync::mpsc::Sender<TcpStream>,
    stop: CancellationToken,
) {
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => return,
            stream = listener.accept() => stream,
        };
        match stream {
            Ok((stream, _)) => {
                if accepted.send(stream).await.is_err() {
                    return;
                }
            }
            Err(error) => {
                // Out of file descriptors, mostly: others will be closed soon.
                tracing::warn!("a connection was not accepted: {error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    router: Router,
    unparsable: Answerer,
    stop: CancellationToken,
) {
    // Without it a small answer waits for the client's delayed ACK, 40 ms on Linux.
    let _ = stream.set_nodelay(true);
    let handling = Handling::default();
    let stream = Overheard::new(stream, handling.clone(), unparsable);
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        handling.begin();
        let router = router.clone();
        async move { Ok::<_, Infallible>(answer(router, request).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
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

async fn answer(
    router: Router,
    request: hyper::Request<hyper::body::Incoming>,
) -> axum::response::Response {
    match router.oneshot(request.map(axum::body::Body::new)).await {
        Ok(answer) => answer,
        Err(never) => match never {},
    }
}
