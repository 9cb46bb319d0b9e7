//! What was measured, for people and, as JSON, for programs.

use std::{collections::BTreeMap, fmt, path::Path};

use hdrhistogram::Histogram;
use serde::{Deserialize, Serialize};

use crate::{failure::Failure, recorder::Tally};

/// The figures of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Report {
    /// Of upyun-bench.
    pub(crate) version: String,
    pub(crate) settings: Settings,
    pub(crate) ended: Ended,
    pub(crate) elapsed_seconds: f64,
    /// That succeeded.
    pub(crate) operations: u64,
    /// Failed operations, by what failed.
    pub(crate) errors: BTreeMap<String, u64>,
    /// Of objects that arrived whole.
    pub(crate) bytes: u64,
    pub(crate) operations_per_second: f64,
    pub(crate) bytes_per_second: f64,
    /// By operation.
    pub(crate) latency_ms: BTreeMap<String, Latency>,
    pub(crate) timeline: Vec<Sample>,
}

/// What was run: figures compare only where these are the same.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Settings {
    pub(crate) command: String,
    pub(crate) target: String,
    pub(crate) size: String,
    pub(crate) concurrency: u32,
    pub(crate) objects: u32,
    /// Operations a second that were asked for. Then latencies count from when an operation was due.
    pub(crate) rate: Option<f64>,
    pub(crate) verify: bool,
}

/// Why a run was over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended {
    /// All that was asked for was done.
    Done,
    /// The budget of requests was spent.
    Budget,
    /// Somebody pressed Ctrl-C.
    Interrupted,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Latency {
    pub(crate) count: u64,
    pub(crate) mean: f64,
    pub(crate) p50: f64,
    pub(crate) p90: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) max: f64,
}

/// A stretch of time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Its end, from the start of the run.
    pub(crate) until_seconds: f64,
    pub(crate) seconds: f64,
    pub(crate) operations: u64,
    pub(crate) errors: u64,
    /// That went over the wire, also of operations that were not over.
    pub(crate) bytes: u64,
    pub(crate) p50_ms: f64,
    pub(crate) p90_ms: f64,
    pub(crate) p99_ms: f64,
}

impl Report {
    pub(crate) fn new(settings: Settings, ended: Ended, tally: Tally) -> Self {
        let seconds = tally.elapsed.as_secs_f64();
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            settings,
            ended,
            elapsed_seconds: seconds,
            operations: tally.operations,
            operations_per_second: tally.operations as f64 / seconds,
            bytes: tally.bytes,
            bytes_per_second: tally.bytes as f64 / seconds,
            errors: tally.errors,
            latency_ms: tally.latency_ms,
            timeline: tally.timeline,
        }
    }

    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let text = std::fs::read(path).map_err(|error| Failure::file("read", path, error))?;
        serde_json::from_slice(&text).map_err(|error| Failure::NotAReport(path.into(), error))
    }

    pub(crate) fn write(&self, path: &Path) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(self).expect("figures always serialise");
        std::fs::write(path, text + "\n").map_err(|error| Failure::file("write", path, error))
    }
}

impl Latency {
    /// Of a histogram in microseconds.
    pub(crate) fn of(micros: &Histogram<u64>) -> Self {
        let at = |quantile| micros.value_at_quantile(quantile) as f64 / 1e3;
        Self {
            count: micros.len(),
            mean: micros.mean() / 1e3,
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p999: at(0.999),
            max: micros.max() as f64 / 1e3,
        }
    }

    /// The figures in their order, named as people name them.
    pub(crate) fn figures(&self) -> [(&'static str, f64); 6] {
        [
            ("mean", self.mean),
            ("p50", self.p50),
            ("p90", self.p90),
            ("p99", self.p99),
            ("p99.9", self.p999),
            ("max", self.max),
        ]
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings {
            command,
            target,
            size,
            concurrency,
            ..
        } = &self.settings;
        writeln!(f, "{command} of {size}, {concurrency} at once, on {target}")?;
        writeln!(
            f,
            "{} operations in {:.2} s: {:.1} a second, {:.1} MB/s",
            self.operations,
            self.elapsed_seconds,
            self.operations_per_second,
            self.bytes_per_second / 1e6,
        )?;
        for (operation, latency) in &self.latency_ms {
            write!(f, "latency of {operation} in ms:")?;
            for (name, ms) in latency.figures() {
                write!(f, "  {name} {ms:.3}")?;
            }
            writeln!(f)?;
        }
        for (why, count) in &self.errors {
            writeln!(f, "failed, {count} times: {why}")?;
        }
        match self.ended {
            Ended::Done => Ok(()),
            Ended::Budget => writeln!(f, "ended early: the budget of requests is spent"),
            Ended::Interrupted => writeln!(f, "ended early: interrupted"),
        }
    }
}
