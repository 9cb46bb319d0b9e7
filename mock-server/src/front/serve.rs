//! Listening sockets, and the connections that come in.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use super::Speaker;

/// How long running requests may take to finish when the server stops.
const GRACE: Duration = Duration::from_secs(10);
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
    speaker: Speaker,
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
                    connections.spawn(speaker.clone().serve(stream, stop.clone()));
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
