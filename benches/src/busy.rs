//! Downloads while the server has tasks to do.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use upyun_client::{Body, Client, Endpoint, Result, RetryPolicy, VideoTask};
use upyun_mock::MockServer;

use crate::{
    load::{Load, get, histogram},
    report::Report,
};

/// Tasks of one request.
const BATCH: u32 = 10;
const SOURCE: &str = "/bench/source";
const OBJECT: &str = "/bench/object";

/// Submits tasks on a video, all at once, and downloads an object again and again until the last has
/// ended.
pub(crate) async fn run(load: &Load, source: PathBuf, tasks: u32) -> Result<Report> {
    let (_server, endpoint) = match &load.endpoint {
        Some(url) => (None, url.clone()),
        None => {
            let server = MockServer::start().await;
            let url = server.url();
            (Some(server), url)
        }
    };
    let client = || {
        Client::builder(&load.service, &load.operator, &*load.password)
            .endpoint(Endpoint::url(&endpoint))
            .retry(RetryPolicy::none())
            .build()
    };
    let submitter = client()?;
    submitter
        .put(SOURCE)
        .body(Body::path(source))
        .send()
        .await?;
    let content = vec![b'x'; usize::try_from(load.size_bytes).unwrap_or(usize::MAX)];
    submitter.put(OBJECT).body(content).send().await?;
    let start = Instant::now();
    let mut ids = Vec::new();
    for first in (0..tasks).step_by(BATCH as usize) {
        let mut batch = submitter.process_media(SOURCE);
        for number in first..tasks.min(first + BATCH) {
            let task = VideoTask::new().size(320, 180);
            batch = batch.task(task.save_as(format!("/bench/made/{number}.mp4")));
        }
        ids.extend(batch.send().await?);
    }
    let ended = Arc::new(AtomicBool::new(false));
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..load.clients {
        let (client, ended) = (client()?, Arc::clone(&ended));
        readers.spawn(async move {
            let mut latencies = histogram();
            while !ended.load(Ordering::Relaxed) {
                get(&client, OBJECT, &mut latencies).await?;
            }
            Ok(latencies)
        });
    }
    let results = submitter.wait_for_tasks(&ids).send().await;
    ended.store(true, Ordering::Relaxed);
    let failed = results?.iter().filter(|it| !it.is_success()).count();
    if failed > 0 {
        eprintln!("upyun-bench: {failed} of {tasks} tasks failed");
    }
    let mut latencies = histogram();
    while let Some(done) = readers.join_next().await {
        let one = done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        latencies.add(one).expect("histograms of one shape");
    }
    Ok(Report {
        elapsed: start.elapsed(),
        bytes: latencies.len() * load.size_bytes,
        latencies,
    })
}
