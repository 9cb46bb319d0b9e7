//! `upyun-conformance model`.
#![expect(clippy::print_stderr, reason = "talk goes to stderr")]

use std::{
    io::IsTerminal as _,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use tokio::runtime::Runtime;

use super::{FAILED, PASSED, UNUSABLE, args::TargetArgs, run::target, say};
use crate::{
    model::{Finding, Search, Stopped, Tally, concurrent::Load},
    run::{self, cleanup},
    target::Target,
    wire::{Budget, Meter},
};

#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    /// How many sequences of operations; live: 3 unless said
    #[arg(long, value_name = "N")]
    sequences: Option<u64>,
    /// From which all random choices follow; random unless said
    #[arg(long, value_name = "S")]
    seed: Option<u64>,
    /// At most so many operations in a sequence; live: 15 unless said
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// Several tasks on few keys at the same time, instead of one operation after the other
    #[arg(long)]
    concurrent: bool,
    /// Sequences at the same time
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// At most so many requests; live: 5000 unless said
    #[arg(long, value_name = "N")]
    budget_requests: Option<u64>,
    /// At most so many requests a second; live: 5 unless said
    #[arg(long, value_name = "N")]
    budget_rate: Option<f64>,
    /// Where the script of a difference is written
    #[arg(long, value_name = "FILE", default_value = "model-difference.txt")]
    script: PathBuf,
}

pub(super) fn model(runtime: &Runtime, args: &ModelArgs) -> Result<u8, String> {
    let target = target(&args.target)?;
    let is_live = matches!(target, Target::Live(_));
    runtime
        .block_on(run::probe(&target))
        .map_err(|failure| format!("{} cannot be used: {failure}", target.name()))?;
    let budget = budget(args, is_live)?;
    let search = Search {
        seed: args.seed.unwrap_or_else(rand::random),
        steps: args.steps.unwrap_or(if is_live { 15 } else { 40 }).max(1),
        shrinks: if is_live { 60 } else { 4096 },
        folder: match &target {
            Target::Mock(_) => String::new(),
            _ => run::new_folder(),
        },
        meter: Arc::new(Meter::new(budget)),
        stop: stop_on_ctrl_c(runtime),
        target,
    };
    let sequences = args.sequences.unwrap_or(if is_live { 3 } else { 100 });
    let clock = Instant::now();
    let tally = watched(&search, sequences, args);
    let left_behind = clean_up(runtime, &search, budget);
    let Tally {
        sequences: agreed,
        operations,
        stopped,
    } = tally;
    say(&format!(
        "{agreed} sequences with {operations} operations agree; seed {}, {} s, target {}\n",
        search.seed,
        clock.elapsed().as_secs(),
        search.target.name()
    ));
    if let Some(why) = &left_behind {
        eprintln!("{} was not removed: {why}", search.folder);
    }
    let Some(finding) = stopped else {
        return Ok(if left_behind.is_some() {
            UNUSABLE
        } else {
            PASSED
        });
    };
    say(&format!("{}\n", finding.to_string().trim_end()));
    match &finding {
        Finding::Sequence(Stopped::Found(found)) => {
            let text = format!(
                "# seed {} sequence {} target {}\n{}",
                search.seed,
                found.sequence,
                search.target.name(),
                found.script
            );
            let file = args.script.display();
            std::fs::write(&args.script, text)
                .map_err(|error| format!("the script {file} cannot be written: {error}"))?;
            eprintln!("it is in {file}; `upyun-conformance replay {file}` shows it again");
            Ok(FAILED)
        }
        Finding::Impossible(..) => Ok(FAILED),
        Finding::Sequence(_) => Ok(UNUSABLE),
    }
}

pub(super) fn clean_up(runtime: &Runtime, search: &Search, budget: Budget) -> Option<String> {
    if matches!(search.target, Target::Mock(_)) {
        return None;
    }
    let pace = Budget {
        requests_per_second: budget.requests_per_second,
        ..Budget::default()
    };
    let cleaning = cleanup::remove(&search.target, &search.folder, Arc::new(Meter::new(pace)));
    let cleaned = runtime.block_on(cleaning);
    cleaned.err().map(|failure| failure.to_string())
}

fn watched(search: &Search, sequences: u64, args: &ModelArgs) -> Tally {
    let bar = match std::io::stderr().is_terminal() {
        true => ProgressBar::new(sequences),
        false => ProgressBar::hidden(),
    };
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} {elapsed}") {
        bar.set_style(style);
    }
    let jobs = args.jobs.unwrap_or(match &search.target {
        Target::Mock(_) => std::thread::available_parallelism().map_or(1, usize::from),
        _ => 1,
    });
    let is_live = matches!(search.target, Target::Live(_));
    let load = Load {
        tasks: if is_live { 3 } else { 6 },
        steps: search.steps.min(15),
        keys: 3,
    };
    let tally = match args.concurrent {
        true => search.many_concurrent(sequences, jobs, load, || bar.inc(1)),
        false => search.many(sequences, jobs, || bar.inc(1)),
    };
    bar.finish_and_clear();
    tally
}

pub(super) fn stop_on_ctrl_c(runtime: &Runtime) -> Arc<AtomicBool> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    runtime.spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            eprintln!("stopping after this sequence; what was made is removed");
            flag.store(true, Ordering::Relaxed);
        }
    });
    stop
}

fn budget(args: &ModelArgs, is_live: bool) -> Result<Budget, String> {
    if let Some(rate) = args.budget_rate
        && (!rate.is_finite() || rate <= 0.0)
    {
        return Err(format!(
            "--budget-rate {rate} is no number of requests a second"
        ));
    }
    Ok(Budget {
        requests: args.budget_requests.or(is_live.then_some(5000)),
        bytes: None,
        requests_per_second: args.budget_rate.or(is_live.then_some(5.0)),
    })
}
