//! The one clock. Everything in the emulator that asks what time it is asks here.

mod worker;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use parking_lot::{Mutex, MutexGuard};
use tokio::sync::watch;

use self::worker::Agenda;
pub use self::worker::CompletedJob;
pub(crate) use self::worker::Worker;

/// The server's time: the system's, until a test freezes, sets or advances it.
///
/// A cheap handle; clones show the same time.
///
/// ```
/// use std::time::Duration;
/// use upyun_mock::Clock;
///
/// let clock = Clock::system();
/// clock.freeze();
/// let before = clock.now();
/// clock.advance(Duration::from_secs(86_400));
/// assert_eq!(clock.now(), before + Duration::from_secs(86_400));
/// ```
#[derive(Clone, Debug)]
pub struct Clock {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    mode: Mutex<Mode>,
    /// Whether the mode is another than that of the start; nearly always not, and then nobody who only
    /// wants to know the time need wait for others who want to.
    is_moved: AtomicBool,
    /// Woken at every change that is not the mere passing of time.
    changed: watch::Sender<()>,
    /// What waits for a time, and what is being done because one has come.
    agenda: Agenda,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// The system's time plus `ahead` minus `behind`; one of the two is zero.
    Running {
        ahead: Duration,
        behind: Duration,
    },
    Frozen(SystemTime),
}

impl Mode {
    const UNMOVED: Self = Self::Running {
        ahead: Duration::ZERO,
        behind: Duration::ZERO,
    };

    fn now(self) -> SystemTime {
        match self {
            Self::Running { ahead, behind } => SystemTime::now() + ahead - behind,
            Self::Frozen(at) => at,
        }
    }

    fn running_from(at: SystemTime) -> Self {
        match at.duration_since(SystemTime::now()) {
            Ok(ahead) => Self::Running {
                ahead,
                behind: Duration::ZERO,
            },
            Err(earlier) => Self::Running {
                ahead: Duration::ZERO,
                behind: earlier.duration(),
            },
        }
    }
}

impl Clock {
    /// A clock that shows the system's time.
    pub fn system() -> Self {
        let changed = watch::Sender::new(());
        Self {
            inner: Arc::new(Inner {
                mode: Mutex::new(Mode::UNMOVED),
                is_moved: AtomicBool::new(false),
                changed,
                agenda: Agenda::default(),
            }),
        }
    }

    /// What time it is.
    pub fn now(&self) -> SystemTime {
        match self.is_moved() {
            true => self.mode().now(),
            false => SystemTime::now(),
        }
    }

    /// Whole seconds since 1970, the service's unit for dates in lists, policies and tokens.
    pub fn unix(&self) -> u64 {
        unix_seconds(self.now())
    }

    /// Whether time stands still.
    pub fn is_frozen(&self) -> bool {
        matches!(*self.mode(), Mode::Frozen(_))
    }

    /// Whether a test froze, set or advanced the clock.
    pub fn is_moved(&self) -> bool {
        self.inner.is_moved.load(Ordering::Acquire)
    }

    /// Stops time until [`resume`](Self::resume). `advance` and `set` still move it.
    pub fn freeze(&self) {
        self.change(|mode| Mode::Frozen(mode.now()));
    }

    /// Lets time run on from what the clock shows.
    pub fn resume(&self) {
        self.change(|mode| Mode::running_from(mode.now()));
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        self.change(|mode| match mode {
            Mode::Frozen(at) => Mode::Frozen(at + by),
            running => Mode::running_from(running.now() + by),
        });
    }

    /// Sets the clock; a frozen one stays frozen.
    pub fn set(&self, to: SystemTime) {
        self.change(|mode| match mode {
            Mode::Frozen(_) => Mode::Frozen(to),
            Mode::Running { .. } => Mode::running_from(to),
        });
    }

    /// Shows the system's time again, as at the start.
    pub fn reset(&self) {
        self.change(|_| Mode::UNMOVED);
    }

    /// How far the clock was moved, and how to undo it; `None` if it was not moved.
    pub(crate) fn moved_in_words(&self) -> Option<String> {
        if !self.is_moved() {
            return None;
        }
        let (off, direction) = match self.now().duration_since(SystemTime::now()) {
            Ok(ahead) => (ahead, "ahead of"),
            Err(behind) => (behind.duration(), "behind"),
        };
        let state = match self.is_frozen() {
            true => "is frozen",
            false => "was moved",
        };
        Some(format!(
            "The emulator's clock {state}: it is {} s {direction} the system's.",
            off.as_secs_f64().round()
        ))
    }

    /// Waits until the clock shows `due`, however it gets there.
    pub async fn reach(&self, due: SystemTime) {
        let mut changed = self.inner.changed.subscribe();
        loop {
            let (now, frozen) = {
                let mode = *self.mode();
                (mode.now(), matches!(mode, Mode::Frozen(_)))
            };
            let Ok(left) = due.duration_since(now) else {
                return;
            };
            if left.is_zero() {
                return;
            }
            if frozen {
                // The sender lives in `self`, so this cannot fail.
                let _ = changed.changed().await;
            } else {
                let _ = tokio::time::timeout(left, changed.changed()).await;
            }
        }
    }

    fn change(&self, to: impl FnOnce(Mode) -> Mode) {
        {
            let mut mode = self.mode();
            *mode = to(*mode);
            let is_moved = *mode != Mode::UNMOVED;
            self.inner.is_moved.store(is_moved, Ordering::Release);
        }
        self.inner.changed.send_replace(());
    }

    fn mode(&self) -> MutexGuard<'_, Mode> {
        // A mode is copied in and out whole, so a panic elsewhere cannot leave half of one.
        self.inner.mode.lock()
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::system()
    }
}

/// Whole seconds since 1970; 0 for anything earlier.
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Milliseconds since 1970; 0 for anything earlier.
pub(crate) fn unix_milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    #[test]
    fn a_frozen_clock_moves_only_when_told() {
        let clock = Clock::system();
        clock.freeze();
        let at = clock.now();
        clock.advance(DAY);
        assert_eq!(clock.now(), at + DAY);
        clock.set(UNIX_EPOCH + DAY);
        assert_eq!(clock.unix(), 86_400);
        assert!(clock.is_frozen());
    }

    #[test]
    fn a_running_clock_goes_on_from_where_it_was_set() {
        let clock = Clock::system();
        clock.set(UNIX_EPOCH + DAY);
        assert!(clock.now() >= UNIX_EPOCH + DAY);
        assert!(clock.now() < UNIX_EPOCH + DAY + DAY);
        clock.freeze();
        clock.resume();
        assert!(!clock.is_frozen());
        assert!(clock.unix() < 2 * 86_400);
    }

    #[test]
    fn a_reset_clock_shows_the_systems_time() {
        let clock = Clock::system();
        assert_eq!(clock.moved_in_words(), None);
        clock.freeze();
        clock.advance(DAY);
        let words = clock.moved_in_words().unwrap();
        assert!(words.contains("8640"), "{words}");
        clock.reset();
        assert!(!clock.is_moved() && !clock.is_frozen());
        assert!(clock.now() < SystemTime::now() + DAY / 2);
    }

    #[tokio::test]
    async fn waiting_ends_when_the_clock_is_advanced() {
        let clock = Clock::system();
        clock.freeze();
        let due = clock.now() + DAY;
        let waiter = tokio::spawn({
            let clock = clock.clone();
            async move { clock.reach(due).await }
        });
        clock.advance(DAY / 2);
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        clock.advance(DAY / 2);
        waiter.await.unwrap();
    }
}
