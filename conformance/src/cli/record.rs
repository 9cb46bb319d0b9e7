//! `upyun-conformance record` and `compare`.

use std::path::Path;

use super::{
    FAILED, PASSED,
    args::{CompareArgs, PaceArgs, RecordArgs, SelectionArgs},
    run::watched,
    say,
};
use crate::{
    catalog,
    recording::{Recording, compare::Comparison},
    run::{self, Keep, Options},
    target::Target,
};

pub(super) async fn record(args: RecordArgs) -> Result<u8, String> {
    let recording = record_target(&args.target.target, args.selection, &args.run).await?;
    std::fs::write(&args.file, recording.to_lines())
        .map_err(|error| format!("{} cannot be written: {error}", args.file.display()))?;
    Ok(PASSED)
}

pub(super) async fn compare(args: CompareArgs) -> Result<u8, String> {
    let mut sides = Vec::new();
    for name in [&args.first, &args.second] {
        sides.push(side(name, args.selection.clone(), &args.run).await?);
    }
    let comparison = Comparison::of(&sides[0], &sides[1]);
    if args.json {
        let text = serde_json::to_string_pretty(&comparison).map_err(|it| it.to_string())?;
        say(&(text + "\n"));
    } else {
        say(&comparison.to_text());
    }
    let is_alike = comparison.different.is_empty() && comparison.details.is_empty();
    Ok(if is_alike { PASSED } else { FAILED })
}

/// A file if there is one of this name, else a target, which is recorded now.
async fn side(name: &str, selection: SelectionArgs, pace: &PaceArgs) -> Result<Recording, String> {
    let path = Path::new(name);
    if !path.exists() {
        return record_target(name, selection, pace).await;
    }
    let mut recording = Recording::read(path)
        .map_err(|error| format!("the recording {name} cannot be read: {error}"))?;
    let chosen: Vec<_> = selection.selection().of(&catalog::all());
    let ids: std::collections::BTreeSet<_> = chosen.iter().map(|case| case.id()).collect();
    recording.cases.retain(|id, _| ids.contains(id));
    recording.about.target = format!("{name} ({})", recording.about.target);
    Ok(recording)
}

async fn record_target(
    name: &str,
    selection: SelectionArgs,
    pace: &PaceArgs,
) -> Result<Recording, String> {
    let target = Target::parse(name, |name| std::env::var(name).ok())?;
    let cases = selection.selection().of(&catalog::all());
    let is_live = matches!(target, Target::Live(_));
    let options = Options {
        jobs: pace.jobs_on(is_live),
        budget: pace.budget(is_live)?,
        keep: Keep::Everything,
    };
    if let Err(failure) = run::probe(&target).await {
        return Err(format!("{} cannot be used: {failure}", target.name()));
    }
    let report = watched(&target, &cases, &options).await;
    if let Some(why) = &report.left_behind {
        return Err(format!("{} was not removed: {why}", report.folder));
    }
    Ok(Recording::of(&report, target.service()))
}
