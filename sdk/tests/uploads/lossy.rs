//! Many uploads over a network that breaks connections.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::{StreamExt as _, stream};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use upyun_client::{Client, Endpoint, RetryPolicy, UploadMode};
use upyun_mock::MockServer;

use super::support::{MIB, content, file_of, settled};

/// A relay that cuts two connections of three, after some bytes of a request or of an answer.
struct Lossy {
    address: SocketAddr,
    cuts: Arc<AtomicU64>,
}

impl Lossy {
    async fn before(server: SocketAddr, seed: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cuts = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&cuts);
        tokio::spawn(async move {
            let mut seed = seed;
            while let Ok((client, _)) = listener.accept().await {
                // Knuth's generator: what matters is that a seed gives one schedule.
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let draw = seed >> 33;
                let (up, down) = match draw % 3 {
                    0 => (u64::MAX, u64::MAX),
                    1 => (draw % (3 * MIB as u64), u64::MAX),
                    _ => (u64::MAX, draw % 900),
                };
                tokio::spawn(relay(client, server, up, down, Arc::clone(&count)));
            }
        });
        Self { address, cuts }
    }
}

async fn relay(client: TcpStream, server: SocketAddr, up: u64, down: u64, cuts: Arc<AtomicU64>) {
    let Ok(server) = TcpStream::connect(server).await else {
        return;
    };
    let (client_in, client_out) = client.into_split();
    let (server_in, server_out) = server.into_split();
    let was_cut = tokio::select! {
        was_cut = pump(client_in, server_out, up) => was_cut,
        was_cut = pump(server_in, client_out, down) => was_cut,
    };
    if was_cut {
        cuts.fetch_add(1, Ordering::Relaxed);
    }
}

/// Whether the limit ended it.
async fn pump(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut left: u64,
) -> bool {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return false,
            Ok(read) => {
                let pass = left.min(read as u64);
                left -= pass;
                if to.write_all(&buffer[..pass as usize]).await.is_err() {
                    return false;
                }
                if left == 0 {
                    return true;
                }
            }
        }
    }
}

fn patient_client(server: &MockServer, relay: &Lossy) -> Client {
    let operator = server.operator();
    let policy = RetryPolicy::default()
        .attempts(40)
        .base_delay(Duration::from_millis(1))
        .max_delay(Duration::from_millis(5));
    Client::builder(
        server.service_name().as_str(),
        &*operator.name,
        operator.password.as_ref().unwrap().reveal(),
    )
    .endpoint(Endpoint::url(format!("http://{}", relay.address)))
    .retry(policy)
    .build()
    .unwrap()
}

#[tokio::test]
async fn sixty_four_uploads_at_once_arrive_whole() {
    let server = MockServer::start().await;
    let relay = Lossy::before(server.address(), 0x5eed).await;
    let client = patient_client(&server, &relay);
    let modes = [UploadMode::Whole, UploadMode::Ordered, UploadMode::Parallel];
    let uploads = stream::iter(0..64_usize).map(|n| {
        let client = client.clone();
        async move {
            let content = content(n * 40_000 + 1);
            let file = file_of(&content);
            let key = format!("/many/{n}");
            let upload = client.upload_file(file.path(), &key).mode(modes[n % 3]);
            upload.checksum().send().await.unwrap();
            (key, content)
        }
    });
    let done: Vec<_> = uploads.buffer_unordered(64).collect().await;
    assert!(
        relay.cuts.load(Ordering::Relaxed) > 20,
        "the network was too good"
    );
    for (key, content) in done {
        assert!(server.get_object(&key).unwrap() == content, "{key}");
    }
    cancel_orphans(&server.client()).await;
    settled(&server).await;
}

#[tokio::test]
async fn sixteen_parts_in_flight_of_one_upload() {
    let server = MockServer::start().await;
    let relay = Lossy::before(server.address(), 0xfee1).await;
    let client = patient_client(&server, &relay);
    let content = content(40 * MIB + 12_345);
    let file = file_of(&content);
    let upload = client.upload_file(file.path(), "/wide");
    let upload = upload.mode(UploadMode::Parallel).concurrency(16);
    upload.checksum().send().await.unwrap();
    assert!(
        relay.cuts.load(Ordering::Relaxed) > 5,
        "the network was too good"
    );
    assert!(server.get_object("/wide").unwrap() == content);
    cancel_orphans(&server.client()).await;
    settled(&server).await;
}

/// An initiate whose answer was lost makes an upload that nobody knows, and that waits for its day.
async fn cancel_orphans(client: &Client) {
    for unfinished in client.unfinished_uploads().send().await.unwrap() {
        let upload = client.resume_multipart(&unfinished.key, unfinished.id);
        upload.unwrap().cancel().send().await.unwrap();
    }
}
