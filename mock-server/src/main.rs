//! The program `upyun-mock`.

use std::process::ExitCode;

fn main() -> ExitCode {
    upyun_mock::cli::main(std::env::args_os())
}
