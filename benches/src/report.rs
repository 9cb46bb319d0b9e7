//! What was measured.

use std::{fmt, time::Duration};

use hdrhistogram::Histogram;

/// The figures of a run.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) elapsed: Duration,
    pub(crate) bytes: u64,
    /// In microseconds.
    pub(crate) latencies: Histogram<u64>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.elapsed.as_secs_f64();
        let requests = self.latencies.len();
        writeln!(
            f,
            "{requests} requests in {seconds:.2} s: {:.0} a second, {:.1} MB/s",
            requests as f64 / seconds,
            self.bytes as f64 / seconds / 1e6,
        )?;
        write!(f, "latency in ms:")?;
        for (name, quantile) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("max", 1.0)] {
            let micros = self.latencies.value_at_quantile(quantile);
            write!(f, "  {name} {:.3}", micros as f64 / 1000.0)?;
        }
        writeln!(f)
    }
}
