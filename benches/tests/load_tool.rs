//! upyun-bench as people run it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use upyun_mock::MockServer;

fn bench(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upyun-bench"));
    for variable in ["ENDPOINT", "SERVICE", "USERNAME", "PASSWORD"] {
        command.env_remove(format!("UPYUN_{variable}"));
    }
    command.args(arguments).stdin(Stdio::null());
    command
}

#[track_caller]
fn run(arguments: &[&str]) -> String {
    let output = bench(arguments).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    text(output.stdout)
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Everything in a server that is not a request's record.
fn left_behind(server: &MockServer) -> usize {
    std::fs::read_dir(server.directory()).unwrap().count()
}

#[test]
fn each_command_counts_what_the_server_saw_and_leaves_nothing() {
    let server = MockServer::builder().start_blocking().unwrap();
    let directory = tempfile::tempdir().unwrap();
    for (command, method, extra) in [
        ("put", "PUT", &[][..]),
        ("get", "GET", &["--verify"][..]),
        ("mixed", "GET", &["--reads", "100", "--verify"][..]),
        ("multipart", "PUT", &[][..]),
    ] {
        server.clear_requests();
        let file = directory.path().join(format!("{command}.json"));
        let url = server.url();
        let mut arguments = vec![command, "--target", &url, "--size", "1k..256k"];
        arguments.extend(["--concurrency", "2", "--objects", "5", "--json"]);
        arguments.push(file.to_str().unwrap());
        arguments.extend(extra);
        let shown = run(&arguments);
        assert!(shown.contains("10 operations in "), "{shown}");
        let report = json(&file);
        assert_eq!(report["operations"], 10, "{report}");
        assert_eq!(report["errors"], serde_json::json!({}), "{report}");
        assert_eq!(report["ended"], "done");
        let kind = if command == "mixed" { "get" } else { command };
        assert_eq!(report["latency_ms"][kind]["count"], 10, "{report}");
        let requests = server.requests();
        let seen: Vec<_> = requests.iter().filter(|it| it.method() == method).collect();
        // In parts an object is one part between two requests.
        let each = if command == "multipart" { 3 } else { 1 };
        assert_eq!(seen.len(), 10 * each, "{command}");
        let moved: u64 = seen.iter().map(|it| it.bytes_in + it.bytes_out).sum();
        assert_eq!(report["bytes"], moved, "{command}");
        assert_eq!(left_behind(&server), 0, "{command}");
    }
}

#[test]
fn a_budget_holds_with_everything_around_the_run() {
    let server = MockServer::builder().start_blocking().unwrap();
    let url = server.url();
    let shown = run(&[
        "put",
        "--target",
        &url,
        "--max-requests",
        "50",
        "--concurrency",
        "2",
    ]);
    assert!(shown.contains("the budget of requests is spent"), "{shown}");
    let requests = server.requests().len();
    assert!((45..=50).contains(&requests), "{requests}");
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn a_rate_is_kept_and_reports_are_drawn_and_compared() {
    let directory = tempfile::tempdir().unwrap();
    let name = |name: &str| directory.path().join(name).to_str().unwrap().to_owned();
    for (file, picture) in [("a.json", "a.svg"), ("b.json", "b.png")] {
        let (file, picture) = (name(file), name(picture));
        let mut arguments = vec!["put", "--rate", "40", "--duration", "1", "--json", &file];
        arguments.extend(["--plot", &picture]);
        run(&arguments);
        assert_eq!(json(Path::new(&file))["operations"], 40);
    }
    let svg = std::fs::read_to_string(name("a.svg")).unwrap();
    assert!(svg.contains("MB/s") && svg.contains("p99"), "{svg}");
    let png = std::fs::read(name("b.png")).unwrap();
    assert!(
        png.starts_with(b"\x89PNG") && png.len() > 10_000,
        "{}",
        png.len()
    );
    let shown = run(&["compare", &name("a.json"), &name("a.json")]);
    assert!(shown.contains("0 better, 0 worse, 9 within 5 %"), "{shown}");
    let other = bench(&["compare", &name("a.json"), &name("a.svg")]).output();
    let Output { status, stderr, .. } = other.unwrap();
    assert!(!status.success());
    assert!(text(stderr).contains("a.svg is not what"));
}

#[test]
fn a_server_that_refuses_everything_is_a_failure() {
    let server = MockServer::builder().start_blocking().unwrap();
    let url = server.url();
    let run = bench(&[
        "put",
        "--target",
        &url,
        "--password",
        "wrong",
        "--objects",
        "2",
    ])
    .output();
    let Output { status, stderr, .. } = run.unwrap();
    let stderr = text(stderr);
    assert!(!status.success(), "{stderr}");
    assert!(
        stderr.contains("no operation succeeded") && stderr.contains("40100005"),
        "{stderr}"
    );
    assert!(!stderr.contains("wrong"), "{stderr}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_run_reports_and_cleans_up() {
    use std::time::{Duration, Instant};
    let server = MockServer::builder().start_blocking().unwrap();
    let url = server.url();
    let mut command = bench(&["put", "--target", &url, "--duration", "600"]);
    let child = command.stdout(Stdio::piped()).spawn().unwrap();
    let patience = Instant::now() + Duration::from_secs(30);
    while server.requests().len() < 20 {
        assert!(Instant::now() < patience, "no load in time");
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &pid]).status().unwrap();
    assert!(sent.success());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let shown = text(output.stdout);
    assert!(shown.contains("ended early: interrupted"), "{shown}");
    assert_eq!(left_behind(&server), 0);
}
