//! When and how often to try again.

use std::{
    hash::{BuildHasher as _, Hasher as _, RandomState},
    time::Duration,
};

/// How often a request is sent, and how long to wait in between.
///
/// The default is three attempts, with delays around 250 ms and 500 ms. Requests are sent again
/// after 429, 408, 5xx and broken connections, where the body can be replayed: bytes and files can,
/// streams only while nothing has been read from them. A download is not resumed once the caller
/// has its beginning.
///
/// ```
/// use std::time::Duration;
/// use upyun_client::RetryPolicy;
///
/// let patient = RetryPolicy::default().attempts(8).max_delay(Duration::from_secs(30));
/// let never = RetryPolicy::none();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    attempts: u32,
    base_delay: Duration,
    max_delay: Duration,
}

impl RetryPolicy {
    /// One attempt.
    pub fn none() -> Self {
        Self::default().attempts(1)
    }

    /// How often a request is sent at most, the first time included: 3 unless set, at least 1.
    #[must_use]
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    /// The delay before the second attempt, which doubles for each further one: 250 ms unless set.
    /// Every delay is shortened at random by up to a half, so that clients do not return together.
    #[must_use]
    pub fn base_delay(mut self, delay: Duration) -> Self {
        self.base_delay = delay;
        self
    }

    /// The longest delay: 10 s unless set. A longer `Retry-After` of the service is cut to it.
    #[must_use]
    pub fn max_delay(mut self, delay: Duration) -> Self {
        self.max_delay = delay;
        self
    }

    pub(crate) fn allows(&self, attempts_made: u32) -> bool {
        attempts_made < self.attempts
    }

    pub(crate) fn delay(&self, attempts_made: u32, retry_after: Option<Duration>) -> Duration {
        let doublings = attempts_made.saturating_sub(1).min(30);
        let full = self.base_delay.saturating_mul(1 << doublings);
        let own = full.min(self.max_delay).mul_f64(1.0 - random() / 2.0);
        own.max(retry_after.unwrap_or_default()).min(self.max_delay)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 3,
            base_delay: Duration::from_millis(250),
            max_delay: Duration::from_secs(10),
        }
    }
}

/// 0 to 1. The standard library's hash keys are random enough for a delay, and save a dependency.
fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_within_their_bounds() {
        let policy = RetryPolicy::default();
        for (made, full) in [(1, 250), (2, 500), (3, 1000), (40, 10_000)] {
            let delay = policy.delay(made, None).as_millis();
            assert!((full / 2..=full).contains(&delay), "{made}: {delay}");
        }
    }

    #[test]
    fn the_service_may_ask_for_more() {
        let policy = RetryPolicy::default();
        let asked = |seconds| policy.delay(1, Some(Duration::from_secs(seconds)));
        assert_eq!(asked(3), Duration::from_secs(3));
        assert_eq!(asked(3600), Duration::from_secs(10));
    }

    #[test]
    fn none_is_one_attempt() {
        assert!(!RetryPolicy::none().allows(1));
        assert!(RetryPolicy::default().allows(2));
        assert!(!RetryPolicy::default().allows(3));
    }
}
