//! Faults: rules that make the service misbehave on purpose.
//!
//! A [`Fault`] says which requests it is for and what happens to them. The rules are kept here, and
//! counted; what they do to a request is done where requests are answered.

mod action;
mod applied;
mod build;
mod draw;
mod error;
mod met;
mod pattern;
mod rule;
mod short;

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use parking_lot::Mutex;

pub(crate) use self::action::MAX_SKEW_SECONDS;
use self::met::Rule;
pub use self::{
    action::{Corruption, Delay, FaultAction, Normal, RateLimit, Side, Stall, StallAt, Uniform},
    applied::AppliedFault,
    error::FaultError,
    rule::{Fault, FaultMatch, HeaderWanted, Numbers},
};
pub(crate) use self::{
    met::{Applied, Met},
    pattern::{Facts, Pattern},
};
use crate::clock::Clock;

/// The rules that are set. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Faults(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// How many there are: who asks a server without faults takes no lock.
    count: AtomicUsize,
    rules: Mutex<Rules>,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Rules {
    set: Vec<Arc<Rule>>,
    /// Those of the start, which a reset sets again.
    first: Vec<Fault>,
    numbered: u64,
}

impl Faults {
    /// The rules of a configuration.
    ///
    /// # Errors
    /// [`FaultError`] for a rule that means nothing.
    pub(crate) fn new(first: Vec<Fault>, clock: Clock) -> Result<Self, FaultError> {
        let this = Self(Arc::new(Inner {
            count: AtomicUsize::new(0),
            rules: Mutex::default(),
            clock,
        }));
        for fault in first.clone() {
            this.add(fault)?;
        }
        this.0.rules.lock().first = first;
        Ok(this)
    }

    /// Sets a rule; gives its id.
    pub(crate) fn add(&self, fault: Fault) -> Result<String, FaultError> {
        fault.check()?;
        let pattern = Pattern::of(&fault.when)?;
        let until = fault.lasts().map(|lasts| self.0.clock.now() + lasts);
        let mut rules = self.0.rules.lock();
        rules.numbered += 1;
        let id = format!("f{}", rules.numbered);
        // A seed that nobody chose is told with the rule, so that the run can be had again.
        let seed = fault
            .when
            .seed
            .unwrap_or_else(|| u64::from(rand::random::<u32>()));
        let rule = Rule::new(id.clone(), fault, pattern, seed, until);
        rules.set.push(Arc::new(rule));
        self.0.count.store(rules.set.len(), Ordering::Release);
        Ok(id)
    }

    /// Takes a rule away; false if there is none of this id.
    pub(crate) fn remove(&self, id: &str) -> bool {
        let mut rules = self.0.rules.lock();
        let before = rules.set.len();
        rules.set.retain(|rule| rule.id() != id);
        self.0.count.store(rules.set.len(), Ordering::Release);
        rules.set.len() < before
    }

    /// Takes all rules away.
    pub(crate) fn clear(&self) {
        let mut rules = self.0.rules.lock();
        rules.set.clear();
        self.0.count.store(0, Ordering::Release);
    }

    /// The rules of the start and no others, as if none had ever acted.
    pub(crate) fn reset(&self) {
        self.clear();
        let first = self.0.rules.lock().first.clone();
        for fault in first {
            // They were checked at the start.
            let _ = self.add(fault);
        }
    }

    /// The rules with their counts, the oldest first.
    pub(crate) fn all(&self) -> Vec<FaultEntry> {
        let now = self.0.clock.now();
        self.0
            .rules
            .lock()
            .set
            .iter()
            .map(|rule| rule.entry(now))
            .collect()
    }

    /// Whether there are any.
    pub(crate) fn are_set(&self) -> bool {
        self.0.count.load(Ordering::Acquire) > 0
    }

    /// The rules that a request meets, in the order in which they were set. Who asks whether there
    /// are any first need not gather the facts.
    pub(crate) fn meet(&self, facts: &Facts<'_>) -> Vec<Met> {
        let set = self.0.rules.lock().set.clone();
        let now = self.0.clock.now();
        set.iter()
            .filter_map(|rule| rule.meet(facts, now))
            .collect()
    }
}

pub use self::met::FaultEntry;
