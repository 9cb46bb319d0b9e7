//! `upyun-conformance ledger`.

use super::{FAILED, PASSED, args::LedgerArgs, run::watched};
use crate::{
    catalog,
    ledger::Ledger,
    report::model::RunReport,
    run::{Keep, Options},
    target::Target,
};

pub(super) async fn ledger(args: LedgerArgs) -> Result<u8, String> {
    let file = args.file.display();
    let options = Options {
        jobs: args.run.jobs_on(false),
        budget: args.run.budget(false)?,
        keep: Keep::Failures,
    };
    let report = watched(&Target::mock(), &catalog::all(), &options).await;
    let mut ledger = Ledger::of(&report);
    let older = match std::fs::read_to_string(&args.file) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
        Err(error) => return Err(format!("the ledger {file} cannot be read: {error}")),
    };
    if let Some(older) = &older {
        let kept = ledger.keep(older);
        kept.map_err(|why| format!("the ledger {file} cannot be used: {why}"))?;
    }
    for path in &args.live {
        let wrong = |why: &dyn std::fmt::Display| {
            format!("the report {} cannot be used: {why}", path.display())
        };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
        let report: RunReport = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        if report.target != "live" {
            return Err(wrong(&format!("it is of {}, not of live", report.target)));
        }
        ledger.add_live(&report);
    }
    if args.check {
        return match ledger.first_difference(older.as_deref().unwrap_or_default()) {
            None => Ok(PASSED),
            Some(why) => {
                complain(&format!(
                    "the ledger {file} is out of date: {why}; run `upyun-conformance ledger {file}`"
                ));
                Ok(FAILED)
            }
        };
    }
    std::fs::write(&args.file, ledger.to_string())
        .map_err(|error| format!("the ledger {file} cannot be written: {error}"))?;
    Ok(PASSED)
}

#[expect(clippy::print_stderr, reason = "this is the program's voice")]
fn complain(what: &str) {
    eprintln!("upyun-conformance: {what}");
}
