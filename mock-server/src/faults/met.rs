//! A rule that is set, and a request that it is for.

use std::{
    collections::VecDeque,
    sync::Arc,
    time::{Duration, SystemTime},
};

use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use super::{Facts, Fault, FaultAction, draw::Draw, pattern::Pattern};
use crate::faults::AppliedFault;

/// A rule with its counts.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FaultEntry {
    /// Names it.
    pub id: String,
    /// The rule as it was set.
    #[serde(flatten)]
    pub fault: Fault,
    /// How many requests it was asked about that the countable members of its match let through.
    pub seen: u64,
    /// How often it acted.
    pub applied: u64,
    /// Whether it will never act again: its times are used up, or its time is over.
    pub over: bool,
    /// What its chance is drawn from.
    pub seed: u64,
}

#[derive(Debug)]
pub(super) struct Rule {
    id: String,
    fault: Fault,
    pattern: Pattern,
    seed: u64,
    until: Option<SystemTime>,
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    seen: u64,
    applied: u64,
    /// When the requests within the quota came.
    quota: VecDeque<SystemTime>,
}

impl Rule {
    pub(super) fn new(
        id: String,
        fault: Fault,
        pattern: Pattern,
        seed: u64,
        until: Option<SystemTime>,
    ) -> Self {
        Self {
            id,
            fault,
            pattern,
            seed,
            until,
            counts: Mutex::default(),
        }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn entry(&self, now: SystemTime) -> FaultEntry {
        let counts = self.counts.lock();
        FaultEntry {
            id: self.id.clone(),
            fault: self.fault.clone(),
            seen: counts.seen,
            applied: counts.applied,
            over: self.is_over(&counts, now),
            seed: self.seed,
        }
    }

    fn is_over(&self, counts: &Counts, now: SystemTime) -> bool {
        self.fault
            .times
            .is_some_and(|times| counts.applied >= times)
            || self.until.is_some_and(|until| now >= until)
    }

    pub(super) fn meet(self: &Arc<Self>, facts: &Facts<'_>, now: SystemTime) -> Option<Met> {
        if !self.pattern.fits(facts) {
            return None;
        }
        let nth = {
            let mut counts = self.counts.lock();
            if self.is_over(&counts, now) {
                return None;
            }
            counts.seen += 1;
            counts.seen
        };
        let when = &self.fault.when;
        let draw = Draw {
            seed: self.seed,
            nth,
        };
        let is_meant = when.nth.as_ref().is_none_or(|wanted| wanted.has(nth))
            && when.every.is_none_or(|every| nth.is_multiple_of(every))
            && when.probability.is_none_or(|it| draw.happens(it));
        is_meant.then(|| Met {
            rule: Arc::clone(self),
            draw,
            now,
        })
    }
}

/// A rule that a request meets. It acts when [`Met::apply`] says so.
#[derive(Clone, Debug)]
pub(crate) struct Met {
    rule: Arc<Rule>,
    draw: Draw,
    now: SystemTime,
}

impl Met {
    /// What is to be done.
    pub(crate) fn action(&self) -> &FaultAction {
        &self.rule.fault.action
    }

    /// Waits first, if that is what it does.
    pub(crate) async fn delay(&self, applied: &Applied) {
        let Some(delay) = self.action().delay_ms else {
            return;
        };
        let delay = self.draw.delay(delay);
        if self.apply(applied, format!("delayed by {} ms", delay.as_millis())) {
            tokio::time::sleep(delay).await;
        }
    }

    /// Whether this request is more than the quota allows.
    pub(crate) fn is_too_much(&self) -> bool {
        let Some(limit) = self.action().rate_limit else {
            return false;
        };
        let window = Duration::try_from_secs_f64(limit.per_seconds).unwrap_or(Duration::MAX);
        let mut counts = self.rule.counts.lock();
        let is_past = |then: &SystemTime| {
            self.now
                .duration_since(*then)
                .is_ok_and(|since| since >= window)
        };
        while counts.quota.front().is_some_and(is_past) {
            counts.quota.pop_front();
        }
        let is_too_much = counts.quota.len() >= limit.requests as usize;
        if !is_too_much {
            counts.quota.push_back(self.now);
        }
        is_too_much
    }

    /// Notes that the rule acts now; false if its times are used up, by requests that ran beside this
    /// one.
    pub(crate) fn apply(&self, to: &Applied, did: impl Into<String>) -> bool {
        {
            let mut counts = self.rule.counts.lock();
            let times = self.rule.fault.times;
            if times.is_some_and(|times| counts.applied >= times) {
                return false;
            }
            counts.applied += 1;
        }
        to.note(AppliedFault::new(self.rule.id(), did));
        true
    }
}

/// What faults did to a request so far. Shared with the bodies on which they act late.
#[derive(Clone, Debug, Default)]
pub(crate) struct Applied(Arc<Mutex<Vec<AppliedFault>>>);

impl Applied {
    fn note(&self, fault: AppliedFault) {
        self.0.lock().push(fault);
    }

    /// All of it, in the order in which it happened.
    pub(crate) fn all(&self) -> Vec<AppliedFault> {
        self.0.lock().clone()
    }
}
