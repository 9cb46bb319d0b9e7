//! Services and operators that come, change and go.

use std::time::Duration;

use serde_json::{Value, json};
use upyun_mock::MockServer;

use super::json as send;
use crate::kit::{Send as _, get, put, request, start};

fn all(server: &MockServer, what: &str) -> Value {
    let answer = get(&format!("/_mock/{what}")).unsigned().ok(server).json();
    answer[what].clone()
}

#[test]
fn a_test_gets_a_service_of_its_own() {
    let server = start();
    let made = send("POST", "/_mock/services", &json!({ "operator": true })).send(&server);
    assert_eq!(made.status, 201);
    let made = made.json();
    let name = made["name"].as_str().unwrap();
    let word = |it: &str| made["operator"][it].as_str().unwrap().to_owned();
    let (operator, password) = (word("name"), word("password"));
    let object = format!("/{name}/a");
    put(&object, "hello").by(&operator, &password).ok(&server);
    get("/demo/")
        .by(&operator, &password)
        .refused(&server, (401, 40100017, "user need permission"));
    let gone = request("DELETE", &format!("/_mock/services/{name}")).unsigned();
    assert_eq!(gone.send(&server).status, 204);
    put(&object, "hello")
        .by(&operator, &password)
        .refused(&server, (401, 40100012, "bucket not exist"));
    send("POST", "/_mock/services", &json!({ "name": name })).send(&server);
    get(&object).refused(&server, (404, 40400001, "file or directory not found"));
}

#[test]
fn a_service_can_have_a_clock_of_its_own() {
    let server = start();
    send(
        "POST",
        "/_mock/services",
        &json!({ "name": "late", "clock_offset_seconds": -7200 }),
    )
    .send(&server);
    send(
        "POST",
        "/_mock/fork",
        &json!({ "service": "demo", "as": "other" }),
    )
    .send(&server);
    let now = server.clock().now();
    let then = now - Duration::from_secs(7200);
    put("/late/a", "x")
        .at(now)
        .refused(&server, (401, 40100002, "date offset error"));
    put("/late/a", "x").at(then).ok(&server);
    put("/other/a", "x").at(now).ok(&server);
    put("/other/a", "x")
        .at(then)
        .refused(&server, (401, 40100002, "date offset error"));
    // What a fault adds comes on top.
    server
        .add_fault("service=late => clock_skew_seconds=7200".parse().unwrap())
        .unwrap();
    put("/late/a", "x").at(now).ok(&server);
    let told = send(
        "PUT",
        "/_mock/services/late",
        &json!({ "clock_offset_seconds": 0 }),
    );
    assert_eq!(told.ok(&server).json()["clock_offset_seconds"], 0);
    server.clear_faults();
    put("/late/a", "x").at(now).ok(&server);
}

#[test]
fn a_service_is_changed_member_by_member() {
    let server = start();
    put("/demo/a", "hello").ok(&server);
    let change = |body: Value| {
        send("PUT", "/_mock/services/demo", &body)
            .ok(&server)
            .json()
    };
    let secret = change(json!({ "form_secret": "s3cret", "domains": ["img.example"] }));
    assert_eq!(secret["has_form_secret"], true);
    assert!(!secret.to_string().contains("s3cret"));
    let full = change(json!({ "fill": true }));
    assert_eq!(full["capacity_bytes"], 5);
    assert_eq!(full["domains"][0], "img.example", "the others stay");
    put("/demo/b", "x").refused(&server, (403, 40300004, "bucket is full"));
    change(json!({ "capacity_bytes": null, "state": "read-only" }));
    put("/demo/b", "x").refused(&server, (401, 40100015, "bucket read only"));
    change(json!({ "state": "active" }));
    put("/demo/b", "x").ok(&server);
}

#[test]
fn an_operator_is_added_limited_blocked_and_removed() {
    let server = start();
    let body = json!({ "name": "reader", "rights": "r" });
    let made = send("POST", "/_mock/operators", &body).send(&server).json();
    let password = made["password"].as_str().unwrap().to_owned();
    put("/demo/a", "x").ok(&server);
    let read = || get("/demo/a").by("reader", &password);
    read().ok(&server);
    put("/demo/a", "x")
        .by("reader", &password)
        .refused(&server, (401, 40100017, "user need permission"));
    let change = |body: Value| send("PUT", "/_mock/operators/reader", &body).ok(&server);
    change(json!({ "blocked": true }));
    read().refused(&server, (401, 40100007, "user blocked"));
    change(json!({ "blocked": false, "blocked_in": ["demo"] }));
    read().refused(&server, (401, 40100008, "user blocked in this bucket"));
    change(json!({ "blocked_in": [], "password": "another" }));
    get("/demo/a").by("reader", "another").ok(&server);
    assert!(!all(&server, "operators").to_string().contains("another"));
    let gone = request("DELETE", "/_mock/operators/reader").unsigned();
    assert_eq!(gone.send(&server).status, 204);
    get("/demo/a")
        .by("reader", "another")
        .refused(&server, (401, 40100006, "user not exists"));
}

#[test]
fn mistakes_are_named() {
    let server = start();
    for (method, target, body, status, says) in [
        (
            "POST",
            "services",
            json!({ "name": "Bad" }),
            400,
            "cannot name a service",
        ),
        (
            "POST",
            "services",
            json!({ "name": "demo" }),
            409,
            "already",
        ),
        (
            "POST",
            "services",
            json!({ "colour": 1 }),
            400,
            "unknown field `colour`",
        ),
        ("PUT", "services/none", json!({}), 404, "no service"),
        (
            "PUT",
            "services/demo",
            json!({ "name": "x" }),
            400,
            "keeps its name",
        ),
        (
            "PUT",
            "services/demo",
            json!({ "separator": "+" }),
            400,
            "one of ! - _",
        ),
        (
            "POST",
            "operators",
            json!({ "name": "operator" }),
            409,
            "already",
        ),
        (
            "POST",
            "operators",
            json!({ "rights": "x" }),
            400,
            "letters of `rwd`",
        ),
        ("PUT", "operators/none", json!({}), 404, "no operator"),
    ] {
        let answer = send(method, &format!("/_mock/{target}"), &body).send(&server);
        assert_eq!(answer.status, status, "{target} {body}: {}", answer.text());
        assert!(answer.text().contains(says), "{}", answer.text());
    }
}
