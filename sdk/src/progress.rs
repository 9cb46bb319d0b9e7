//! How far a transfer is.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
};

/// How far an upload or a download is, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes handed to the network, or received from it. Never goes back, also not when a request is
    /// sent again.
    pub done: u64,
    /// All bytes, if known beforehand.
    pub total: Option<u64>,
}

/// Calls the caller back with what is new.
pub(crate) struct Meter {
    callback: Callback,
    total: Option<u64>,
    highest: AtomicU64,
}

/// What the caller gave to `on_progress`.
pub(crate) type Callback = Box<dyn Fn(Progress) + Send + Sync>;

impl Meter {
    pub(crate) fn new(callback: Callback, total: Option<u64>) -> Self {
        Self {
            callback,
            total,
            highest: AtomicU64::new(0),
        }
    }

    pub(crate) fn report(&self, done: u64) {
        if self.highest.fetch_max(done, Ordering::Relaxed) < done {
            (self.callback)(Progress {
                done,
                total: self.total,
            });
        }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Meter").finish_non_exhaustive()
    }
}
