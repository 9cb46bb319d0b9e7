//! What a run may cost, and what it cost.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::failure::Failure;

/// What a run may cost; no limit where `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Budget {
    /// Requests, those of the SDK too.
    pub requests: Option<u64>,
    /// Bytes of request and answer bodies of the harness's own requests; those that pass through the
    /// SDK are not seen.
    pub bytes: Option<u64>,
    /// Requests a second.
    pub requests_per_second: Option<f64>,
}

/// What a run cost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Spent {
    /// Requests.
    pub requests: u64,
    /// Bytes, as far as they are seen.
    pub bytes: u64,
}

/// Lets requests through as long as the budget allows.
#[derive(Debug)]
pub struct Meter {
    budget: Budget,
    requests: AtomicU64,
    bytes: AtomicU64,
    next: Mutex<Option<Instant>>,
}

impl Meter {
    /// With everything still to spend.
    pub fn new(budget: Budget) -> Self {
        Self {
            budget,
            requests: AtomicU64::new(0),
            bytes: AtomicU64::new(0),
            next: Mutex::new(None),
        }
    }

    /// Waits for the turn of a request with this body.
    ///
    /// # Errors
    /// When the budget is spent.
    pub async fn request(&self, body_bytes: u64) -> Result<(), Failure> {
        let requests = self.requests.fetch_add(1, Ordering::Relaxed);
        if let Some(limit) = self.budget.requests
            && requests >= limit
        {
            self.requests.fetch_sub(1, Ordering::Relaxed);
            return Err(spent(&format!("{limit} requests")));
        }
        self.transferred(body_bytes)?;
        if let Some(due) = self.turn() {
            tokio::time::sleep_until(due).await;
        }
        Ok(())
    }

    /// Counts bytes.
    ///
    /// # Errors
    /// When the budget is spent.
    pub fn transferred(&self, bytes: u64) -> Result<(), Failure> {
        let before = self.bytes.fetch_add(bytes, Ordering::Relaxed);
        match self.budget.bytes {
            Some(limit) if before + bytes > limit => Err(spent(&format!("{limit} bytes"))),
            _ => Ok(()),
        }
    }

    /// What was spent.
    pub fn spent(&self) -> Spent {
        Spent {
            requests: self.requests.load(Ordering::Relaxed),
            bytes: self.bytes.load(Ordering::Relaxed),
        }
    }

    fn turn(&self) -> Option<Instant> {
        let pace = self.budget.requests_per_second?;
        let gap = Duration::try_from_secs_f64(1.0 / pace).ok()?;
        let mut next = self.next.lock().unwrap_or_else(|it| it.into_inner());
        let due = next.map_or_else(Instant::now, |it| it.max(Instant::now()));
        *next = Some(due + gap);
        Some(due)
    }
}

fn spent(limit: &str) -> Failure {
    Failure::harness(
        "to send another request",
        format!("the budget of {limit} is spent"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn requests_and_bytes_end() {
        let meter = Meter::new(Budget {
            requests: Some(2),
            bytes: Some(10),
            requests_per_second: None,
        });
        assert!(meter.request(10).await.is_ok());
        assert!(meter.request(1).await.is_err());
        assert!(meter.request(0).await.is_err());
        assert_eq!(meter.spent().requests, 2);
    }

    #[test]
    fn requests_are_paced() {
        let meter = Meter::new(Budget {
            requests_per_second: Some(10.0),
            ..Budget::default()
        });
        let first = meter.turn().expect("a pace");
        let last = (0..10).filter_map(|_| meter.turn()).last();
        let seconds = (last.expect("a pace") - first).as_secs_f64();
        assert!((seconds - 1.0).abs() < 0.5, "{seconds}");
    }
}
