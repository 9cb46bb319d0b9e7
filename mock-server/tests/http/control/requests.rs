//! One request whole, and the journal as it grows.

use std::io::Read as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use upyun_mock::MockServer;

use crate::kit::{Connection, Send as _, get, put, start};

#[test]
fn one_is_shown_with_heads_and_bodies() {
    let server = start();
    let long = "0123456789".repeat(1000);
    put("/demo/a", &long)
        .header("x-upyun-meta-a", "<b>")
        .ok(&server);
    get("/demo/a").ok(&server);
    let whole = |number: u32| {
        let target = format!("/_mock/requests/{number}");
        get(&target).unsigned().ok(&server).json()
    };
    let first = whole(1);
    assert_eq!(first["request_body"]["bytes"], 10_000);
    assert_eq!(first["request_body"]["truncated"], true);
    let preview = first["request_body"]["preview_base64"].as_str().unwrap();
    let preview = BASE64_STANDARD.decode(preview).unwrap();
    assert_eq!(preview, &long.as_bytes()[..4096]);
    let headers = first["request_headers"].to_string();
    assert!(headers.contains(r#"["x-upyun-meta-a","<b>"]"#), "{headers}");
    let second = whole(2);
    assert_eq!(second["response_body"]["bytes"], 10_000);
    assert!(second["response_headers"].to_string().contains("etag"));
    for number in ["3", "0", "x"] {
        let answer = get(&format!("/_mock/requests/{number}")).unsigned();
        assert_eq!(answer.send(&server).status, 404, "{number}");
    }
}

#[test]
fn an_entry_shows_nothing_of_the_one_that_made_room_for_it() {
    let server = MockServer::builder()
        .configure(|config| config.limits.journal_entries = 1)
        .start_blocking()
        .unwrap();
    // One connection, so that a thread forgets what it wrote itself.
    let mut connection = Connection::open(server.address());
    let mut send = |bytes: &[u8], method: &str| {
        connection.write(bytes);
        let status = connection.answer(method).status;
        let entry = server.requests().pop().unwrap();
        assert_eq!((entry.method(), entry.status), (method, status));
        entry
    };
    let stored = put("/demo/a", "a body").header("x-upyun-meta-a", "b");
    let refused = get("/demo/a").unsigned();
    let preflight = "OPTIONS * HTTP/1.1\r\nHost: h\r\nOrigin: http://page\r\n\
                     Access-Control-Request-Method: PUT\r\n\r\n";
    // Two pieces of memory take turns, so that each request once has that of each other.
    for turn in 0..8 {
        let entry = send(&stored.to_bytes(), "PUT");
        assert!(entry.explanation.is_none() && entry.code.is_none());
        assert_eq!(entry.response_body(), b"");
        assert_eq!(entry.request_body(), b"a body");
        drop(entry);
        let kept = (turn % 2 == 0).then(|| server.requests());
        let entry = send(&refused.to_bytes(), "GET");
        assert!(entry.explanation.is_some() && entry.code.is_some());
        assert_eq!((entry.operator(), entry.request_body()), (None, &[][..]));
        drop(entry);
        let entry = send(preflight.as_bytes(), "OPTIONS");
        assert!(entry.explanation.is_none() && entry.code.is_none());
        assert_eq!((entry.operator(), entry.service()), (None, None));
        assert_eq!((entry.bytes_in, entry.bytes_out), (0, 0));
        assert_eq!(
            (entry.request_body(), entry.response_body()),
            (&[][..], &[][..])
        );
        let shown = format!("{:?}", entry.request_headers());
        assert!(!shown.contains("x-upyun-meta-a"), "{shown}");
        // Who holds an entry keeps it as it was.
        for entry in kept.into_iter().flatten() {
            assert_eq!((entry.method(), entry.path()), ("PUT", "/demo/a"));
            assert_eq!(entry.request_body(), b"a body");
        }
    }
}

#[test]
fn all_can_be_had_as_an_http_archive() {
    let server = start();
    put("/demo/a?x=1&y=%20", "text")
        .header("x-upyun-meta-a", "b")
        .ok(&server);
    put("/demo/b", [0xff, 0xfe]).ok(&server);
    put("/demo/c", "0123456789".repeat(1000)).ok(&server);
    get("/demo/none").send(&server);
    let archive = get("/_mock/requests.har").unsigned().ok(&server).json();
    assert_eq!(archive["log"]["version"], "1.2");
    let entries = archive["log"]["entries"].as_array().unwrap();
    let [text, binary, long, missing] = &entries[..] else {
        panic!("{archive}");
    };
    let request = &text["request"];
    assert_eq!(request["method"], "PUT");
    assert_eq!(request["url"], "http://localhost/demo/a?x=1&y=%20");
    assert_eq!(request["queryString"][1]["value"], " ");
    assert_eq!(request["postData"]["text"], "text");
    let sent = request["headers"].to_string();
    assert!(
        sent.contains(r#"{"name":"x-upyun-meta-a","value":"b"}"#),
        "{sent}"
    );
    assert!(text["startedDateTime"].as_str().unwrap().ends_with('Z'));
    assert_eq!(binary["request"]["postData"]["encoding"], "base64");
    assert_eq!(binary["request"]["postData"]["text"], "//4=");
    assert_eq!(long["request"]["bodySize"], 10_000);
    assert_eq!(
        long["request"]["postData"]["text"].as_str().unwrap().len(),
        4096
    );
    assert_eq!(missing["response"]["status"], 404);
    assert_eq!(missing["response"]["statusText"], "Not Found");
    assert_eq!(missing["_code"], 40_400_001);
    let kind = missing["response"]["content"]["mimeType"].as_str().unwrap();
    assert!(kind.starts_with("application/json"), "{kind}");
    let some = get("/_mock/requests.har?status=404")
        .unsigned()
        .ok(&server)
        .json();
    assert_eq!(some["log"]["entries"].as_array().unwrap().len(), 1);
    let none = get("/_mock/requests.har?status=x").unsigned().send(&server);
    assert_eq!(none.status, 400);
}

#[test]
fn more_filters() {
    let server = start();
    put("/demo/a", "needle in a body").ok(&server);
    get("/demo/none").send(&server);
    for (query, want) in [
        ("service=demo", 2),
        ("service=other", 0),
        ("api=rest", 2),
        ("api=purge", 0),
        ("code=40400001", 1),
        ("host=LOCALHOST", 2),
        ("faulted=true", 0),
        ("q=NEEDLE", 1),
        ("q=nowhere", 0),
    ] {
        let answer = get(&format!("/_mock/requests?{query}"))
            .unsigned()
            .ok(&server);
        let found = answer.json()["requests"].as_array().unwrap().len();
        assert_eq!(found, want, "{query}");
    }
}

#[test]
fn it_is_followed() {
    let server = start();
    put("/demo/a", "x").ok(&server);
    let mut following = Connection::open(server.address());
    let ask = get("/_mock/requests/events?method=GET&after=0").unsigned();
    following.write(&ask.to_bytes());
    let (status, headers) = following.answer_head();
    assert_eq!(status, 200);
    let kind = headers.iter().find(|(name, _)| name == "content-type");
    assert_eq!(kind.unwrap().1, "text/event-stream");
    get("/demo/a").ok(&server);
    let mut seen = String::new();
    while !seen.contains("\"path\":\"/demo/a\"") {
        let mut bytes = [0; 4096];
        let read = following.stream().read(&mut bytes).unwrap();
        assert!(read > 0, "it ended: {seen}");
        seen.push_str(&String::from_utf8_lossy(&bytes[..read]));
    }
    assert!(seen.contains("event: request"), "{seen}");
    assert!(seen.contains("id: 2"), "{seen}");
    assert!(!seen.contains("PUT"), "{seen}");
}
