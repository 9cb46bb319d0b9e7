//! What the log and the journal file tell.

use crate::kit::Served;

#[test]
fn one_line_a_request() {
    let served = Served::start(&[]);
    assert!(
        served
            .ask("PUT", "/demo/a", "hello")
            .starts_with("HTTP/1.1 200")
    );
    assert!(served.ask("GET", "/demo/a", "").ends_with("hello"));
    assert!(
        served
            .ask("GET", "/demo/none", "")
            .starts_with("HTTP/1.1 404")
    );
    served.signal("TERM");
    let (code, log) = served.end();
    assert_eq!(code, Some(0), "{log}");
    let lines: Vec<&str> = log.lines().filter(|line| line.contains(" → ")).collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert!(lines[0].contains("PUT /demo/a → 200"), "{log}");
    assert!(lines[1].contains("bytes_out=5"), "{log}");
    assert!(
        lines[2].contains("GET /demo/none → 404 40400001 file or directory not found"),
        "{log}"
    );
}

#[test]
fn log_lines_can_be_json_and_the_journal_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("journal.jsonl");
    let served = Served::start(&["--log-format", "json", "--journal", file.to_str().unwrap()]);
    served.ask("PUT", "/demo/a", "hello");
    served.ask("GET", "/other/a", "");
    served.signal("INT");
    let (code, log) = served.end();
    assert_eq!(code, Some(0), "{log}");
    for line in log.lines() {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
    let journal = std::fs::read_to_string(&file).unwrap();
    let entries: Vec<serde_json::Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[0]["path"], "/demo/a");
    assert_eq!(entries[1]["code"], 40_100_012);
}

#[test]
fn secrets_stay_out_of_the_log() {
    let served = Served::start(&[
        "--operator",
        "operator:password",
        "--operator",
        "other:s3cr3t-pw",
    ]);
    served.ask("GET", "/demo/", "");
    let answer = {
        use std::io::{Read as _, Write as _};
        let mut stream = served.connect();
        let request = "GET /demo/ HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\
                       Authorization: Basic b3RoZXI6d3JvbmctczNjcjN0\r\n\r\n";
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    served.signal("TERM");
    let (_, log) = served.end();
    for secret in [
        "s3cr3t-pw",
        "wrong-s3cr3t",
        "5f4dcc3b5aa765d61d8327deb882cf99",
    ] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn https_addresses_are_told_after_the_others() {
    let mut served = Served::start(&["--tls", "127.0.0.1:0"]);
    let line = served.line();
    assert!(
        line.starts_with("upyun-mock listening on https://127.0.0.1:"),
        "{line}"
    );
}
