//! The options of put, get, mixed and multipart.

use std::{path::PathBuf, time::Duration};

use clap::Args as Group;

use crate::{
    failure::Failure,
    load::{self, Load, Mix},
    plot,
    report::{Report, Settings},
    size::Sizes,
    target::{TargetName, TargetOptions},
};

/// What all objects of a run may take together, unless their number is given.
const USUAL_BYTES: u64 = 1 << 30;
const USUAL_OBJECTS: u64 = 16;
const USUAL_DURATION: Duration = Duration::from_secs(10);
/// Requests to the live service unless told otherwise: somebody pays for them.
const LIVE_REQUESTS: u64 = 10_000;

#[derive(Debug, Group)]
pub(crate) struct LoadOptions {
    #[command(flatten)]
    target: TargetOptions,
    /// Bytes an object, like 4k or 64m, or a range like 4k..64m, even in its logarithm
    #[arg(long, default_value = "4k")]
    size: Sizes,
    /// Clients at once, each with connections of its own
    #[arg(long, default_value_t = 8, alias = "clients", value_parser = clap::value_parser!(u32).range(1..=4096))]
    concurrency: u32,
    /// How long, in seconds [default: 10, or until each object had its turn if --objects is given]
    #[arg(long, value_name = "S", value_parser = seconds)]
    duration: Option<Duration>,
    /// Objects of each client, taken in turn [default: 16, or fewer that take 1 GiB in all]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    objects: Option<u32>,
    /// Operations a second, of all clients. Latencies then count from when an operation was due, so
    /// that a server that stands still is not measured only once
    #[arg(long, value_name = "N", value_parser = rate)]
    rate: Option<f64>,
    /// Compare the MD5 of every download with what was uploaded
    #[arg(long)]
    verify: bool,
    /// End before more requests than this, those that prepare and clean up included
    /// [default: none; live: 10000]
    #[arg(long, value_name = "N")]
    max_requests: Option<u64>,
    /// Write all figures here
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw throughput and latencies over time, as .svg or .png
    #[arg(long, value_name = "FILE", value_parser = plot::file)]
    plot: Option<PathBuf>,
}

impl LoadOptions {
    /// Runs, and writes what is to be written.
    pub(crate) async fn run(self, command: &str, mix: Mix) -> Result<Report, Failure> {
        let objects = self.objects.unwrap_or_else(|| {
            let at_once = self.size.mean().max(1) * u64::from(self.concurrency);
            let fitting = (USUAL_BYTES / at_once).clamp(1, USUAL_OBJECTS);
            u32::try_from(fitting).unwrap_or(1)
        });
        let duration = match (self.duration, self.objects) {
            (None, Some(_)) => None,
            (given, _) => Some(given.unwrap_or(USUAL_DURATION)),
        };
        let is_live = self.target.target == TargetName::Live;
        let settings = Settings {
            command: command.to_owned(),
            target: self.target.target.to_string(),
            size: self.size.to_string(),
            concurrency: self.concurrency,
            objects,
            rate: self.rate,
            verify: self.verify,
        };
        let load = Load {
            mix,
            sizes: self.size,
            concurrency: self.concurrency,
            duration,
            objects,
            rate: self.rate,
            verify: self.verify,
            max_requests: self.max_requests.or(is_live.then_some(LIVE_REQUESTS)),
        };
        let report = load::run(load, settings, self.target.open().await?).await?;
        if let Some(path) = &self.json {
            report.write(path)?;
        }
        if let Some(path) = &self.plot {
            plot::write(&report, path)?;
        }
        Ok(report)
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let number = text.trim_end_matches('s').parse::<f64>().ok();
    number
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "a duration is a number of seconds above 0, like 30".into())
}

fn rate(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok();
    number
        .filter(|rate| rate.is_finite() && *rate > 0.0)
        .ok_or_else(|| "a rate is a number of operations a second above 0".into())
}
