//! Work that waits for a time: who moves the clock can wait until what has fallen due is done.

use std::{
    collections::{BTreeSet, VecDeque},
    time::SystemTime,
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use super::Clock;

/// What was done lately that is remembered.
const REMEMBERED: usize = 1000;

/// What waits, what is at work, and what was done.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    state: Mutex<State>,
    /// Woken whenever a worker begins to wait or ends.
    idle: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    /// By time, then by order of arrival.
    waiting: BTreeSet<(SystemTime, u64)>,
    arrivals: u64,
    busy: usize,
    done: VecDeque<CompletedJob>,
    /// Of all that was ever done.
    count: u64,
}

/// Something that fell due and was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CompletedJob {
    /// When, by the server's clock, in milliseconds since 1970.
    pub at_ms: u64,
    /// A sentence.
    pub what: String,
}

/// One piece of work that now and then waits for a time. While it does not wait, it is busy, and a
/// clock that is moved with [`Store::run_jobs_until`](crate::store::Store::run_jobs_until) waits for it.
#[derive(Debug)]
pub(crate) struct Worker {
    clock: Clock,
    /// The place in the agenda while it waits.
    waits: Option<(SystemTime, u64)>,
}

impl Clock {
    /// Begins a piece of work.
    pub(crate) fn worker(&self) -> Worker {
        self.inner.agenda.state.lock().busy += 1;
        Worker {
            clock: self.clone(),
            waits: None,
        }
    }

    /// Remembers what was done because its time had come.
    pub(crate) fn done(&self, what: String) {
        let at_ms = super::unix_milliseconds(self.now());
        let mut state = self.inner.agenda.state.lock();
        if state.done.len() == REMEMBERED {
            state.done.pop_front();
        }
        state.count += 1;
        state.done.push_back(CompletedJob { at_ms, what });
    }

    /// How much was done so far.
    pub(crate) fn done_so_far(&self) -> u64 {
        self.inner.agenda.state.lock().count
    }

    /// What was done after so much; the newest thousand.
    pub(crate) fn done_since(&self, count: u64) -> Vec<CompletedJob> {
        let state = self.inner.agenda.state.lock();
        let new = usize::try_from(state.count - count.min(state.count)).unwrap_or(usize::MAX);
        let skipped = state.done.len().saturating_sub(new);
        state.done.iter().skip(skipped).cloned().collect()
    }

    /// When the first worker wants to go on.
    pub(crate) fn next_work(&self) -> Option<SystemTime> {
        let state = self.inner.agenda.state.lock();
        state.waiting.first().map(|(due, _)| *due)
    }

    /// Moves on to this time if it is still to come; who waited for it is busy from now on.
    pub(crate) fn move_on(&self, to: SystemTime) {
        {
            let mut state = self.inner.agenda.state.lock();
            let later = state.waiting.split_off(&(to, u64::MAX));
            let due = std::mem::replace(&mut state.waiting, later);
            state.busy += due.len();
        }
        if to > self.now() {
            self.set(to);
        } else {
            self.inner.changed.send_replace(());
        }
    }

    /// Waits until nothing is at work.
    pub(crate) async fn idle(&self) {
        let mut idle = self.inner.agenda.idle.subscribe();
        while self.inner.agenda.state.lock().busy > 0 {
            // The sender lives in `self`, so this cannot fail.
            let _ = idle.changed().await;
        }
    }
}

impl Worker {
    /// Waits until the clock shows `due`, and notes what for.
    pub(crate) async fn reach(&mut self, due: SystemTime, what: &str) {
        self.wait(due);
        self.clock.clone().reach(due).await;
        self.go_on();
        self.clock.done(what.to_owned());
    }

    fn wait(&mut self, due: SystemTime) {
        let agenda = &self.clock.inner.agenda;
        let mut state = agenda.state.lock();
        state.arrivals += 1;
        let place = (due, state.arrivals);
        state.waiting.insert(place);
        state.busy -= 1;
        drop(state);
        self.waits = Some(place);
        agenda.idle.send_replace(());
    }

    /// Busy again; whoever moved the clock may have said so already.
    fn go_on(&mut self) {
        if let Some(place) = self.waits.take() {
            let mut state = self.clock.inner.agenda.state.lock();
            if state.waiting.remove(&place) {
                state.busy += 1;
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.go_on();
        let agenda = &self.clock.inner.agenda;
        agenda.state.lock().busy -= 1;
        agenda.idle.send_replace(());
    }
}

impl Agenda {}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn who_moves_the_clock_can_wait_for_the_work() {
        let clock = Clock::system();
        clock.freeze();
        let begin = clock.now();
        let minute = Duration::from_secs(60);
        let mut worker = clock.worker();
        let working = tokio::spawn(async move {
            worker.reach(begin + minute, "first").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
            worker.reach(begin + 2 * minute, "second").await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        });
        clock.idle().await;
        assert_eq!(clock.next_work(), Some(begin + minute));
        clock.move_on(begin + minute);
        clock.idle().await;
        assert_eq!(clock.next_work(), Some(begin + 2 * minute));
        clock.move_on(begin + 2 * minute);
        clock.idle().await;
        assert!(working.is_finished() || clock.next_work().is_none());
        let done: Vec<_> = clock.done_since(0).into_iter().map(|it| it.what).collect();
        assert_eq!(done, ["first", "second"]);
        assert_eq!(clock.done_since(1).len(), 1);
    }

    #[tokio::test]
    async fn a_worker_that_is_dropped_keeps_nobody_waiting() {
        let clock = Clock::system();
        clock.freeze();
        let mut worker = clock.worker();
        let due = clock.now() + Duration::from_secs(60);
        let waiting = worker.reach(due, "never");
        assert!(tokio::time::timeout(Duration::ZERO, waiting).await.is_err());
        drop(worker);
        clock.idle().await;
        assert_eq!(clock.next_work(), None);
    }
}
