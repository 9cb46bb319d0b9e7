//! Running cases on a target.

pub(crate) mod cleanup;
mod known;
mod select;

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use futures_util::{StreamExt as _, future, stream};
use rand::RngExt as _;
pub use select::Selection;
use tokio::sync::watch;

use crate::{
    case::{Case, Outcome},
    context::Context,
    coverage::Coverage,
    failure::Failure,
    report::model::{CaseReport, Finding, RunReport, Verdict},
    target::Target,
    wire::{Budget, Meter},
};

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Cases at the same time.
    pub jobs: usize,
    /// What the run may cost.
    pub budget: Budget,
    /// Which exchanges the result holds.
    pub keep: Keep,
}

/// Which exchanges a result holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// Those of cases that did not pass.
    Failures,
    /// All.
    Everything,
}

/// What happens while cases run.
#[derive(Debug)]
pub enum Event<'a> {
    /// A case ended.
    Finished(&'a CaseReport),
}

/// A new folder for a run.
pub fn new_folder() -> String {
    format!("/upyun-conformance-{:016x}", rand::rng().random::<u64>())
}

/// Runs cases, and removes what they made.
///
/// When `stop` becomes true, cases that have not ended are given up; what was made is removed all the
/// same.
pub async fn run(
    target: &Target,
    cases: &[Case],
    options: &Options,
    mut stop: watch::Receiver<bool>,
    mut tell: impl FnMut(Event<'_>),
) -> RunReport {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let folder = new_folder();
    let meter = Arc::new(Meter::new(options.budget));
    let mut reports = Vec::new();
    {
        let stop = &stop;
        let mut running = stream::iter(cases.iter().copied())
            .map(|case| {
                let (meter, mut stop) = (Arc::clone(&meter), stop.clone());
                let folder = &folder;
                async move {
                    let work = run_case(target, &case, folder, meter, options.keep);
                    tokio::select! {
                        report = work => report,
                        _ = stop.wait_for(|it| *it) => {
                            let reason = "the run was stopped".to_owned();
                            CaseReport::unstarted(&case, Verdict::NotRun { reason })
                        }
                    }
                }
            })
            .buffer_unordered(options.jobs.max(1));
        while let Some(report) = running.next().await {
            tell(Event::Finished(&report));
            reports.push(report);
        }
    }
    stop.mark_unchanged();
    let pace = Budget {
        requests_per_second: options.budget.requests_per_second,
        ..Budget::default()
    };
    let mut left_behind = None;
    for one in target.each() {
        if !one.is_fresh_for_each_case() {
            let cleaning = cleanup::remove(one, &folder, Arc::new(Meter::new(pace)));
            let failed = cleaning.await.err().map(|failure| failure.to_string());
            left_behind = left_behind.or(failed);
        }
    }
    reports.sort_by(|a, b| a.id.cmp(&b.id));
    RunReport {
        target: target.name(),
        started: started
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_secs(),
        seconds: clock.elapsed().as_secs_f64(),
        folder,
        spent: meter.spent(),
        left_behind,
        cases: reports,
        coverage: Coverage::of(cases),
    }
}

/// Whether the target answers at all, and to this operator.
///
/// # Errors
/// Why it does not.
pub async fn probe(target: &Target) -> Result<(), Failure> {
    let session = target.open().await?;
    let meter = Arc::new(Meter::new(Budget::default()));
    let cx = Context::new(session, new_folder(), meter);
    let answer = cx.get("/").header("x-list-limit", "1").send().await?;
    answer.is_status(200).map(drop)
}

/// Runs one case, several times where the target needs that.
pub async fn run_case(
    target: &Target,
    case: &Case,
    folder: &str,
    meter: Arc<Meter>,
    keep: Keep,
) -> CaseReport {
    if let Some(reason) = target.lacks(case) {
        return CaseReport::unstarted(case, Verdict::NotApplicable { reason });
    }
    let clock = Instant::now();
    let mut report = CaseReport::unstarted(case, Verdict::Passed);
    for attempt in 1..=target.attempts() {
        let name = match attempt {
            1 => format!("{folder}/{}", report.id),
            _ => format!("{folder}/{}.{attempt}", report.id),
        };
        let (outcome, exchanges) = attempt_case(target, case, name, Arc::clone(&meter)).await;
        report.attempts = attempt;
        report.exchanges = exchanges;
        report.verdict = verdict(outcome);
        if !matches!(report.verdict, Verdict::Failed(_)) {
            break;
        }
    }
    if keep == Keep::Failures && report.verdict == Verdict::Passed {
        report.exchanges.clear();
    }
    report.known = known::why(target.kind(), &report.id);
    report.seconds = clock.elapsed().as_secs_f64();
    report
}

async fn attempt_case(
    target: &Target,
    case: &Case,
    folder: String,
    meter: Arc<Meter>,
) -> (Outcome, Vec<crate::wire::Exchange>) {
    let session = match target.open().await {
        Ok(session) => session,
        Err(failure) => return (Err(failure), Vec::new()),
    };
    let cx = Context::new(session, folder, meter);
    // A task of its own catches panics; it is aborted when the run is stopped.
    let mut task = AbortOnDrop(tokio::spawn((case.run)(cx.clone())));
    let outcome = match (&mut task.0).await {
        Ok(outcome) => outcome,
        Err(error) => Err(panicked(error)),
    };
    (outcome, cx.exchanges())
}

struct AbortOnDrop(tokio::task::JoinHandle<Outcome>);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn panicked(error: tokio::task::JoinError) -> Failure {
    let why = match error.try_into_panic() {
        Ok(payload) => payload
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| payload.downcast_ref::<&str>().map(|it| (*it).to_owned()))
            .unwrap_or_else(|| "a panic without a text".to_owned()),
        Err(error) => error.to_string(),
    };
    Failure::new("the case to end", format!("a panic: {why}"))
}

fn verdict(outcome: Outcome) -> Verdict {
    let failure = match outcome {
        Ok(()) => return Verdict::Passed,
        Err(failure) => failure,
    };
    let finding = Finding {
        expected: failure.expected,
        found: failure.found,
    };
    match failure.is_harness {
        true => Verdict::Broken(finding),
        false => Verdict::Failed(finding),
    }
}

/// A stop that never comes.
pub fn unstoppable() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    // Dropping the sender would end every wait with an error.
    tokio::spawn(async move {
        let _sender = sender;
        future::pending::<()>().await;
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::case::Certainty;

    async fn outcome_of(run: fn(Context) -> crate::case::Running) -> CaseReport {
        let case = Case {
            module: "cases::test",
            function: "case",
            holds: "It holds.",
            sections: &[],
            certainty: Certainty::Doc,
            choices: &[],
            codes: &[],
            tags: &[],
            run,
        };
        let meter = Arc::new(Meter::new(Budget::default()));
        run_case(&Target::mock(), &case, "/folder", meter, Keep::Failures).await
    }

    #[tokio::test]
    async fn a_panic_is_a_failure() {
        let report = outcome_of(|_| Box::pin(async { panic!("at the disco") })).await;
        let Verdict::Failed(finding) = report.verdict else {
            panic!("{report:?}");
        };
        assert_eq!(finding.found, "a panic: at the disco");
    }

    #[tokio::test]
    async fn what_a_refusal_changed_is_noticed() {
        let report = outcome_of(|cx| {
            Box::pin(async move {
                let before = cx.snapshot().await?;
                cx.put("a.txt", "x").ok().await?;
                before.is_unchanged(&cx.snapshot().await?)
            })
        })
        .await;
        let detail = report.verdict.detail();
        assert!(
            detail.starts_with("expected nothing to be stored"),
            "{detail}"
        );
        assert_eq!(report.exchanges.len(), 1, "{report:?}");
    }

    #[tokio::test]
    async fn what_a_refusal_replaced_is_noticed() {
        let report = outcome_of(|cx| {
            Box::pin(async move {
                cx.put("a.txt", "x").ok().await?;
                let before = cx.snapshot().await?;
                cx.put("a.txt", "y").ok().await?;
                before.is_unchanged(&cx.snapshot().await?)
            })
        })
        .await;
        let detail = report.verdict.detail();
        assert!(detail.contains("a.txt to stay as it was"), "{detail}");
    }
}
