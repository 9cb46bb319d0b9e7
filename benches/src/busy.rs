//! Downloads while the server has tasks to do.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use clap::Args as Group;
use upyun_client::{Body, VideoTask};

use crate::{
    content::Content,
    failure::Failure,
    operation::{Hand, Operation, Stored},
    recorder::Recorder,
    report::{Ended, Report, Settings},
    size,
    target::TargetOptions,
};

/// Tasks of one request.
const BATCH: u32 = 10;
const SOURCE: &str = "/bench/source";
const OBJECT: &str = "/bench/object";

#[derive(Debug, Group)]
pub(crate) struct TaskOptions {
    /// The video to work on
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    /// Tasks that are submitted at once
    #[arg(long, default_value_t = 100)]
    tasks: u32,
    #[command(flatten)]
    target: TargetOptions,
    /// Clients that download, each with connections of its own
    #[arg(long, default_value_t = 8, alias = "clients")]
    concurrency: u32,
    /// Bytes of the object, like 4k, 64m or 1g
    #[arg(long, default_value = "4k", value_parser = size::bytes)]
    size: u64,
}

/// Submits tasks on a video, all at once, and downloads an object again and again until the last has
/// ended.
pub(crate) async fn run(options: TaskOptions) -> Result<Report, Failure> {
    let TaskOptions {
        source,
        tasks,
        concurrency,
        ..
    } = options;
    let settings = Settings {
        command: "tasks".to_owned(),
        target: options.target.target.to_string(),
        size: options.size.to_string(),
        concurrency,
        objects: 1,
        rate: None,
        verify: false,
    };
    let target = options.target.open().await?;
    let submitter = target.client()?;
    submitter
        .put(SOURCE)
        .body(Body::path(source))
        .send()
        .await?;
    let recorder = Arc::new(Recorder::start());
    let content = Content {
        seed: 0,
        size_bytes: options.size,
    };
    let body = content.body(Arc::clone(&recorder));
    submitter.put(OBJECT).body(body).send().await?;
    let recorder = Arc::new(Recorder::start());
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
    let object = Stored { content, md5: None };
    let mut readers = tokio::task::JoinSet::new();
    for _ in 0..concurrency {
        let hand = Hand {
            client: target.client()?,
            recorder: Arc::clone(&recorder),
        };
        let ended = Arc::clone(&ended);
        readers.spawn(async move {
            while !ended.load(Ordering::Relaxed) {
                let start = Instant::now();
                match hand.run(Operation::Get, OBJECT, object).await {
                    Ok(()) => hand.recorder.succeeded(
                        Operation::Get.name(),
                        start.elapsed(),
                        content.size_bytes,
                    ),
                    Err(why) => hand.recorder.failed(why),
                }
            }
        });
    }
    let results = submitter.wait_for_tasks(&ids).send().await;
    ended.store(true, Ordering::Relaxed);
    let failed = results?.iter().filter(|it| !it.is_success()).count();
    if failed > 0 {
        eprintln!("upyun-bench: {failed} of {tasks} tasks failed");
    }
    while let Some(done) = readers.join_next().await {
        done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()));
    }
    Ok(Report::new(settings, Ended::Done, recorder.tally()))
}
