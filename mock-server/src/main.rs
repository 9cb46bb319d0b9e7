//! The program `upyun-mock`.

fn main() -> std::process::ExitCode {
    upyun_mock::main()
}
