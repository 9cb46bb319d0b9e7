//! Waiting for another thread or process.

use std::{
    thread,
    time::{Duration, Instant},
};

/// Waits until the condition holds, for at most a minute.
#[track_caller]
pub fn wait_for(what: &str, mut is_done: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !is_done() {
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        thread::sleep(Duration::from_millis(2));
    }
}
