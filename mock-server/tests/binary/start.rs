//! Starting, and why not.

use std::{
    fs,
    io::{BufRead as _, BufReader},
    net::TcpListener,
};

use crate::kit::{Served, program, run};

/// One sentence on stderr and exit status 2.
#[track_caller]
fn refused(arguments: &[&str], want: &str) {
    let output = run(arguments);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "");
    assert!(stderr.contains(want), "{stderr:?} does not say {want:?}");
    assert!(!stderr.contains("panicked"), "{stderr}");
}

#[test]
fn it_says_where_and_with_what() {
    let mut served = Served::start(&[]);
    assert_ne!(served.address.port(), 0);
    assert_eq!(served.line(), "export UPYUN_SERVICE=demo");
    assert_eq!(served.line(), "export UPYUN_USERNAME=operator");
    assert_eq!(served.line(), "export UPYUN_PASSWORD=password");
    assert_eq!(
        served.line(),
        format!("export UPYUN_ENDPOINT=http://{}", served.address)
    );
    assert!(
        served
            .ready
            .starts_with("upyun-mock listening on http://127.0.0.1:")
    );
}

#[test]
fn flags_choose_services_and_operators() {
    let mut served = Served::start(&["serve", "--service", "one", "--operator", "op:it's"]);
    assert_eq!(served.line(), "export UPYUN_SERVICE=one");
    assert_eq!(served.line(), "export UPYUN_USERNAME=op");
    assert_eq!(served.line(), r"export UPYUN_PASSWORD='it'\''s'");
}

#[test]
fn the_first_given_are_exported_and_the_console_is_named() {
    let mut served = Served::start(&[
        "--service",
        "pears",
        "--service",
        "apples",
        "--operator",
        "zoe:pw1",
        "--operator",
        "amy:pw2",
    ]);
    assert_eq!(served.line(), "export UPYUN_SERVICE=pears");
    assert_eq!(served.line(), "export UPYUN_USERNAME=zoe");
    assert_eq!(served.line(), "export UPYUN_PASSWORD=pw1");
    served.line();
    let console = format!("# console: http://{}/_mock/", served.address);
    assert_eq!(served.line(), console);
}

#[test]
fn the_environment_names_the_operator_if_nothing_else_does() {
    let mut command = program();
    command
        .args(["--listen", "127.0.0.1:0"])
        .env("UPYUN_USERNAME", "env")
        .env("UPYUN_PASSWORD", "with:colon");
    let mut served = Served::spawn(&mut command);
    served.line();
    assert_eq!(served.line(), "export UPYUN_USERNAME=env");
    assert_eq!(served.line(), "export UPYUN_PASSWORD=with:colon");
}

#[test]
fn options_can_be_given_by_the_environment() {
    let mut command = program();
    command
        .env("UPYUN_MOCK_LISTEN", "localhost:0")
        .env("UPYUN_MOCK_SERVICE", "pears,apples")
        .env("UPYUN_MOCK_OPERATOR", "zoe:a,b\namy:pw\n")
        .env("UPYUN_MOCK_NO_CONTROL", "1");
    let mut served = Served::spawn(&mut command);
    assert_eq!(served.line(), "export UPYUN_SERVICE=pears");
    assert_eq!(served.line(), "export UPYUN_USERNAME=zoe");
    assert_eq!(served.line(), "export UPYUN_PASSWORD=a,b");
}

#[test]
fn a_wildcard_is_exported_as_loopback_and_warned_of() {
    let mut command = program();
    command.args(["--listen", "0.0.0.0:0"]);
    let mut child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let endpoint = lines.find_map(|line| {
        let line = line.unwrap();
        line.strip_prefix("export UPYUN_ENDPOINT=")
            .map(str::to_owned)
    });
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8(output.stderr).unwrap();
    assert!(endpoint.unwrap().starts_with("http://127.0.0.1:"));
    assert!(log.contains("default password"), "{log}");
}

#[test]
fn a_config_file_says_more_and_flags_win() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mock.toml");
    fs::write(
        &file,
        "listen = ['127.0.0.1:0']\n[[service]]\nname = 'filed'\n[[operator]]\nname = 'op'\npassword = 'pw'\n",
    )
    .unwrap();
    let config = file.to_str().unwrap();
    let mut command = program();
    command.args(["--config", config]);
    assert_eq!(
        Served::spawn(&mut command).line(),
        "export UPYUN_SERVICE=filed"
    );
    command.args(["--service", "flagged"]);
    assert_eq!(
        Served::spawn(&mut command).line(),
        "export UPYUN_SERVICE=flagged"
    );
}

#[test]
fn what_cannot_be_had_is_said_in_a_sentence() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    refused(&["--listen", &address], "is taken by another program");
    refused(&["--listen", "203.0.113.1:80"], "cannot be listened on");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    refused(&["--listen", "127.0.0.1:0", "--data", file], file);
    refused(&["--config", "/nowhere/mock.toml"], "/nowhere/mock.toml");
    fs::write(file, "port = 1").unwrap();
    refused(&["--config", file], "unknown field `port`");
}

#[test]
fn bad_flags_are_named() {
    refused(&["--listen", "port"], "invalid value 'port' for '--listen");
    refused(&["--service", "Demo"], "`Demo` cannot name a service");
    refused(&["--operator", "op"], "NAME:PASSWORD");
    refused(&["--port", "1"], "unexpected argument '--port'");
    refused(&["dance"], "dance");
}

#[test]
fn the_help_is_as_documented() {
    let help = |arguments: &[&str]| {
        let output = program()
            .args(arguments)
            .env("COLUMNS", "100")
            .output()
            .unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    insta::assert_snapshot!("help", help(&["--help"]));
    for command in ["sign", "exec", "ca", "hosts", "env", "doctor"] {
        insta::assert_snapshot!(format!("help_{command}"), help(&[command, "--help"]));
    }
    let version = help(&["--version"]);
    assert_eq!(
        version,
        format!("upyun-mock {}\n", env!("CARGO_PKG_VERSION"))
    );
}
