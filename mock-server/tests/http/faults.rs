//! Faults: what each does to a request over a socket, and to which requests.

use std::{
    io::{ErrorKind, Read as _},
    time::{Duration, Instant},
};

use upyun_mock::{CallbackState, MockServer, faults::Fault};

use crate::form::form;
use crate::kit::{Connection, Request, Send as _, delete, get, head, put, request, start};

fn with(rule: &str) -> MockServer {
    let server = start();
    server.put_object("/a.txt", "0123456789").unwrap();
    server.add_fault(rule.parse().unwrap()).unwrap();
    server
}

/// What comes back until the connection ends, and how it ends.
fn all_of(server: &MockServer, request: &Request) -> (Vec<u8>, Result<(), ErrorKind>) {
    let mut connection = Connection::open(server.address());
    connection.write(&request.to_bytes());
    let mut got = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        match connection.stream().read(&mut buffer) {
            Ok(0) => return (got, Ok(())),
            Ok(n) => got.extend(&buffer[..n]),
            Err(error) => return (got, Err(error.kind())),
        }
    }
}

/// The body behind a head.
fn body_of(bytes: &[u8]) -> &[u8] {
    let at = bytes.windows(4).position(|it| it == b"\r\n\r\n").unwrap();
    &bytes[at + 4..]
}

#[track_caller]
fn did(server: &MockServer, want: &str) {
    // The entry is written when the connection is done with.
    crate::kit::wait_for(want, || {
        let requests = server.requests();
        let mut faults = requests.iter().flat_map(|entry| &entry.faults);
        faults.any(|fault| fault.did.contains(want))
    });
}

#[test]
fn codes_and_statuses_are_answered_and_nothing_is_done() {
    let server = with("PUT => code=50300001 times=1");
    put("/demo/new", "x")
        .send(&server)
        .assert_refused((503, 50300001, "write hub failed"));
    assert!(server.get_object("/new").is_err());
    put("/demo/new", "x").ok(&server);
    did(&server, "answered with code 50300001");
    assert_eq!(server.faults()[0].applied, 1);
    assert!(server.faults()[0].over);

    server.add_fault(Fault::any().status(418)).unwrap();
    let answer = get("/demo/a.txt").send(&server);
    assert_eq!(answer.status, 418);
    assert_eq!(answer.json()["code"], 41_800_000);
    server.clear_faults();
    get("/demo/a.txt").ok(&server);
}

#[test]
fn rules_choose_their_requests() {
    for (rule, fits, others) in [
        ("get => status=503", get("/demo/a.txt"), head("/demo/a.txt")),
        (
            "/demo/* => status=503",
            get("/demo/a.txt"),
            get("/demo/b/c"),
        ),
        (
            "/demo/** => status=503",
            get("/demo/b/c"),
            get("/other/a.txt"),
        ),
        (
            "/demo/文* => status=503",
            get("/demo/%E6%96%87"),
            get("/demo/a.txt"),
        ),
        (
            "api=purge => status=503",
            request("POST", "/purge/").host("purge.upyun.com"),
            get("/demo/a.txt"),
        ),
        (
            "api=rest => status=503",
            get("/demo/a.txt"),
            put("/demo/m", "").header("x-upyun-multi-stage", "initiate"),
        ),
        (
            "host=v1.* => status=503",
            get("/demo/a.txt").host("v1.api.upyun.com"),
            get("/demo/a.txt"),
        ),
        (
            "operator=op* => status=503",
            get("/demo/a.txt"),
            get("/demo/a.txt").by("other", "x"),
        ),
        (
            "service=demo => status=503",
            get("/demo/a.txt"),
            get("/none/a.txt"),
        ),
        (
            "header.range=bytes* => status=503",
            get("/demo/a.txt").header("Range", "bytes=0-1"),
            get("/demo/a.txt"),
        ),
        (
            "header.range=false => status=503",
            get("/demo/a.txt"),
            get("/demo/a.txt").header("Range", "bytes=0-1"),
        ),
        (
            "part=3 => status=503",
            put("/demo/m", "").header("x-upyun-part-id", "3"),
            put("/demo/m", "").header("x-upyun-part-id", "2"),
        ),
    ] {
        let server = with(rule);
        assert_ne!(others.send(&server).status, 503, "{rule}: {others:?}");
        assert_eq!(fits.send(&server).status, 503, "{rule}: {fits:?}");
        assert_eq!(server.faults()[0].seen, 1, "{rule}");
    }
}

#[test]
fn rules_count() {
    let schedule = |rule: &str, requests: usize| -> String {
        let server = with(rule);
        let statuses = (0..requests).map(|_| get("/demo/a.txt").send(&server).status);
        statuses
            .map(|it| if it == 503 { 'x' } else { '.' })
            .collect()
    };
    assert_eq!(schedule("nth=3 => status=503", 5), "..x..");
    assert_eq!(schedule("nth=1,4 => status=503", 5), "x..x.");
    assert_eq!(schedule("every=2 => status=503", 5), ".x.x.");
    assert_eq!(schedule("times=2 => status=503", 5), "xx...");
    assert_eq!(schedule("every=2 times=1 => status=503", 5), ".x...");
    let drawn = schedule("probability=0.5 seed=42 => status=503", 24);
    assert_eq!(drawn, schedule("probability=0.5 seed=42 => status=503", 24));
    assert!(drawn.contains('x') && drawn.contains('.'), "{drawn}");
}

#[test]
fn rules_last_for_a_while() {
    let server = with("for=60 => status=503");
    assert_eq!(get("/demo/a.txt").send(&server).status, 503);
    server.clock().advance(Duration::from_secs(61));
    let now = server.clock().now();
    get("/demo/a.txt").at(now).ok(&server);
    assert!(server.faults()[0].over);
}

#[test]
fn connections_close_without_an_answer() {
    for (rule, end) in [
        ("=> close_before", Ok(())),
        ("=> reset", Err(ErrorKind::ConnectionReset)),
        ("=> close_before reset", Err(ErrorKind::ConnectionReset)),
    ] {
        let server = with(rule);
        let (got, ended) = all_of(&server, &get("/demo/a.txt"));
        assert_eq!((got.as_slice(), ended), (&b""[..], end), "{rule}");
        did(&server, "without an answer");
        assert_eq!(server.requests()[0].status, 0);
    }
}

#[test]
fn connections_close_at_a_byte() {
    let server = with("PUT => close_after_request_bytes=1000 reset");
    let big = vec![b'x'; 200_000];
    let (got, _) = all_of(&server, &put("/demo/big", &big));
    assert_eq!(got, b"");
    did(
        &server,
        "reset the connection after 1000 bytes of the request",
    );
    assert!(server.get_object("/big").is_err());
    // A body that ends before the place is stored, and the rule has not acted.
    put("/demo/small", "x").ok(&server);
    assert_eq!(server.faults()[0].applied, 1);

    let server = with("GET => close_after_response_bytes=4");
    let (got, ended) = all_of(&server, &get("/demo/a.txt"));
    assert_eq!(body_of(&got), b"0123");
    assert!(String::from_utf8_lossy(&got).contains("Content-Length: 10"));
    assert_eq!(ended, Ok(()));
    did(&server, "after 4 bytes of the answer");
    assert_eq!(server.requests()[0].status, 200);
}

#[test]
fn parts_are_cut_where_the_rule_says() {
    let server = with("api=multipart part=1 => close_after_request_bytes=500000 reset times=1");
    let begun = put("/demo/big", "")
        .header("x-upyun-multi-stage", "initiate")
        .header("x-upyun-multi-length", "1648576")
        .send(&server);
    let uuid = begun.header("x-upyun-multi-uuid").unwrap().to_owned();
    let part = |id: &str, size: usize| {
        put("/demo/big", vec![b'x'; size])
            .header("x-upyun-multi-stage", "upload")
            .header("x-upyun-multi-uuid", &uuid)
            .header("x-upyun-part-id", id)
    };
    assert_eq!(part("0", 1_048_576).send(&server).status, 204);
    assert_eq!(server.faults()[0].applied, 0);
    let (got, _) = all_of(&server, &part("1", 600_000));
    assert_eq!(got, b"");
    did(
        &server,
        "reset the connection after 500000 bytes of the request",
    );
    assert_eq!(part("1", 600_000).send(&server).status, 204);
}

#[test]
fn answers_are_cut_and_corrupted() {
    let server = with("GET => truncate_to_bytes=3");
    let answer = get("/demo/a.txt").ok(&server);
    assert_eq!(answer.body, b"012");
    assert_eq!(answer.header("content-length"), Some("3"));
    did(&server, "cut the answer's body to 3 bytes");

    let server = with("GET => corrupt={\"at\":8,\"bytes\":4}");
    let answer = get("/demo/a.txt").ok(&server);
    assert_eq!(
        answer.body,
        [b"01234567".as_slice(), &[!b'8', !b'9']].concat()
    );

    let server = with("PUT => corrupt");
    let md5 = upyun_client::protocol::Md5Digest::of("hello").to_string();
    put("/demo/b", "hello")
        .header("Content-MD5", &md5)
        .refused(&server, (400, 40000006, "content md5 not match"));
    did(&server, "corrupted 1 bytes at 0");
}

#[test]
fn the_answer_of_a_carried_out_request_is_lost() {
    let server = with("PUT => lose_answer times=1");
    let (got, _) = all_of(&server, &put("/demo/b", "stored"));
    assert_eq!(got, b"");
    assert_eq!(server.get_object("/b").unwrap(), b"stored");
    did(&server, "its answer 200 was lost");
}

#[test]
fn requests_stall_and_go_on() {
    let server = with("GET => stall={\"seconds\":0.2}");
    let begun = Instant::now();
    get("/demo/a.txt").ok(&server);
    assert!(begun.elapsed() >= Duration::from_millis(200));

    let server = with("GET => stall={\"after_response_bytes\":5}");
    let mut connection = Connection::open(server.address());
    connection.write(&get("/demo/a.txt").to_bytes());
    let mut got = Vec::new();
    let mut byte = [0];
    while !got.ends_with(b"01234") {
        connection.stream().read_exact(&mut byte).unwrap();
        got.push(byte[0]);
    }
    did_not_end(&server);
    drop(connection);
    did(&server, "stalled after 5 bytes");
}

fn did_not_end(server: &MockServer) {
    std::thread::sleep(Duration::from_millis(50));
    assert!(server.requests().is_empty(), "the answer is not sent yet");
}

#[test]
fn bodies_come_slowly() {
    let server = with("=> bytes_per_second=50");
    let begun = Instant::now();
    assert_eq!(get("/demo/a.txt").ok(&server).body, b"0123456789");
    assert!(
        begun.elapsed() >= Duration::from_millis(190),
        "{:?}",
        begun.elapsed()
    );
    did(&server, "50 bytes/s");
}

#[test]
fn delays_are_waited() {
    let server = with("=> delay_ms={\"min\":100,\"max\":120} seed=1");
    let begun = Instant::now();
    get("/demo/a.txt").ok(&server);
    assert!(begun.elapsed() >= Duration::from_millis(100));
    did(&server, "delayed by 1");
}

#[test]
fn quotas_refuse_what_is_too_much() {
    let server = with("=> rate_limit={\"requests\":2,\"per_seconds\":60}");
    server.clock().freeze();
    get("/demo/a.txt").ok(&server);
    get("/demo/a.txt").ok(&server);
    get("/demo/a.txt")
        .send(&server)
        .assert_refused((429, 42900001, "too many requests"));
    server.clock().advance(Duration::from_secs(61));
    get("/demo/a.txt").at(server.clock().now()).ok(&server);
}

#[test]
fn clocks_are_skewed() {
    let server = with("=> clock_skew_seconds=2400 times=1");
    get("/demo/a.txt").refused(&server, (401, 40100002, "date offset error"));
    get("/demo/a.txt").ok(&server);
}

#[tokio::test]
async fn changes_become_visible_late() {
    let server = with("=> visible_after_ms=3000");
    server.clock().freeze();
    let now = server.clock().now();
    put("/demo/a.txt", "new").at(now).ok(&server);
    assert_eq!(get("/demo/a.txt").at(now).ok(&server).body, b"0123456789");
    let done = server.advance(Duration::from_secs(3)).await;
    assert!(done[0].contains("stored, late"), "{done:?}");
    assert_eq!(server.get_object("/a.txt").unwrap(), b"new");

    let now = server.clock().now();
    delete("/demo/a.txt").at(now).ok(&server);
    assert!(server.get_object("/a.txt").is_ok());
    server.advance(Duration::from_secs(3)).await;
    assert!(server.get_object("/a.txt").is_err());
    let refused = delete("/demo/a.txt").at(server.clock().now()).send(&server);
    assert_eq!(
        refused.status, 404,
        "what is not there cannot be deleted late"
    );
}

#[test]
fn the_control_plane_sets_and_takes_faults() {
    let server = start();
    let post = |body: &str| {
        request("POST", "/_mock/faults")
            .unsigned()
            .header("Content-Type", "application/json")
            .body(body)
            .send(&server)
    };
    let set = post(
        r#"{"match":{"method":"GET","probability":1.0},"action":{"status":503},"times":1,"label":"<b>"}"#,
    );
    assert_eq!((set.status, set.json()["id"].as_str()), (201, Some("f1")));
    assert_eq!(get("/demo/a").send(&server).status, 503);
    let list = get("/_mock/faults").unsigned().ok(&server).json();
    let fault = &list["faults"][0];
    assert_eq!(fault["applied"], 1);
    assert_eq!(fault["over"], true);
    assert_eq!(fault["label"], "<b>");
    assert!(fault["seed"].is_u64());
    assert_eq!(fault["match"]["method"], "GET");
    assert_eq!(
        get("/_mock/faults/f1").unsigned().ok(&server).json(),
        *fault
    );
    for (body, word) in [
        ("{\"action\":{}}", "says nothing"),
        ("{\"action\":{\"stauts\":1}}", "stauts"),
        ("{}", "action"),
    ] {
        let answer = post(body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(word), "{body}: {}", answer.text());
    }
    assert_eq!(
        delete("/_mock/faults/f1").unsigned().send(&server).status,
        204
    );
    assert_eq!(
        delete("/_mock/faults/f1").unsigned().send(&server).status,
        404
    );
    assert_eq!(get("/_mock/faults/f1").unsigned().send(&server).status, 404);
    post("{\"action\":{\"status\":503}}");
    assert_eq!(delete("/_mock/faults").unsigned().send(&server).status, 204);
    assert!(server.faults().is_empty());
}

#[test]
fn faults_of_the_configuration_come_back_with_a_reset() {
    let config = upyun_mock::Config::parse(
        "[[fault]]\nmatch = { method = \"GET\" }\naction = { status = 503 }\ntimes = 1\n",
    );
    assert_eq!(config.unwrap().faults.len(), 1);
    let wrong = upyun_mock::Config::parse("[[fault]]\naction = { stauts = 503 }\n");
    assert!(wrong.unwrap_err().to_string().contains("stauts"));
}

/// Receives as many callbacks as come until one is done with.
fn notified(server: &MockServer, listener: &std::net::TcpListener, name: &str) -> usize {
    let url = format!("http://{}/notify", listener.local_addr().unwrap());
    form(name, "x").with("notify-url", url).accepted(server);
    let mut count = 0;
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let entry = server.callbacks().pop().unwrap();
        if entry.state != CallbackState::Waiting {
            return count;
        }
        assert!(Instant::now() < deadline, "{entry:?}");
        match listener.accept() {
            Ok((stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                count += 1;
                answer(stream);
            }
            Err(_) => std::thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn answer(mut stream: std::net::TcpStream) {
    use std::io::Write as _;
    let mut head = [0; 8192];
    let _ = stream.read(&mut head).unwrap();
    let ok = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let _ = stream.write_all(ok);
}

#[test]
fn callbacks_get_lost_and_come_twice() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let server = with("callback /notify => lose times=1");
    assert_eq!(notified(&server, &listener, "lost.txt"), 0);
    let entry = server.callbacks().pop().unwrap();
    assert_eq!(entry.state, CallbackState::Lost);
    assert_eq!(entry.faults[0].did, "lost the callback");
    assert!(entry.attempts.is_empty());

    let server = with("callback /other => lose");
    server
        .add_fault("callback => duplicate".parse().unwrap())
        .unwrap();
    assert!(notified(&server, &listener, "twice.txt") >= 1);
    let deadline = Instant::now() + Duration::from_secs(5);
    while server.callbacks()[0].attempts.len() < 2 {
        assert!(Instant::now() < deadline);
        if let Ok((stream, _)) = listener.accept() {
            stream.set_nonblocking(false).unwrap();
            answer(stream);
        }
    }
    assert_eq!(server.callbacks()[0].state, CallbackState::Delivered);
}

#[test]
fn a_clock_is_skewed_by_a_hundred_years_at_most() {
    let server = start();
    for skew in [i64::MAX, i64::MIN, 3_153_600_001] {
        let rule = format!("=> clock_skew_seconds={skew}");
        let error = match rule.parse::<Fault>() {
            Ok(fault) => server.add_fault(fault).unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(error.contains("3153600000"), "{error}");
    }
    let server = with("=> clock_skew_seconds=3153600000");
    put("/demo/a", "x").refused(&server, (401, 40100002, "date offset error"));
}

#[test]
fn a_body_behind_a_fault_is_read_on_within_bounds() {
    let server = with("PUT => status=503");
    let mut connection = Connection::open(server.address());
    let head = b"PUT /demo/b HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000000\r\n\r\n";
    connection.write(head);
    let mebibyte = vec![b'x'; 1 << 20];
    for _ in 0..64 {
        connection.write(&mebibyte);
    }
    connection.write(b"x");
    let start = Instant::now();
    assert_eq!(connection.answer("PUT").status, 503);
    assert!(start.elapsed() < Duration::from_secs(4), "not by time");
}
