//! Every damage is noticed by a case of its section, and a layer that damages nothing by none.

use std::{collections::BTreeSet, process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use upyun_conformance::{
    Case, Target, catalog,
    damage::{self, Damage},
    report::{
        model::{CaseReport, Verdict},
        terminal::{self, Colour},
    },
    run::{self, Keep},
    target::Embedded,
    wire::{Budget, Meter},
};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A case waits for its emulator most of the time.
    arguments.test_threads.get_or_insert(8);
    let damages = damage::all().map(|damage| Trial::test(damage.name, move || is_noticed(damage)));
    let sections: BTreeSet<_> = damage::all().map(|damage| damage.cases).collect();
    let is_concerned = |case: &Case| {
        let id = case.id();
        sections.iter().any(|section| id.starts_with(section))
    };
    let target = Target::Mock(Embedded::default().damaged(&damage::NOTHING));
    let undamaged = catalog::all().into_iter().filter(is_concerned).map(|case| {
        let (target, name) = (target.clone(), format!("nothing.{}", case.id()));
        let is_ignored = target.lacks(&case).is_some();
        Trial::test(name, move || passes(&target, &case)).with_ignored_flag(is_ignored)
    });
    libtest_mimic::run(&arguments, damages.chain(undamaged).collect()).exit_code()
}

/// Runs cases of the damage's section until one fails. Cases whose ids have words of the damage's
/// name come first: they are likely to notice it.
fn is_noticed(damage: &'static Damage) -> Result<(), Failed> {
    let runtime = runtime()?;
    let target = Target::Mock(Embedded::default().damaged(damage));
    let mut cases: Vec<Case> = catalog::all()
        .into_iter()
        .filter(|case| damage.concerns(case) && target.lacks(case).is_none())
        .collect();
    cases.sort_by_key(|case| {
        let id = case.id();
        let is_shared = |word: &&str| word.len() > 2 && id.contains(word);
        std::cmp::Reverse(damage.name.split('-').filter(is_shared).count())
    });
    let notices = |case| {
        let report = run_case(&runtime, &target, case);
        // A case that could not be run notices nothing.
        matches!(report.verdict, Verdict::Failed(_))
    };
    if cases.iter().any(notices) {
        return Ok(());
    }
    let count = cases.len();
    Err(format!(
        "broken: {} None of the {count} cases {}* notices it; a case is missing",
        damage.breaks, damage.cases
    )
    .into())
}

fn passes(target: &Target, case: &Case) -> Result<(), Failed> {
    let report = run_case(&runtime()?, target, case);
    match &report.verdict {
        Verdict::Passed => Ok(()),
        _ => Err(terminal::failure(&report, Colour::Off).into()),
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

fn run_case(runtime: &tokio::runtime::Runtime, target: &Target, case: &Case) -> CaseReport {
    let meter = Arc::new(Meter::new(Budget::default()));
    let folder = run::new_folder();
    runtime.block_on(run::run_case(target, case, &folder, meter, Keep::Failures))
}
