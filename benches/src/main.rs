//! `upyun-bench`: many clients at once against a server, and what they measured.
#![allow(clippy::print_stdout, reason = "the report is the output")]

mod args;
mod busy;
mod compare;
mod content;
mod failure;
mod gallery;
mod load;
mod operation;
mod options;
mod photo;
mod pictures;
mod plot;
mod progress;
mod recorder;
mod report;
mod size;
mod target;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let args = args::Args::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("upyun-bench: the threads cannot be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(args.run()) {
        Ok(report) => {
            print!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("upyun-bench: {error}");
            ExitCode::FAILURE
        }
    }
}
