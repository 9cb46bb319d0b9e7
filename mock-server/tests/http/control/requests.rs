//! One request whole, and the journal as it grows.

use std::io::Read as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::kit::{Connection, get, put, start};

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
    let mut following = Connection::open(&server);
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
