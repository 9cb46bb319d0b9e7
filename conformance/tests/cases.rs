//! Every case on an emulator of its own, each a test by its id.

use std::{process::ExitCode, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use upyun_conformance::{
    Case, Target, catalog,
    report::{
        model::Verdict,
        terminal::{self, Colour},
    },
    run::{self, Keep},
    wire::{Budget, Meter},
};

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // A case waits for its emulator most of the time.
    arguments.test_threads.get_or_insert(8);
    let target = Target::mock();
    let trials = catalog::all().into_iter().map(|case| {
        let target = target.clone();
        // Without ffmpeg a case is shown as ignored; where it must be there, it fails.
        let is_ignored = target.lacks(&case).is_some() && !is_ci();
        Trial::test(case.id(), move || check(&target, &case)).with_ignored_flag(is_ignored)
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

fn is_ci() -> bool {
    std::env::var("CI").is_ok_and(|it| it == "true" || it == "1")
}

fn check(target: &Target, case: &Case) -> Result<(), Failed> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let meter = Arc::new(Meter::new(Budget::default()));
    let folder = run::new_folder();
    let run = run::run_case(target, case, &folder, meter, Keep::Failures);
    let report = runtime.block_on(run);
    match (&report.verdict, &report.known) {
        (Verdict::Passed, None) | (Verdict::Failed(_), Some(_)) => Ok(()),
        (Verdict::Passed, Some(why)) => Err(Failed::from(format!(
            "it holds, but data/known.tsv says that it does not: {why}; remove that row"
        ))),
        _ => Err(Failed::from(terminal::failure(&report, Colour::Off))),
    }
}
