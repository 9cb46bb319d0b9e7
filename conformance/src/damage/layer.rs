//! A proxy on loopback that applies a damage.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, copy, split},
    net::{TcpListener, TcpStream},
    task::AbortHandle,
    time::timeout,
};

use super::{
    Act, Damage, Scene,
    message::{Parsed, Request, Response, no_response},
};
use crate::wire;

/// How long the layer waits for the rest of a request before it passes on what it has: a client
/// may wait for the response before it goes on.
const PAUSE: Duration = Duration::from_millis(100);

/// Stands before an emulator until it is dropped.
#[derive(Debug)]
pub(crate) struct Layer {
    address: SocketAddr,
    serving: AbortHandle,
}

struct Shared {
    emulator: SocketAddr,
    damage: &'static Damage,
    scene: Scene,
}

impl Layer {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) async fn start(
        emulator: SocketAddr,
        damage: &'static Damage,
        scene: Scene,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            emulator,
            damage,
            scene,
        });
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let shared = Arc::clone(&shared);
                // An error ends the connection, which the client notices.
                tokio::spawn(async move { drop(serve(stream, &shared).await) });
            }
        });
        Ok(Self {
            address,
            serving: serving.abort_handle(),
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Layer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

type Side = BufReader<TcpStream>;

async fn serve(client: TcpStream, shared: &Shared) -> io::Result<()> {
    let emulator = TcpStream::connect(shared.emulator).await?;
    client.set_nodelay(true)?;
    emulator.set_nodelay(true)?;
    let (mut client, mut emulator) = (BufReader::new(client), BufReader::new(emulator));
    let mut received = Vec::new();
    loop {
        let is_idle = received.is_empty();
        let request = match Request::parse(&received) {
            Parsed::Opaque => return pass_through(client, emulator, &received).await,
            Parsed::Whole(request, length) => {
                let raw: Vec<u8> = received.drain(..length).collect();
                Some((request, raw))
            }
            Parsed::More => None,
        };
        if let Some((request, raw)) = request {
            if exchange(&mut client, &mut emulator, &request, &raw, shared).await? {
                return client.shutdown().await;
            }
            continue;
        }
        let more = client.fill_buf();
        let more = if is_idle {
            tokio::select! {
                more = more => more?.to_vec(),
                // It closes, or sends what no request asked for.
                spoken = emulator.fill_buf() => {
                    spoken?;
                    return pass_through(client, emulator, &received).await;
                }
            }
        } else {
            match timeout(PAUSE, more).await {
                Ok(more) => more?.to_vec(),
                Err(_) => return pass_through(client, emulator, &received).await,
            }
        };
        if more.is_empty() {
            return match is_idle {
                true => Ok(()),
                false => pass_through(client, emulator, &received).await,
            };
        }
        client.consume(more.len());
        received.extend(more);
    }
}

/// Forwards bytes in both directions until both sides have closed.
async fn pass_through(client: Side, emulator: Side, received: &[u8]) -> io::Result<()> {
    let (mut client_reads, mut client_writes) = split(client);
    let (mut emulator_reads, mut emulator_writes) = split(emulator);
    // An emulator that refuses may close while the client still sends: its response counts.
    let up = async {
        if emulator_writes.write_all(received).await.is_ok() {
            let _ = copy(&mut client_reads, &mut emulator_writes).await;
        }
        let _ = emulator_writes.shutdown().await;
    };
    let down = async {
        let _ = copy(&mut emulator_reads, &mut client_writes).await;
        let _ = client_writes.shutdown().await;
    };
    tokio::join!(up, down);
    Ok(())
}

/// One request and its response. Returns whether the connection is to be closed.
async fn exchange(
    client: &mut Side,
    emulator: &mut Side,
    request: &Request,
    raw: &[u8],
    shared: &Shared,
) -> io::Result<bool> {
    let scene = &shared.scene;
    let mut forwarded = request.clone();
    match &shared.damage.act {
        Act::Instead(respond) => {
            if let Some(response) = respond(request, scene) {
                client
                    .write_all(&response.to_bytes(&request.method))
                    .await?;
                return Ok(false);
            }
        }
        Act::Request(change) | Act::Both(change, _) => change(&mut forwarded, scene),
        Act::Twice(is_repeated) if is_repeated(request) => {
            forward(client, emulator, &request.method, raw).await?;
        }
        Act::Twice(_) | Act::Response(_) | Act::Nothing => {}
    }
    let mut response = match forwarded == *request {
        true => forward(client, emulator, &request.method, raw).await?,
        false => forward(client, emulator, &request.method, &forwarded.to_bytes()).await?,
    };
    if let Act::Response(change) | Act::Both(_, change) = &shared.damage.act {
        change(request, &mut response, scene);
    }
    scene.remember(request, &response);
    client
        .write_all(&response.to_bytes(&request.method))
        .await?;
    Ok(response.closes())
}

/// Sends a request to the emulator and reads its response; interim ones go to the client at once.
async fn forward(
    client: &mut Side,
    emulator: &mut Side,
    method: &str,
    bytes: &[u8],
) -> io::Result<Response> {
    // It may refuse and close before it has read everything.
    let _ = emulator.write_all(bytes).await;
    loop {
        let answer = wire::read_answer(emulator, method).await;
        let response = Response::from(answer.map_err(no_response)?);
        if response.status >= 200 {
            return Ok(response);
        }
        client.write_all(&response.to_bytes(method)).await?;
    }
}
