//! The command line.

mod args;
mod damages;
mod ledger;
mod list;
mod model;
mod record;
mod replay;
mod run;
mod strict;

use std::process::ExitCode;

use args::{Args, Command};
use clap::Parser as _;

/// All cases hold.
pub const PASSED: u8 = 0;
/// A case does not.
pub const FAILED: u8 = 1;
/// Nothing can be said: wrong usage, or the target cannot be reached.
pub const UNUSABLE: u8 = 2;

/// Does what the command line says.
pub fn main() -> ExitCode {
    let args = Args::parse();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return unusable(&format!("no thread can be started: {error}")),
    };
    let result = match args.command {
        Command::Run(args) => runtime.block_on(run::run(args)),
        Command::List(args) => list::list(&args),
        Command::Damages => Ok(damages::list()),
        Command::Ledger(args) => runtime.block_on(ledger::ledger(args)),
        Command::Record(args) => runtime.block_on(record::record(args)),
        Command::Strict(args) => runtime.block_on(strict::strict(args)),
        Command::Compare(args) => runtime.block_on(record::compare(args)),
        Command::Model(args) => model::model(&runtime, &args),
        Command::Replay(args) => replay::replay(&runtime, &args),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(why) => unusable(&why),
    }
}

/// Data goes to stdout; a reader that has seen enough is no failure.
fn say(text: &str) {
    use std::io::Write as _;

    let _ = std::io::stdout().write_all(text.as_bytes());
}

#[expect(clippy::print_stderr, reason = "this is the program's voice")]
fn unusable(why: &str) -> ExitCode {
    eprintln!("upyun-conformance: {why}");
    ExitCode::from(UNUSABLE)
}
