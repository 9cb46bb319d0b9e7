//! What happens during a run, counted.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use hdrhistogram::Histogram;

use crate::report::{Latency, Sample};

/// Counts operations, from any number of tasks.
#[derive(Debug)]
pub(crate) struct Recorder {
    start: Instant,
    /// Bytes as they go over the wire, of operations that are not over too.
    moved: AtomicU64,
    counts: Mutex<Counts>,
}

#[derive(Debug)]
struct Counts {
    /// Microseconds, by operation.
    latencies: BTreeMap<&'static str, Histogram<u64>>,
    errors: BTreeMap<String, u64>,
    /// Of operations that succeeded.
    bytes: u64,
    window: Window,
    timeline: Vec<Sample>,
}

/// What happened since the last sample.
#[derive(Debug)]
struct Window {
    since: Duration,
    moved_before: u64,
    latencies: Histogram<u64>,
    errors: u64,
}

/// All that was counted.
#[derive(Debug)]
pub(crate) struct Tally {
    pub(crate) elapsed: Duration,
    pub(crate) bytes: u64,
    pub(crate) operations: u64,
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) latency_ms: BTreeMap<String, Latency>,
    pub(crate) timeline: Vec<Sample>,
}

impl Recorder {
    pub(crate) fn start() -> Self {
        Self {
            start: Instant::now(),
            moved: AtomicU64::new(0),
            counts: Mutex::new(Counts {
                latencies: BTreeMap::new(),
                errors: BTreeMap::new(),
                bytes: 0,
                window: Window {
                    since: Duration::ZERO,
                    moved_before: 0,
                    latencies: histogram(),
                    errors: 0,
                },
                timeline: Vec::new(),
            }),
        }
    }

    /// Bytes went over the wire.
    pub(crate) fn moved(&self, bytes: u64) {
        self.moved.fetch_add(bytes, Ordering::Relaxed);
    }

    /// An operation succeeded.
    pub(crate) fn succeeded(&self, operation: &'static str, latency: Duration, bytes: u64) {
        let micros = u64::try_from(latency.as_micros()).unwrap_or(u64::MAX);
        let mut counts = self.lock();
        counts.bytes += bytes;
        counts.window.latencies.saturating_record(micros);
        let latencies = counts.latencies.entry(operation);
        latencies
            .or_insert_with(histogram)
            .saturating_record(micros);
    }

    /// An operation failed.
    pub(crate) fn failed(&self, why: String) {
        let mut counts = self.lock();
        counts.window.errors += 1;
        *counts.errors.entry(why).or_default() += 1;
    }

    /// Ends the window of a sample and begins the next.
    pub(crate) fn sample(&self) -> Sample {
        let now = self.start.elapsed();
        let moved = self.moved.load(Ordering::Relaxed);
        let mut counts = self.lock();
        let window = &mut counts.window;
        let percentile = |quantile| window.latencies.value_at_quantile(quantile) as f64 / 1e3;
        let sample = Sample {
            until_seconds: now.as_secs_f64(),
            seconds: (now - window.since).as_secs_f64(),
            operations: window.latencies.len(),
            errors: window.errors,
            bytes: moved - window.moved_before,
            p50_ms: percentile(0.5),
            p90_ms: percentile(0.9),
            p99_ms: percentile(0.99),
        };
        window.since = now;
        window.moved_before = moved;
        window.latencies.reset();
        window.errors = 0;
        counts.timeline.push(sample);
        sample
    }

    /// Everything so far. What happened since the last sample becomes one, unless that is nothing.
    pub(crate) fn tally(&self) -> Tally {
        let elapsed = self.start.elapsed();
        let is_rest = {
            let window = &self.lock().window;
            window.errors > 0 || !window.latencies.is_empty()
        };
        if is_rest {
            self.sample();
        }
        let counts = self.lock();
        let latencies = counts.latencies.iter();
        Tally {
            elapsed,
            bytes: counts.bytes,
            operations: counts.latencies.values().map(Histogram::len).sum(),
            errors: counts.errors.clone(),
            latency_ms: latencies
                .map(|(operation, latencies)| ((*operation).to_owned(), Latency::of(latencies)))
                .collect(),
            timeline: counts.timeline.clone(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn histogram() -> Histogram<u64> {
    // A microsecond to an hour, three digits.
    Histogram::new_with_bounds(1, 3_600_000_000, 3).expect("good bounds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_totals_count_the_same_operations() {
        let recorder = Recorder::start();
        for ms in 1..=100 {
            recorder.succeeded("put", Duration::from_millis(ms), 10);
        }
        recorder.moved(1000);
        recorder.failed("Denied".to_owned());
        let first = recorder.sample();
        recorder.succeeded("get", Duration::from_millis(7), 5);
        let tally = recorder.tally();
        assert_eq!(
            (first.operations, first.errors, first.bytes),
            (100, 1, 1000)
        );
        assert_eq!((tally.operations, tally.bytes), (101, 1005));
        assert_eq!(tally.timeline.len(), 2);
        let put = &tally.latency_ms["put"];
        assert!(
            (put.p50 - 50.0).abs() < 0.1 && (put.p99 - 99.0).abs() < 0.1,
            "{put:?}"
        );
        assert_eq!(tally.errors["Denied"], 1);
        assert_eq!(recorder.tally().timeline.len(), 2, "nothing more happened");
    }
}
