//! `upyun-conformance ledger`.

use std::path::{Path, PathBuf};

use super::{FAILED, PASSED, args::LedgerArgs, run::watched};
use crate::{
    catalog,
    ledger::{Ledger, fidelity, first_difference, guide},
    report::model::RunReport,
    run::{Keep, Options},
    strict,
    target::Target,
};

/// What the guide's counts of strictness are of.
const STRICT: strict::Options = strict::Options {
    seed: 1,
    requests: 5_000,
    only: None,
};

pub(super) async fn ledger(args: LedgerArgs) -> Result<u8, String> {
    let default = |path: &str| args.write.then(|| PathBuf::from(path));
    let fidelity_file = args.fidelity.clone();
    let fidelity_file = fidelity_file.or_else(|| default("mock-server/FIDELITY.md"));
    let guide_file = args.guide.clone().or_else(|| default(guide::PAGE));
    // Everything is read before the long run.
    let fidelity_text = fidelity_file.as_deref().map(read).transpose()?;
    let guide_text = guide_file.as_deref().map(read).transpose()?;
    let ledger = up_to_date(&args).await?;
    let mut files = vec![(args.file.clone(), ledger.to_string())];
    if let (Some(path), Some(text)) = (fidelity_file, fidelity_text) {
        let text = fidelity::updated(&text, &ledger).map_err(|why| unusable(&path, &why))?;
        files.push((path, text));
    }
    if let (Some(path), Some(text)) = (guide_file, guide_text) {
        let mut text =
            guide::with_coverage(&text, &catalog::all()).map_err(|why| unusable(&path, &why))?;
        // How many valid requests it takes depends on dates, so counts are not compared.
        if !args.check {
            let report = strict::run(&Target::mock(), STRICT).await;
            let report = report.map_err(|failure| failure.to_string())?;
            text = guide::with_strictness(&text, &report.counts())
                .map_err(|why| unusable(&path, &why))?;
        }
        files.push((path, text));
    }
    let mut status = PASSED;
    for id in ledger.failing() {
        complain(&format!(
            "{id} does not hold on the emulator; `run --filter {id}` shows why"
        ));
        status = FAILED;
    }
    for (path, text) in files {
        if !args.check {
            std::fs::write(&path, text)
                .map_err(|error| format!("{} cannot be written: {error}", path.display()))?;
            continue;
        }
        let old = std::fs::read_to_string(&path).unwrap_or_default();
        if let Some(why) = first_difference(&text, &old) {
            complain(&format!(
                "{} is out of date: {why}; run `upyun-conformance ledger --write`",
                path.display()
            ));
            status = FAILED;
        }
    }
    Ok(status)
}

/// Of a run on the emulator, with what the file and reports know of the live service.
async fn up_to_date(args: &LedgerArgs) -> Result<Ledger, String> {
    let options = Options {
        jobs: args.run.jobs_on(false),
        budget: args.run.budget(false)?,
        keep: Keep::Failures,
    };
    let report = watched(&Target::mock(), &catalog::all(), &options).await;
    let mut ledger = Ledger::of(&report);
    if args.file.exists() {
        let kept = ledger.keep(&read(&args.file)?);
        kept.map_err(|why| unusable(&args.file, &why))?;
    }
    for path in &args.live {
        let text = read(path)?;
        let report: RunReport =
            serde_json::from_str(&text).map_err(|error| unusable(path, &error))?;
        if report.target != "live" {
            return Err(unusable(
                path,
                &format!("it is of {}, not of live", report.target),
            ));
        }
        ledger.add_live(&report);
    }
    Ok(ledger)
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path)
        .map_err(|error| format!("{} cannot be read: {error}", path.display()))
}

fn unusable(path: &Path, why: &dyn std::fmt::Display) -> String {
    format!("{} cannot be used: {why}", path.display())
}

#[expect(clippy::print_stderr, reason = "this is the program's voice")]
fn complain(what: &str) {
    eprintln!("upyun-conformance: {what}");
}
