//! A run: prepare, measure, clean up.

mod clean;
mod client;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::client::LoadClient;
use crate::{
    failure::Failure,
    operation::Operation,
    progress::Progress,
    recorder::Recorder,
    report::{Ended, Report, Settings},
    size::Sizes,
    target::Target,
};

/// How long operations that have begun may take when the time is over.
const GRACE: Duration = Duration::from_secs(30);

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Load {
    pub(crate) mix: Mix,
    pub(crate) sizes: Sizes,
    pub(crate) concurrency: u32,
    /// If there is none, every object has one turn.
    pub(crate) duration: Option<Duration>,
    /// Of each client.
    pub(crate) objects: u32,
    pub(crate) rate: Option<f64>,
    pub(crate) verify: bool,
    pub(crate) max_requests: Option<u64>,
}

/// Which operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mix {
    Only(Operation),
    /// This many of a hundred are downloads, the others uploads.
    Reads(u8),
}

impl Mix {
    /// Whether the objects must be there beforehand.
    fn reads(self) -> bool {
        !matches!(self, Self::Only(Operation::Put | Operation::Multipart))
    }

    fn next(self) -> Operation {
        match self {
            Self::Only(operation) => operation,
            Self::Reads(percent) if rand::random::<f64>() * 100.0 < percent.into() => {
                Operation::Get
            }
            Self::Reads(_) => Operation::Put,
        }
    }
}

/// What all clients of a run share.
#[derive(Debug)]
struct Run {
    load: Load,
    /// Everything is below it.
    folder: String,
    budget: Budget,
    /// Cuts off what is under way.
    stop: CancellationToken,
}

/// Requests that may still be made.
#[derive(Debug)]
struct Budget(AtomicU64);

impl Budget {
    fn take(&self, requests: u64) -> bool {
        let take = |left: u64| left.checked_sub(requests);
        let order = Ordering::Relaxed;
        self.0.fetch_update(order, order, take).is_ok()
    }
}

/// Runs until the time is over, the work is done, the budget is spent, or somebody presses Ctrl-C;
/// whichever it is, what was made on the target is removed.
pub(crate) async fn run(load: Load, settings: Settings, target: Target) -> Result<Report, Failure> {
    let run = Arc::new(Run {
        load,
        folder: format!("/upyun-bench-{:016x}", rand::random::<u64>()),
        budget: Budget(AtomicU64::new(load.max_requests.unwrap_or(u64::MAX))),
        stop: CancellationToken::new(),
    });
    // The folders' own removal.
    run.budget.take(u64::from(load.concurrency) + 1);
    let interrupted = tokio::spawn(interrupt(run.stop.clone(), run.folder.clone()));
    let touched: Arc<[AtomicU32]> = (0..load.concurrency).map(|_| AtomicU32::new(0)).collect();
    let measured = measure(&run, &settings, &target, &touched).await;
    let cleaned = clean::up(&run, &target, &touched).await;
    interrupted.abort();
    let report = measured?;
    if let Err(failure) = cleaned {
        eprintln!(
            "upyun-bench: {} could not be removed: {failure}; remove it by hand",
            run.folder
        );
    }
    if report.operations == 0
        && let Some(why) = report.errors.keys().next()
    {
        return Err(Failure::NothingWorked(why.clone()));
    }
    Ok(report)
}

async fn measure(
    run: &Arc<Run>,
    settings: &Settings,
    target: &Target,
    touched: &Arc<[AtomicU32]>,
) -> Result<Report, Failure> {
    let mut clients = Vec::new();
    for number in 0..run.load.concurrency {
        let client = target.client()?;
        clients.push(LoadClient::new(
            Arc::clone(run),
            client,
            number,
            Arc::clone(touched),
        ));
    }
    if run.load.mix.reads() {
        let mut preparing = JoinSet::new();
        for mut client in clients.drain(..) {
            preparing.spawn(async move { client.prepare().await.map(|()| client) });
        }
        while let Some(prepared) = preparing.join_next().await {
            clients.push(joined(prepared)?);
        }
    }
    let recorder = Arc::new(Recorder::start());
    let start = Instant::now();
    let deadline = run.load.duration.map(|duration| start + duration);
    let mut working = JoinSet::new();
    for client in clients {
        working.spawn(client.work(Arc::clone(&recorder), start, deadline));
    }
    let progress = Progress::start(Arc::clone(&recorder), run.load.duration);
    let cut_off = run.stop.clone();
    let grace = tokio::spawn(async move {
        if let Some(deadline) = deadline {
            tokio::time::sleep_until((deadline + GRACE).into()).await;
            cut_off.cancel();
        }
    });
    let mut ended = Ended::Done;
    while let Some(done) = working.join_next().await {
        match joined(done) {
            Ended::Done => {}
            other if ended == Ended::Done => ended = other,
            _ => {}
        }
    }
    grace.abort();
    progress.stop().await;
    Ok(Report::new(settings.clone(), ended, recorder.tally()))
}

/// Ctrl-C ends the run with a report; a second one ends the process.
async fn interrupt(stop: CancellationToken, folder: String) {
    if tokio::signal::ctrl_c().await.is_err() {
        return;
    }
    stop.cancel();
    if tokio::signal::ctrl_c().await.is_ok() {
        eprintln!("upyun-bench: {folder} is left behind; remove it by hand");
        std::process::exit(130);
    }
}

fn joined<T>(done: Result<T, tokio::task::JoinError>) -> T {
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_never_overdrawn() {
        let budget = Budget(AtomicU64::new(5));
        assert!(budget.take(3));
        assert!(!budget.take(3));
        assert!(budget.take(2));
        assert!(!budget.take(1));
    }
}
