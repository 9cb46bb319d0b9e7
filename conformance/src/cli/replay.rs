//! `upyun-conformance replay`.
#![expect(clippy::print_stderr, reason = "talk goes to stderr")]

use std::{path::PathBuf, sync::Arc};

use clap::Args;
use tokio::runtime::Runtime;

use super::{
    FAILED, PASSED,
    args::TargetArgs,
    model::{clean_up, stop_on_ctrl_c},
    run::target,
    say,
};
use crate::{
    model::{Script, Search, play},
    run,
    target::Target,
    wire::{Budget, Meter},
};

#[derive(Debug, Args)]
pub(super) struct ReplayArgs {
    /// The script: one operation a line, like `put /a%20b size=4097 seed=3`
    file: PathBuf,
    #[command(flatten)]
    target: TargetArgs,
}

pub(super) fn replay(runtime: &Runtime, args: &ReplayArgs) -> Result<u8, String> {
    let file = args.file.display();
    let text = std::fs::read_to_string(&args.file)
        .map_err(|error| format!("the script {file} cannot be read: {error}"))?;
    let script: Script = text
        .parse()
        .map_err(|error| format!("the script {file} cannot be used: {error}"))?;
    let target = target(&args.target)?;
    let budget = Budget {
        requests_per_second: matches!(target, Target::Live(_)).then_some(5.0),
        ..Budget::default()
    };
    let search = Search {
        seed: 0,
        steps: script.0.len(),
        shrinks: 0,
        folder: run::new_folder(),
        meter: Arc::new(Meter::new(budget)),
        stop: stop_on_ctrl_c(runtime),
        target,
    };
    let folder = format!("{}/replay", search.folder);
    let playing = play(&search.target, &script, &folder, &search.meter);
    let played = runtime.block_on(playing);
    if let Some(why) = clean_up(runtime, &search, budget) {
        eprintln!("{} was not removed: {why}", search.folder);
    }
    let played =
        played.map_err(|failure| format!("{} cannot be used: {failure}", search.target.name()))?;
    Ok(match played {
        None => {
            say(&format!("{} operations agree\n", script.0.len()));
            PASSED
        }
        Some(difference) => {
            say(&format!("{difference}\n"));
            FAILED
        }
    })
}
