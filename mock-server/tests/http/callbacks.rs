//! Callbacks: what a program receives, how often it is tried, and what is remembered.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
    time::Duration,
};

use upyun_client::protocol::{Md5Digest, PasswordMd5, sign::HeaderSignature};
use upyun_mock::{CallbackEntry, CallbackState, MockServer};

use crate::{
    form::form,
    kit::{Send as _, get, request, start},
};

/// Takes one request and answers it; gives its lines and its body.
pub(crate) fn receive(listener: &TcpListener, status: u16) -> (Vec<String>, String) {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let length = header(&lines, "content-length").parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    write!(
        reader.get_mut(),
        "HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n"
    )
    .unwrap();
    (lines, String::from_utf8(body).unwrap())
}

fn header<'a>(lines: &'a [String], name: &str) -> &'a str {
    let mut pairs = lines.iter().filter_map(|line| line.split_once(": "));
    pairs
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .unwrap()
        .1
}

#[track_caller]
fn wait_for(server: &MockServer, done: impl Fn(&CallbackEntry) -> bool) -> CallbackEntry {
    let entry = || server.callbacks().pop().unwrap();
    crate::kit::wait_for("a state of the callback", || done(&entry()));
    entry()
}

#[test]
fn a_notification_is_signed_and_remembered() {
    let server = start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/upyun_notify?x=1", listener.local_addr().unwrap());
    form("a b.txt", "hello")
        .with("notify-url", url)
        .with("ext-param", "e&f")
        .accepted(&server);
    let (lines, body) = receive(&listener, 200);
    assert_eq!(lines[0], "POST /upyun_notify?x=1 HTTP/1.1");
    let type_ = "application/x-www-form-urlencoded;charset=utf-8";
    assert_eq!(header(&lines, "content-type"), type_);
    assert!(
        body.starts_with("code=200&message=ok&url=%2Fform%2Fa%20b.txt&time="),
        "{body}"
    );
    assert!(
        body.ends_with("&mimetype=text%2Fplain&file_size=5&ext-param=e%26f"),
        "{body}"
    );
    let md5 = Md5Digest::of(&body).to_string();
    assert_eq!(header(&lines, "content-md5"), md5);
    let signature = HeaderSignature {
        method: "POST",
        uri: "/upyun_notify?x=1",
        date: header(&lines, "date"),
        content_md5: Some(&md5),
    };
    let given = header(&lines, "authorization")
        .strip_prefix("UPYUN operator:")
        .unwrap();
    assert!(signature.verify(&PasswordMd5::of("password"), given));
    let entry = wait_for(&server, |entry| entry.state == CallbackState::Delivered);
    assert_eq!(entry.body, body);
    assert_eq!(entry.attempts[0].status, Some(200));
    let listed = get("/_mock/callbacks").unsigned().ok(&server).json();
    assert_eq!(listed["callbacks"][0]["state"], "delivered");
    assert_eq!(listed["callbacks"][0]["body"], body);
}

#[test]
fn failures_are_tried_again_on_the_servers_clock() {
    let server = start();
    server.clock().freeze();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    form("a", "x").with("notify-url", url).accepted(&server);
    let (first, body) = receive(&listener, 500);
    assert_eq!(first[0], "POST / HTTP/1.1");
    for (attempts, minutes) in [(1, 1), (2, 2)] {
        let entry = wait_for(&server, |entry| entry.attempts.len() == attempts);
        assert_eq!(entry.state, CallbackState::Waiting);
        server.clock().advance(Duration::from_secs(minutes * 60));
        let status = if attempts == 2 { 204 } else { 302 };
        let (again, same) = receive(&listener, status);
        assert_eq!(same, body);
        assert_ne!(header(&again, "date"), header(&first, "date"));
        assert_ne!(
            header(&again, "authorization"),
            header(&first, "authorization")
        );
    }
    let entry = wait_for(&server, |entry| entry.state == CallbackState::Delivered);
    let status: Vec<_> = entry
        .attempts
        .iter()
        .map(|attempt| attempt.status)
        .collect();
    assert_eq!(status, [Some(500), Some(302), Some(204)]);
}

#[test]
fn callbacks_that_are_refused_are_in_the_report() {
    let server = start();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/typo", listener.local_addr().unwrap());
    form("a", "x").with("notify-url", url).accepted(&server);
    receive(&listener, 404);
    wait_for(&server, |entry| !entry.attempts.is_empty());
    let report = request("GET", "/_mock/report").unsigned().ok(&server);
    let report = report.json();
    let mut fragile = report["fragile"].as_array().unwrap().iter();
    let found = fragile.find(|entry| entry["id"] == "callback-refused");
    assert_eq!(found.unwrap()["requests"], 1, "{report}");
}

#[test]
fn callbacks_stay_on_this_machine_and_can_be_sent_again() {
    let server = start();
    form("a", "x")
        .with("notify-url", "http://192.0.2.1/cb")
        .accepted(&server);
    let entry = wait_for(&server, |entry| !entry.attempts.is_empty());
    let error = entry.attempts[0].error.clone().unwrap();
    assert!(error.contains("--egress"), "{error}");
    assert!(entry.body.starts_with("code=200&"), "{}", entry.body);
    let again = format!("/_mock/callbacks/{}/redeliver", entry.id);
    assert_eq!(request("POST", &again).unsigned().send(&server).status, 204);
    assert_eq!(server.callbacks()[0].attempts.len(), 2);
    let unknown = request("POST", "/_mock/callbacks/x/redeliver").unsigned();
    assert_eq!(unknown.send(&server).status, 404);
    assert_eq!(
        request("DELETE", "/_mock/callbacks")
            .unsigned()
            .send(&server)
            .status,
        204
    );
    assert!(server.callbacks().is_empty());
}

#[test]
fn callbacks_do_not_reach_the_server_itself() {
    let server = start();
    server.clock().freeze();
    let port = server.address().port();
    for host in ["127.0.0.1", "localhost", "[::ffff:7f00:1]"] {
        let url = format!("http://{host}:{port}/_mock/clock/advance");
        form("a", "x").with("notify-url", url).accepted(&server);
    }
    wait_for(&server, |_| {
        let entries = server.callbacks();
        entries.len() == 3 && entries.iter().all(|entry| !entry.attempts.is_empty())
    });
    for entry in server.callbacks() {
        let error = entry.attempts[0].error.clone().unwrap();
        assert!(error.contains("itself"), "{error}");
    }
}

#[test]
fn large_callbacks_push_the_oldest_out() {
    let server = MockServer::builder()
        .configure(|config| config.limits.callbacks_bytes = 10_000)
        .start_blocking()
        .unwrap();
    for number in 0..10 {
        let url = format!("http://127.0.0.1:1/{number}/{}", "x".repeat(2000));
        form("a", "x").with("notify-url", url).accepted(&server);
    }
    let left = server.callbacks();
    assert!((1..=2).contains(&left.len()), "{}", left.len());
    assert!(
        left.last()
            .unwrap()
            .url
            .starts_with("http://127.0.0.1:1/9/")
    );
}

#[test]
fn failed_uploads_notify_nobody() {
    let server = start();
    let small = form("a", "x").with("content-length-range", "5,9");
    let refused = small
        .with("notify-url", "http://127.0.0.1:9/")
        .request()
        .send(&server);
    assert_eq!(refused.status, 403);
    assert!(server.callbacks().is_empty());
}
