//! The clock, and what falls due when it is moved.

use std::time::Duration;

use serde_json::json;
use upyun_mock::MockServer;

use super::json as send;
use crate::{
    form::form,
    kit::{Send as _, delete, get, put, request, start},
};

fn settled(server: &MockServer, seconds: f64) -> Vec<String> {
    let body = json!({ "seconds": seconds });
    let answer = send("POST", "/_mock/clock/advance", &body)
        .ok(server)
        .json();
    let settled = answer["settled"].as_array().unwrap();
    let what = settled
        .iter()
        .map(|it| it["what"].as_str().unwrap().to_owned());
    what.collect()
}

#[test]
fn it_is_read_frozen_set_and_resumed() {
    let server = start();
    let post = |name: &str| {
        let answer = request("POST", &format!("/_mock/clock/{name}"));
        answer.unsigned().ok(&server).json()
    };
    assert_eq!(post("freeze")["frozen"], true);
    let body = json!({ "unix": 1_700_000_000.5 });
    let answer = send("POST", "/_mock/clock/set", &body).ok(&server).json();
    assert_eq!(answer["unix_ms"], 1_700_000_000_500_u64);
    assert!(answer["offset_ms"].as_i64().unwrap() < 0);
    let read = get("/_mock/clock").unsigned().ok(&server).json();
    assert_eq!(read["unix_ms"], 1_700_000_000_500_u64);
    assert_eq!(post("resume")["frozen"], false);
}

#[test]
fn what_cannot_be_is_refused() {
    let server = start();
    for (target, body) in [
        ("advance", json!({ "seconds": -1 })),
        ("advance", json!({ "seconds": 1e300 })),
        ("advance", json!({})),
        ("set", json!({ "unix": 1e15 })),
        ("set", json!({ "unix": "now" })),
        ("set", json!({ "unix": 1, "more": 1 })),
    ] {
        let answer = send("POST", &format!("/_mock/clock/{target}"), &body).send(&server);
        assert_eq!(answer.status, 400, "{target} {body}");
        assert!(answer.json()["error"].is_string());
    }
}

#[test]
fn advancing_does_in_order_what_falls_due() {
    let server = start();
    let object = |name: &str| put(&format!("/demo/{name}"), "x");
    object("two").header("x-upyun-meta-ttl", "2").ok(&server);
    object("one").header("x-upyun-meta-ttl", "1").ok(&server);
    object("now").ok(&server);
    delete("/demo/now")
        .header("x-upyun-async", "true")
        .ok(&server);
    let done = settled(&server, 3.0 * 86_400.0);
    assert_eq!(done.len(), 3, "{done:?}");
    assert!(done[0].contains("/demo/now was deleted"), "{done:?}");
    assert!(done[1].contains("/demo/one"), "{done:?}");
    assert!(done[2].contains("/demo/two"), "{done:?}");
    for name in ["one", "two", "now"] {
        let at = server.clock().now();
        let answer = get(&format!("/demo/{name}")).at(at);
        answer.refused(&server, (404, 40400001, "file or directory not found"));
    }
    assert!(settled(&server, 86_400.0).is_empty());
}

#[test]
fn advancing_waits_for_callbacks_that_are_tried_again() {
    let server = start();
    // Nobody listens there.
    let url = "http://127.0.0.1:1/cb";
    form("a.txt", "hello")
        .with("notify-url", url)
        .accepted(&server);
    let done = settled(&server, 24.0 * 3600.0);
    assert_eq!(done.len(), 10, "{done:?}");
    assert!(done[0].contains("http://127.0.0.1:1/cb was tried again"));
    let callbacks = server.callbacks();
    assert_eq!(callbacks[0].attempts.len(), 11);
    let times: Vec<_> = callbacks[0].attempts.iter().map(|it| it.time_ms).collect();
    let minute = 60_000;
    assert!(times[1] - times[0] >= minute, "each at its time: {times:?}");
    assert!(times[2] - times[1] >= 2 * minute, "{times:?}");
}

#[test]
fn programs_in_rust_advance_too() {
    let server = start();
    put("/demo/a", "x")
        .header("x-upyun-meta-ttl", "1")
        .ok(&server);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let done = runtime.block_on(server.advance(Duration::from_secs(86_400)));
    assert_eq!(done.len(), 1);
    assert!(server.get_object("/a").is_err());
}

#[test]
fn a_refusal_because_of_a_moved_clock_names_the_way_back() {
    let server = start();
    put("/demo/a", "x").ok(&server);
    assert!(settled(&server, 86_400.0).is_empty());
    get("/demo/a").refused(&server, (401, 40100002, "date offset error"));
    let requests = server.requests();
    let explanation = requests
        .last()
        .unwrap()
        .explanation
        .as_ref()
        .unwrap()
        .to_string();
    assert!(
        explanation.contains("clock was moved: it is 86400 s ahead"),
        "{explanation}"
    );
    assert!(
        explanation.contains("POST /_mock/clock/reset"),
        "{explanation}"
    );
    let reset = request("POST", "/_mock/clock/reset").unsigned();
    let answer = reset.ok(&server).json();
    assert!(
        answer["offset_ms"].as_i64().unwrap().abs() < 1000,
        "{answer}"
    );
    assert!(!server.clock().is_moved());
    get("/demo/a").ok(&server);
}

#[test]
fn a_reset_brings_the_systems_time_back_unless_it_is_kept() {
    let server = start();
    let reset = |body| send("POST", "/_mock/reset", &body).send(&server).status;
    server.clock().advance(Duration::from_secs(86_400));
    assert_eq!(reset(json!({ "keep": ["clock"] })), 204);
    assert!(server.clock().is_moved());
    assert_eq!(reset(json!({ "keep": ["time"] })), 400);
    assert_eq!(reset(json!({ "service": "demo", "keep": ["clock"] })), 400);
    assert_eq!(reset(json!({})), 204);
    assert!(!server.clock().is_moved());
    server.clock().freeze();
    server.put_object("/a", "x").unwrap();
    assert_eq!(reset(json!({ "keep": ["objects"] })), 204);
    assert!(!server.clock().is_frozen());
    assert!(server.get_object("/a").is_ok());
    server.clock().freeze();
    server.reset().unwrap();
    assert!(!server.clock().is_moved());
}
