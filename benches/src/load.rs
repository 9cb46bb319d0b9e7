//! Clients that upload or download, all at once.

use std::time::Instant;

use bytes::Bytes;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use hdrhistogram::Histogram;
use upyun_client::{Body, Client, Endpoint, Error, Result, RetryPolicy};
use upyun_mock::MockServer;

use crate::report::Report;

/// What is to be done.
#[derive(Debug)]
pub(crate) struct Load {
    pub(crate) direction: Direction,
    pub(crate) endpoint: Option<String>,
    pub(crate) service: String,
    pub(crate) operator: String,
    pub(crate) password: String,
    pub(crate) clients: u32,
    pub(crate) objects: u32,
    pub(crate) size_bytes: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Put,
    Multipart,
    Get,
}

/// Bytes that a body hands over at once.
const CHUNK_BYTES: u64 = 256 * 1024;

pub(crate) async fn run(load: &Load) -> Result<Report> {
    let (server, endpoint) = match &load.endpoint {
        Some(url) => (None, url.clone()),
        None => {
            let server = MockServer::start().await;
            let url = server.url();
            (Some(server), url)
        }
    };
    if server.is_some() && load.direction == Direction::Get {
        let put = Load {
            direction: Direction::Put,
            endpoint: Some(endpoint.clone()),
            service: load.service.clone(),
            operator: load.operator.clone(),
            password: load.password.clone(),
            ..*load
        };
        Box::pin(run(&put)).await?;
    }
    let start = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..load.clients {
        // A client of its own has connections of its own.
        let client = Client::builder(&load.service, &load.operator, &*load.password)
            .endpoint(Endpoint::url(&endpoint))
            .retry(RetryPolicy::none())
            .build()?;
        let (direction, objects, size) = (load.direction, load.objects, load.size_bytes);
        tasks.spawn(async move { work(&client, direction, number, objects, size).await });
    }
    let mut latencies = histogram();
    while let Some(done) = tasks.join_next().await {
        let one = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        latencies.add(one).expect("histograms of one shape");
    }
    Ok(Report {
        elapsed: start.elapsed(),
        bytes: u64::from(load.clients) * u64::from(load.objects) * load.size_bytes,
        latencies,
    })
}

/// One client's share: its objects, one after the other. Gives the latencies in microseconds.
async fn work(
    client: &Client,
    direction: Direction,
    number: u32,
    objects: u32,
    size_bytes: u64,
) -> Result<Histogram<u64>, Error> {
    let mut latencies = histogram();
    for object in 0..objects {
        let key = format!("/bench/{number}/{object}");
        let start = Instant::now();
        match direction {
            Direction::Get => {
                get(client, &key, &mut latencies).await?;
                continue;
            }
            Direction::Put => {
                client.put(&key).body(content(size_bytes)).send().await?;
            }
            Direction::Multipart => multipart(client, &key, size_bytes).await?,
        }
        latencies.saturating_record(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
    }
    Ok(latencies)
}

/// Downloads an object; adds how long it took.
pub(crate) async fn get(
    client: &Client,
    key: &str,
    latencies: &mut Histogram<u64>,
) -> Result<(), Error> {
    let start = Instant::now();
    let mut download = client.get(key).send().await?;
    while download.chunk().await?.is_some() {}
    latencies.saturating_record(u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX));
    Ok(())
}

const PART_BYTES: u64 = 4 * 1024 * 1024;
const PARTS_AT_ONCE: usize = 4;

async fn multipart(client: &Client, key: &str, size_bytes: u64) -> Result<()> {
    let begin = client.begin_multipart(key).part_size(PART_BYTES);
    let upload = begin.length(size_bytes).send().await?;
    let chunk = Bytes::from(vec![b'x'; PART_BYTES as usize]);
    let parts = stream::iter((0..size_bytes).step_by(PART_BYTES as usize).zip(0..));
    let sent = parts.map(|(at, part)| {
        let length = (size_bytes - at).min(PART_BYTES) as usize;
        upload.upload(part, chunk.slice(..length))
    });
    sent.buffer_unordered(PARTS_AT_ONCE)
        .try_collect::<()>()
        .await?;
    upload.complete(None).await.map(|_| ())
}

/// A body of this size that takes no memory of this size.
fn content(size_bytes: u64) -> Body {
    let chunk = Bytes::from(vec![b'x'; size_bytes.min(CHUNK_BYTES) as usize]);
    let chunks = (0..size_bytes)
        .step_by(CHUNK_BYTES as usize)
        .map(move |at| {
            let length = (size_bytes - at).min(CHUNK_BYTES) as usize;
            Ok::<_, std::io::Error>(chunk.slice(..length))
        });
    Body::stream(stream::iter(chunks)).length(size_bytes)
}

pub(crate) fn histogram() -> Histogram<u64> {
    // A microsecond to an hour, three digits.
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("good bounds")
}
