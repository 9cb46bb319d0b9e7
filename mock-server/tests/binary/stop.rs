//! Signals: what is running finishes, nothing is left behind; and what a kill leaves.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
};

use crate::kit::{Served, program, signed, wait_for};

/// The directories that a server made in this temporary directory.
fn temporary_directories(within: &Path) -> usize {
    fs::read_dir(within).unwrap().count()
}

#[test]
fn a_running_upload_is_finished_and_the_directory_removed() {
    for signal in ["TERM", "INT"] {
        let temporary = tempfile::tempdir().unwrap();
        let mut command = program();
        command
            .args(["--listen", "127.0.0.1:0"])
            .env("TMPDIR", temporary.path());
        let served = Served::spawn(&mut command);
        assert_eq!(temporary_directories(temporary.path()), 1);
        let mut stream = served.connect();
        let request = String::from_utf8(signed("PUT", "/demo/a", "0123456789")).unwrap();
        let request = request.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n");
        let (begin, end) = request.split_at(request.len() - 5);
        stream.write_all(begin.as_bytes()).unwrap();
        // The server has begun to read the body when it asks for it.
        let mut asked = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
        stream.read_exact(&mut asked).unwrap();
        served.signal(signal);
        std::thread::sleep(std::time::Duration::from_millis(50));
        stream.write_all(end.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let (code, log) = served.end();
        assert_eq!(code, Some(0), "{log}");
        assert_eq!(temporary_directories(temporary.path()), 0);
    }
}

#[test]
fn the_second_signal_ends_the_process_and_removes_the_directory() {
    let temporary = tempfile::tempdir().unwrap();
    let mut command = program();
    command
        .args(["--listen", "127.0.0.1:0"])
        .env("TMPDIR", temporary.path());
    let served = Served::spawn(&mut command);
    let mut stream = served.connect();
    let request = signed("PUT", "/demo/a", &"n".repeat(10_000_000));
    stream.write_all(&request[..request.len() / 2]).unwrap();
    let own = fs::read_dir(temporary.path()).unwrap().next();
    let arriving = own.unwrap().unwrap().path().join(".upyun-mock/tmp");
    wait_for("bytes in tmp", || {
        fs::read_dir(&arriving).is_ok_and(|mut entries| entries.next().is_some())
    });
    let start = std::time::Instant::now();
    served.signal("TERM");
    served.signal("INT");
    assert_eq!(served.end().0, Some(1));
    assert!(start.elapsed() < std::time::Duration::from_secs(10));
    assert_eq!(temporary_directories(temporary.path()), 0);
}

#[test]
fn idle_connections_do_not_hold_up_the_end() {
    let served = Served::start(&[]);
    let _idle = served.connect();
    let start = std::time::Instant::now();
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
    assert!(start.elapsed() < std::time::Duration::from_secs(5));
}

#[test]
fn open_event_streams_do_not_hold_up_the_end() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("journal.jsonl");
    let served = Served::start(&["--journal", file.to_str().unwrap()]);
    let mut stream = served.connect();
    let request = "GET /_mock/requests/events HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    let mut events = BufReader::new(stream).lines();
    assert_eq!(events.next().unwrap().unwrap(), "HTTP/1.1 200 OK");
    served.ask("PUT", "/demo/a", "hello");
    assert!(events.any(|line| line.unwrap() == "event: request"));
    let start = std::time::Instant::now();
    served.signal("TERM");
    assert_eq!(served.end().0, Some(0));
    assert!(start.elapsed() < std::time::Duration::from_secs(2));
    let journal = fs::read_to_string(&file).unwrap();
    assert_eq!(journal.lines().count(), 1, "{journal}");
}

#[test]
fn a_kill_in_mid_upload_leaves_the_old_object() {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--data", data.path().to_str().unwrap()];
    let served = Served::start(&arguments);
    served.ask("PUT", "/demo/a", "old");
    let body = "n".repeat(10_000_000);
    let request = signed("PUT", "/demo/a", &body);
    let mut stream = served.connect();
    stream.write_all(&request[..request.len() / 2]).unwrap();
    let arriving = data.path().join(".upyun-mock/tmp");
    wait_for("bytes in tmp", || {
        fs::read_dir(&arriving).is_ok_and(|mut entries| entries.next().is_some())
    });
    served.signal("KILL");
    assert_eq!(served.end().0, None);
    let served = Served::start(&arguments);
    assert!(served.ask("GET", "/demo/a", "").ends_with("\r\n\r\nold"));
    assert_eq!(
        fs::read_dir(&arriving).unwrap().count(),
        0,
        "the half is removed"
    );
}

#[test]
fn a_kill_between_parts_loses_none() {
    let data = tempfile::tempdir().unwrap();
    let arguments = ["--data", data.path().to_str().unwrap()];
    let mut served = Served::start(&arguments);
    let stage = |served: &Served, headers: &str, body: &str| {
        let request = String::from_utf8(signed("PUT", "/demo/big", body)).unwrap();
        let request = request.replacen("\r\n", &format!("\r\n{headers}\r\n"), 1);
        let mut stream = served.connect();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer.to_lowercase()
    };
    let parts = ["a".repeat(1 << 20), "b".repeat(1 << 20), "c".to_owned()];
    let begun = stage(
        &served,
        "X-Upyun-Multi-Stage: initiate\r\nX-Upyun-Multi-Length: 2097153",
        "",
    );
    let (_, uuid) = begun.split_once("x-upyun-multi-uuid: ").expect(&begun);
    let uuid = uuid[..36].to_owned();
    for (id, part) in parts.iter().enumerate() {
        let headers = format!(
            "X-Upyun-Multi-Stage: upload\r\nX-Upyun-Multi-Uuid: {uuid}\r\nX-Upyun-Part-Id: {id}"
        );
        let answer = stage(&served, &headers, part);
        assert!(answer.starts_with("http/1.1 204"), "{answer}");
        served.signal("KILL");
        served.end();
        served = Served::start(&arguments);
    }
    let md5 = upyun_client::protocol::Md5Digest::of(parts.concat());
    let headers = format!(
        "X-Upyun-Multi-Stage: complete\r\nX-Upyun-Multi-Uuid: {uuid}\r\nX-Upyun-Multi-MD5: {md5}"
    );
    let answer = stage(&served, &headers, "");
    assert!(answer.starts_with("http/1.1 201"), "{answer}");
    assert!(
        served
            .ask("GET", "/demo/big", "")
            .ends_with(&parts.concat())
    );
}

#[test]
fn a_full_disk_is_a_refusal_and_the_server_goes_on() {
    // A file system of its own needs a namespace of its own.
    let may_mount = std::process::Command::new("unshare")
        .args([
            "-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "none", "/mnt",
        ])
        .status()
        .is_ok_and(|status| status.success());
    if !may_mount {
        eprintln!("not run: `unshare -rm mount -t tmpfs` is not permitted on this machine");
        assert!(
            std::env::var_os("CI").is_none(),
            "CI must permit namespaces"
        );
        return;
    }
    let data = tempfile::tempdir().unwrap();
    let script =
        "mount -t tmpfs -o size=2m none \"$1\" && exec \"$2\" --listen 127.0.0.1:0 --data \"$1\"";
    let mut command = std::process::Command::new("unshare");
    command
        .args(["-rm", "sh", "-c", script, "sh"])
        .arg(data.path())
        .arg(env!("CARGO_BIN_EXE_upyun-mock"));
    let served = Served::spawn(&mut command);
    assert!(
        served
            .ask("PUT", "/demo/small", "s")
            .starts_with("HTTP/1.1 200")
    );
    let large = "l".repeat(3_000_000);
    for _ in 0..2 {
        let answer = served.ask("PUT", "/demo/large", &large);
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        assert!(
            answer.to_lowercase().contains("x-error-code: 50300027"),
            "{answer}"
        );
    }
    assert!(
        served
            .ask("GET", "/demo/large", "")
            .starts_with("HTTP/1.1 404")
    );
    assert!(served.ask("GET", "/demo/small", "").ends_with("s"));
    assert!(
        served
            .ask("PUT", "/demo/fits", &"f".repeat(500_000))
            .starts_with("HTTP/1.1 200")
    );
}
