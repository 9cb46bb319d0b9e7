//! Commands and options.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Parser, Subcommand};

use super::{model::ModelArgs, replay::ReplayArgs};
use crate::{
    case::Tag,
    damage::{self, Damage},
    run::Selection,
    wire::Budget,
};

/// What a UPYUN object store must do, case by case, on the emulator or the live service
#[derive(Debug, Parser)]
#[command(name = "upyun-conformance", version)]
pub(super) struct Args {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run cases on a target
    ///
    /// Exit status: 0 all hold, 1 a case does not, 2 the target cannot be reached or wrong usage.
    Run(RunArgs),
    /// Show the cases and what they cover
    List(ListArgs),
    /// Show the damages for `run --damage`: name, start of the ids of the cases that must notice it,
    /// and the rule that it breaks
    Damages,
    /// Run cases and write what went over the wire, without credentials and without what differs from
    /// run to run
    Record(RecordArgs),
    /// Show where two recordings or targets differ, and which decisions that settles
    ///
    /// Exit status: 0 nowhere, 1 somewhere, 2 nothing can be said.
    Compare(CompareArgs),
    /// Write what each case rests on and how it ends, on the emulator and, as far as known, live
    Ledger(LedgerArgs),
    /// Try random sequences of operations on a target and on a model beside it
    ///
    /// Exit status: 0 they agree, 1 they differ, 2 the target cannot be reached or wrong usage.
    Model(ModelArgs),
    /// Carry out a script of operations and show where the target differs from the model
    Replay(ReplayArgs),
    /// Try that every valid request is let through, and none that has one field changed
    ///
    /// Exit status: 0 it is so, 1 it is not, 2 the target cannot be reached or wrong usage.
    Strict(StrictArgs),
}

#[derive(Debug, ClapArgs)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) run: PaceArgs,
    /// Send every request to two targets, judge the first, and show where their answers differ; the
    /// second must know the first's service and operator
    #[arg(long, value_name = "A,B", conflicts_with = "target")]
    pub(super) shadow: Option<String>,
    /// Apply this damage to an emulator inside this process, to see which cases notice it;
    /// `upyun-conformance damages` shows all
    #[arg(long, value_name = "NAME", value_parser = parse_damage, conflicts_with_all = ["target", "shadow"])]
    pub(super) damage: Option<&'static Damage>,
    /// Write those differences as JSON
    #[arg(long, value_name = "FILE", requires = "shadow")]
    pub(super) shadow_report: Option<PathBuf>,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Write a JUnit report
    #[arg(long, value_name = "FILE")]
    pub(super) junit: Option<PathBuf>,
    /// Write the whole result
    #[arg(long, value_name = "FILE")]
    pub(super) json: Option<PathBuf>,
    /// Write a report for people
    #[arg(long, value_name = "FILE")]
    pub(super) markdown: Option<PathBuf>,
    /// Write one self-contained page
    #[arg(long, value_name = "FILE")]
    pub(super) html: Option<PathBuf>,
}

#[derive(Debug, ClapArgs)]
pub(super) struct TargetArgs {
    /// mock (an emulator inside this process), live, or http://HOST:PORT of a running emulator
    ///
    /// Credentials: UPYUN_SERVICE, UPYUN_USERNAME, UPYUN_PASSWORD; where they are known,
    /// UPYUN_FORM_SECRET and UPYUN_DOMAIN allow more cases.
    #[arg(long, default_value = "mock", value_name = "mock|live|URL")]
    pub(super) target: String,
}

#[derive(Clone, Debug, ClapArgs)]
pub(super) struct SelectionArgs {
    /// Part of an id, or a whole one with * for any text; repeatable, one must fit
    #[arg(long, short, value_name = "PATTERN")]
    filter: Vec<String>,
    /// Only cases with this tag; repeatable, all must fit
    #[arg(long, value_name = "TAG", value_parser = parse_tag)]
    tag: Vec<Tag>,
    /// No cases with this tag; repeatable
    #[arg(long, value_name = "TAG", value_parser = parse_tag)]
    without_tag: Vec<Tag>,
}

impl SelectionArgs {
    pub(super) fn selection(self) -> Selection {
        Selection {
            filters: self.filter,
            tags: self.tag,
            without: self.without_tag,
        }
    }
}

#[derive(Debug, ClapArgs)]
pub(super) struct PaceArgs {
    /// Cases at the same time; live: 1 unless said
    #[arg(long, short, value_name = "N")]
    jobs: Option<usize>,
    /// At most so many requests; live: 20000 unless said
    #[arg(long, value_name = "N")]
    budget_requests: Option<u64>,
    /// At most so many bytes; live: 2 GiB unless said
    #[arg(long, value_name = "BYTES")]
    budget_bytes: Option<u64>,
    /// At most so many requests a second; live: 5 unless said
    #[arg(long, value_name = "N")]
    budget_rate: Option<f64>,
}

impl PaceArgs {
    /// Cases at the same time.
    pub(super) fn jobs_on(&self, is_live: bool) -> usize {
        self.jobs.unwrap_or(if is_live { 1 } else { 4 })
    }

    /// The budget, with limits of its own for the live service.
    pub(super) fn budget(&self, is_live: bool) -> Result<Budget, String> {
        if let Some(rate) = self.budget_rate
            && (!rate.is_finite() || rate <= 0.0)
        {
            return Err(format!(
                "--budget-rate {rate} is no number of requests a second"
            ));
        }
        let default = Budget {
            requests: is_live.then_some(20_000),
            bytes: is_live.then_some(2 * 1024 * 1024 * 1024),
            requests_per_second: is_live.then_some(5.0),
        };
        Ok(Budget {
            requests: self.budget_requests.or(default.requests),
            bytes: self.budget_bytes.or(default.bytes),
            requests_per_second: self.budget_rate.or(default.requests_per_second),
        })
    }
}

#[derive(Debug, ClapArgs)]
pub(super) struct RecordArgs {
    /// The file to write, JSON lines
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) target: TargetArgs,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) run: PaceArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct CompareArgs {
    /// A recording, or a target: mock, live or a URL
    pub(super) first: String,
    /// Another
    pub(super) second: String,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    #[command(flatten)]
    pub(super) run: PaceArgs,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct LedgerArgs {
    /// The file, whose entries about the live service are kept
    #[arg(default_value = "conformance/LEDGER.tsv")]
    pub(super) file: PathBuf,
    /// Add the results of a run on the live service, written by `run --target live --json`;
    /// repeatable
    #[arg(long, value_name = "FILE")]
    pub(super) live: Vec<PathBuf>,
    /// Also bring the table of decisions in this file up to date: which case pins each mark
    #[arg(long, value_name = "FILE")]
    pub(super) fidelity: Option<PathBuf>,
    /// Also bring the tables of coverage and strictness in this page of the guide up to date
    #[arg(long, value_name = "FILE")]
    pub(super) guide: Option<PathBuf>,
    /// Everything that is generated: as --fidelity mock-server/FIDELITY.md --guide
    /// mock-server/guide/en/src/coverage.md, from the root of the repository
    #[arg(long)]
    pub(super) write: bool,
    /// Write nothing; say whether the files are up to date, with exit status 1 if not
    #[arg(long)]
    pub(super) check: bool,
    #[command(flatten)]
    pub(super) run: PaceArgs,
}

#[derive(Debug, ClapArgs)]
pub(super) struct StrictArgs {
    /// mock (an emulator inside this process), or http://HOST:PORT of a running emulator
    #[arg(long, default_value = "mock", value_name = "mock|URL")]
    pub(super) target: String,
    /// What all names, values and choices follow from
    #[arg(long, default_value_t = 1, value_name = "N")]
    pub(super) seed: u64,
    /// Try the requests of other clients instead, which `upyun-mock exec --journal FILE.har` wrote; may
    /// be repeated
    #[arg(long, value_name = "FILE.har", conflicts_with = "target")]
    pub(super) har: Vec<PathBuf>,
    /// So many requests with one field changed, of every form of signature
    #[arg(long, default_value_t = 20_000, value_name = "N")]
    pub(super) requests: usize,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, ClapArgs)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
    /// Show which sections and codes have cases instead, and which have none
    #[arg(long)]
    pub(super) coverage: bool,
    /// As JSON
    #[arg(long)]
    pub(super) json: bool,
}

fn parse_damage(name: &str) -> Result<&'static Damage, String> {
    damage::find(name)
        .ok_or_else(|| format!("there is no damage {name}; `upyun-conformance damages` shows all"))
}

fn parse_tag(name: &str) -> Result<Tag, String> {
    Tag::parse(name).ok_or_else(|| {
        let names: Vec<_> = Tag::ALL.iter().map(|tag| tag.name()).collect();
        format!("there is no tag {name}; there are {}", names.join(", "))
    })
}
