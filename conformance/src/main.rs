//! The program `upyun-conformance`.

use std::process::ExitCode;

fn main() -> ExitCode {
    upyun_conformance::cli::main()
}
