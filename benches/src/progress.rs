//! The line on a terminal that tells how it goes, and the samples of the timeline.

use std::{sync::Arc, time::Duration};

use indicatif::{ProgressBar, ProgressStyle};
use tokio_util::sync::CancellationToken;

use crate::{recorder::Recorder, report::Sample};

const EVERY: Duration = Duration::from_secs(1);

/// Takes a sample every second, and shows it if standard error is a terminal.
pub(crate) struct Progress {
    stop: CancellationToken,
    sampling: tokio::task::JoinHandle<()>,
}

impl Progress {
    pub(crate) fn start(recorder: Arc<Recorder>, duration: Option<Duration>) -> Self {
        let stop = CancellationToken::new();
        let sampling = tokio::spawn(sample(recorder, duration, stop.clone()));
        Self { stop, sampling }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        // A sampler that failed takes nothing from what was counted.
        let _ = self.sampling.await;
    }
}

async fn sample(recorder: Arc<Recorder>, duration: Option<Duration>, stop: CancellationToken) {
    let line = ProgressBar::new_spinner();
    let style = ProgressStyle::with_template("{spinner} {elapsed_precise} {wide_msg}");
    line.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
    let of = duration.map_or_else(String::new, |all| format!("of {} s  ", all.as_secs_f64()));
    let mut every = tokio::time::interval_at(tokio::time::Instant::now() + EVERY, EVERY);
    let mut errors = 0;
    loop {
        tokio::select! {
            _ = every.tick() => {}
            () = stop.cancelled() => break,
        }
        let sample = recorder.sample();
        errors += sample.errors;
        line.set_message(format!("{of}{}", text(&sample, errors)));
        line.tick();
    }
    line.finish_and_clear();
}

fn text(sample: &Sample, errors: u64) -> String {
    format!(
        "{:.1} MB/s  {:.0} operations/s  p50 {:.1} ms  p99 {:.1} ms  {errors} errors",
        sample.bytes as f64 / sample.seconds / 1e6,
        sample.operations as f64 / sample.seconds,
        sample.p50_ms,
        sample.p99_ms,
    )
}
