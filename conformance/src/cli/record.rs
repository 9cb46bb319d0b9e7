//! `upyun-conformance record` and `compare`.

use std::{collections::BTreeSet, path::Path};

use super::{
    FAILED, PASSED,
    args::{CompareArgs, PaceArgs, RecordArgs, SelectionArgs},
    run::watched,
    say,
};
use crate::{
    case::Case,
    catalog,
    recording::{Recording, compare::Comparison},
    run::{self, Keep, Options},
    target::Target,
};

pub(super) async fn record(args: RecordArgs) -> Result<u8, String> {
    let target = target(&args.target.target)?;
    let recording = record_target(&target, args.selection, &args.run).await?;
    std::fs::write(&args.file, recording.to_lines())
        .map_err(|error| format!("{} cannot be written: {error}", args.file.display()))?;
    Ok(PASSED)
}

pub(super) async fn compare(args: CompareArgs) -> Result<u8, String> {
    // Both names are looked at before anything is run.
    let first = Side::parse(&args.first, &args.selection)?;
    let second = Side::parse(&args.second, &args.selection)?;
    let first = first.recording(&args.selection, &args.run).await?;
    let second = second.recording(&args.selection, &args.run).await?;
    let comparison = Comparison::of(&first, &second);
    if args.json {
        let text = serde_json::to_string_pretty(&comparison).map_err(|it| it.to_string())?;
        say(&(text + "\n"));
    } else {
        say(&comparison.to_text());
    }
    let is_alike = comparison.different.is_empty() && comparison.details.is_empty();
    Ok(if is_alike { PASSED } else { FAILED })
}

/// What is compared.
enum Side {
    Recorded(Recording),
    Target(Target),
}

impl Side {
    /// A file if there is one of this name, else a target.
    fn parse(name: &str, selection: &SelectionArgs) -> Result<Self, String> {
        let path = Path::new(name);
        if !path.exists() {
            return target(name).map(Self::Target);
        }
        let mut recording = Recording::read(path)
            .map_err(|error| format!("the recording {name} cannot be read: {error}"))?;
        let chosen = selection.clone().selection().of(&catalog::all());
        let ids: BTreeSet<_> = chosen.iter().map(Case::id).collect();
        recording.cases.retain(|id, _| ids.contains(id));
        recording.about.target = format!("{name} ({})", recording.about.target);
        Ok(Self::Recorded(recording))
    }

    async fn recording(
        self,
        selection: &SelectionArgs,
        pace: &PaceArgs,
    ) -> Result<Recording, String> {
        match self {
            Self::Recorded(recording) => Ok(recording),
            Self::Target(target) => record_target(&target, selection.clone(), pace).await,
        }
    }
}

fn target(name: &str) -> Result<Target, String> {
    Target::parse(name, |name| std::env::var(name).ok())
}

async fn record_target(
    target: &Target,
    selection: SelectionArgs,
    pace: &PaceArgs,
) -> Result<Recording, String> {
    let cases = selection.selection().of(&catalog::all());
    let is_live = matches!(target, Target::Live(_));
    let options = Options {
        jobs: pace.jobs_on(is_live),
        budget: pace.budget(is_live)?,
        keep: Keep::Everything,
    };
    if let Err(failure) = run::probe(target).await {
        return Err(format!("{} cannot be used: {failure}", target.name()));
    }
    let report = watched(target, &cases, &options).await;
    if let Some(why) = &report.left_behind {
        return Err(format!("{} was not removed: {why}", report.folder));
    }
    Ok(Recording::of(&report, target.service()))
}
