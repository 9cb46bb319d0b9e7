//! The program `upyun-mock`: flags and config file, and the subcommands.

mod args;
mod doctor;
mod env;
#[cfg(feature = "exec")]
mod exec;
#[cfg(not(feature = "exec"))]
#[path = "cli/no_exec.rs"]
mod exec;
#[cfg(feature = "exec")]
mod explore;
mod local_ca;
mod serve;
mod sign;

use std::{ffi::OsString, process::ExitCode};

use clap::FromArgMatches as _;

use self::args::{Args, Command};

/// A clean stop.
pub(crate) const EXIT_OK: u8 = 0;
/// The server failed while it ran.
pub(crate) const EXIT_FAILURE: u8 = 1;
/// Wrong usage, or a port, file or directory that cannot be had.
pub(crate) const EXIT_USAGE: u8 = 2;

/// Runs the program and gives its exit status.
pub(crate) fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let parsed = args::command()
        .try_get_matches_from(arguments)
        .and_then(|matches| Args::from_arg_matches(&matches));
    let args = match parsed {
        Ok(args) => args,
        Err(error) => {
            // Help and version are errors here too, but not for the user.
            let code = if error.use_stderr() {
                EXIT_USAGE
            } else {
                EXIT_OK
            };
            let _ = error.print();
            return code.into();
        }
    };
    match args.command {
        None => serve::run(args.serve).into(),
        Some(Command::Serve(serve)) => serve::run(*serve).into(),
        Some(Command::Sign(sign)) => sign::run(&sign).into(),
        Some(Command::Exec(exec)) => exec::run(*exec).into(),
        Some(Command::Ca(ca)) => local_ca::run(&ca).into(),
        Some(Command::Hosts(hosts)) => local_ca::hosts(&hosts).into(),
        Some(Command::Env(env)) => self::env::run(&env).into(),
        Some(Command::Doctor) => doctor::run().into(),
        Some(Command::Keep(keep)) => exec::keep(&keep).into(),
        Some(Command::Outside) => exec::outside().into(),
        Some(Command::Filtered(filtered)) => exec::filtered(&filtered).into(),
        Some(Command::Probe(probe)) => exec::probe(&probe).into(),
        Some(Command::Draw { seconds, memory }) => {
            match crate::image::drawing_process::run(seconds, memory) {
                Ok(()) => EXIT_OK.into(),
                Err(_) => EXIT_FAILURE.into(),
            }
        }
    }
}
