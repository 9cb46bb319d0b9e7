//! The program: exit statuses, files, and what Ctrl-C leaves.

use std::process::{Command, Output};

use upyun_mock::{MockServer, PutAnswer};

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upyun-conformance"));
    for name in ["UPYUN_SERVICE", "UPYUN_USERNAME", "UPYUN_PASSWORD"] {
        command.env_remove(name);
    }
    command.args(args);
    command
}

fn run(args: &[&str]) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = program(args).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    (status.code(), text(stdout), text(stderr))
}

#[test]
fn a_dry_run_against_the_live_service_needs_no_credentials() {
    let (code, stdout, stderr) = run(&["run", "--dry-run", "--target", "live"]);
    assert_eq!(code, Some(0), "{stderr}");
    assert!(stdout.starts_with("target live;"), "{stdout}");
}

#[test]
fn passing_is_0_and_every_report_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let (junit, json, markdown, html) =
        (file("j.xml"), file("j.json"), file("j.md"), file("h.html"));
    let (code, stdout, stderr) = run(&[
        "run",
        "--filter",
        "rest.usage.*",
        "--junit",
        &junit,
        "--json",
        &json,
        "--markdown",
        &markdown,
        "--html",
        &html,
    ]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("8 passed"), "{stdout}");
    for (file, part) in [
        (junit, "<testsuite name=\"rest.usage\" tests=\"8\""),
        (json, "\"verdict\": \"passed\""),
        (markdown, "| 8 | 0 |"),
        (html, "<code>rest.usage.of-a-file</code>"),
    ] {
        let text = std::fs::read_to_string(&file).unwrap();
        assert!(text.contains(part), "{file}: {text}");
    }
}

#[test]
fn failing_is_1() {
    let server = MockServer::builder()
        .configure(|config| config.fidelity.put_answer = PutAnswer::Observed)
        .start_blocking()
        .unwrap();
    let url = server.url();
    let (code, stdout, stderr) = run(&["run", "--target", &url, "-f", "rest.put.answer*"]);
    assert_eq!(code, Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("expected no header ETag"), "{stdout}");
    let again = format!("--target {url} --filter rest.put.answer-says-nothing-of-the-object");
    assert!(stdout.contains(&again), "{stdout}");
}

#[test]
fn no_target_and_wrong_usage_are_2() {
    for (args, why) in [
        (
            &["run", "--target", "http://127.0.0.1:1"][..],
            "cannot be used",
        ),
        (&["run", "--target", "live"], "UPYUN_SERVICE is not set"),
        (&["run", "--filter", "no-such-case"], "no case matches"),
        (&["run", "--tag", "no-such-tag"], "there is no tag"),
        (&["run", "--budget-rate", "0"], "--budget-rate 0"),
        (
            &["compare", "mock", "no-such-file"],
            "neither mock nor live",
        ),
    ] {
        let (code, stdout, stderr) = run(args);
        assert_eq!((code, &*stdout), (Some(2), ""), "{args:?}: {stderr}");
        assert!(stderr.contains(why), "{args:?}: {stderr}");
    }
}

#[test]
fn a_dry_run_sends_nothing() {
    let server = MockServer::builder().start_blocking().unwrap();
    let (code, stdout, _) = run(&["run", "--dry-run", "--target", &server.url()]);
    assert_eq!(code, Some(0));
    assert!(stdout.contains("run rest.put.empty"), "{stdout}");
    assert!(
        stdout.contains("not applicable rest.metadata.ttl-ends"),
        "{stdout}"
    );
    assert!(server.requests().is_empty());
}

#[test]
fn a_recording_is_compared_with_a_target() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("mock.jsonl").display().to_string();
    let (code, _, stderr) = run(&["record", &file, "-f", "rest.usage.*"]);
    assert_eq!(code, Some(0), "{stderr}");
    let (code, stdout, stderr) = run(&["compare", &file, "mock", "-f", "rest.usage.*"]);
    assert_eq!(code, Some(0), "{stdout}{stderr}");
    assert!(stdout.contains("8 cases alike"), "{stdout}");
    assert!(
        stdout.contains("on which they agree: R-67 R-68 R-69"),
        "{stdout}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing() {
    use std::process::Stdio;

    let server = MockServer::builder().start_blocking().unwrap();
    let url = server.url();
    let mut child = program(&[
        "run",
        "--target",
        &url,
        "--budget-rate",
        "50",
        "-f",
        "rest.list.*",
    ])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    upyun_test_kit::wait_for("an upload", || {
        let requests = server.requests();
        requests.iter().any(|entry| entry.method() == "PUT")
    });
    let id = child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-INT", &id])
            .status()
            .unwrap()
            .success()
    );
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(2));
    let left: Vec<_> = std::fs::read_dir(server.directory()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}
