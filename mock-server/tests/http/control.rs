//! The control plane under `/_mock/`, and what the journal tells.

mod accounts;
mod client;
mod clock;
mod guard;
mod objects;
mod report;
mod requests;
mod state;

use upyun_mock::MockServer;

use crate::kit::{Send as _, delete, get, put, request, start};

#[test]
fn health_tells_state_and_version() {
    let server = start();
    let health = get("/_mock/health").unsigned().ok(&server).json();
    assert_eq!(health["status"], "ok");
    assert_eq!(health["version"], env!("CARGO_PKG_VERSION"));
    assert!(health["uptime_seconds"].is_u64());
    assert!(
        server.requests().is_empty(),
        "the control plane is not journaled"
    );
}

#[test]
fn what_is_not_there_is_told_in_the_shape_of_all_errors() {
    let server = start();
    let missing = get("/_mock/nothing").unsigned().send(&server);
    assert_eq!(missing.status, 404);
    let error = missing.json()["error"].as_str().unwrap().to_owned();
    assert!(error.contains("/_mock/nothing"), "{error}");
    for (method, path, allowed) in [
        ("PATCH", "/_mock/objects/demo/a", "PUT"),
        ("PUT", "/_mock/clock", "GET"),
        ("DELETE", "/_mock/health", "GET"),
    ] {
        let json = request(method, path).header("Content-Type", "application/json");
        let answer = json.unsigned().send(&server);
        assert_eq!(answer.status, 405, "{method} {path}");
        let error = answer.json()["error"].as_str().unwrap().to_owned();
        assert!(error.contains(path) && error.contains(method), "{error}");
        let allow = answer.header("allow").unwrap_or_default();
        assert!(allow.contains(allowed), "{allow}");
    }
}

#[test]
fn the_journal_tells_of_each_request() {
    let server = start();
    put("/demo/a", "hello").ok(&server);
    get("/demo/a").ok(&server);
    get("/demo/none")
        .by("operator", "wrong")
        .refused(&server, (401, 40100005, "signature error"));
    let journal = |query: &str| {
        let answer = get(&format!("/_mock/requests{query}"))
            .unsigned()
            .ok(&server);
        answer.json()["requests"].as_array().unwrap().clone()
    };
    let all = journal("");
    assert_eq!(all.len(), 3);
    assert_eq!(all[0]["method"], "PUT");
    assert_eq!(all[0]["path"], "/demo/a");
    assert_eq!(all[0]["host"], "localhost");
    assert_eq!(all[0]["operator"], "operator");
    assert_eq!(all[0]["status"], 200);
    assert_eq!(all[0]["bytes_in"], 5);
    assert_eq!(all[1]["bytes_out"], 5);
    assert_eq!(all[2]["code"], 40_100_005);
    assert!(all[2]["explanation"]["cause"].is_string());
    for (query, want) in [
        ("?limit=1", 1),
        ("?method=get", 2),
        ("?path=none", 1),
        ("?operator=nobody", 0),
        ("?status=401", 1),
        ("?after=2", 1),
        ("?method=GET&status=200", 1),
    ] {
        assert_eq!(journal(query).len(), want, "{query}");
    }
    let wrong = get("/_mock/requests?limit=x").unsigned().send(&server);
    assert_eq!(wrong.status, 400);
    assert!(wrong.json()["error"].is_string());
    assert_eq!(
        delete("/_mock/requests").unsigned().send(&server).status,
        204
    );
    assert_eq!(journal("").len(), 0);
}

#[test]
fn pages_of_other_origins_and_rebound_names_are_kept_out() {
    let server = start();
    let foreign = get("/_mock/health")
        .unsigned()
        .header("Origin", "http://evil.example");
    assert_eq!(foreign.send(&server).status, 403);
    // Health checks of containers use whatever name the container has.
    for (path, status) in [("/_mock/requests", 403), ("/_mock/health", 200)] {
        let bytes = get(path).unsigned().to_bytes();
        let bytes = String::from_utf8(bytes)
            .unwrap()
            .replace("Host: localhost", "Host: evil.example");
        let mut connection = crate::kit::Connection::open(server.address());
        connection.write(bytes.as_bytes());
        assert_eq!(connection.answer("GET").status, status, "{path}");
    }
}

#[test]
fn what_is_not_there_says_what_is() {
    let server = start();
    let answer = request("GET", "/_mock/nothing").unsigned().send(&server);
    assert_eq!(answer.status, 404);
    assert!(
        answer.json()["error"]
            .as_str()
            .unwrap()
            .contains("/_mock/openapi.json")
    );
}

#[test]
fn without_control_the_name_is_an_ordinary_service() {
    let server = MockServer::builder()
        .configure(|config| config.control = false)
        .start_blocking()
        .unwrap();
    get("/_mock/health").refused(&server, (401, 40100012, "bucket not exist"));
}

#[test]
fn counts_are_those_of_the_lists() {
    let server = start();
    let counts = || get("/_mock/counts").unsigned().ok(&server).json();
    let none = serde_json::json!({"uploads": 0, "tasks": 0, "callbacks": 0, "faults": 0});
    assert_eq!(counts(), none);
    server
        .add_fault("GET => status=503".parse().unwrap())
        .unwrap();
    put("/demo/a", "")
        .header("X-Upyun-Multi-Stage", "initiate")
        .header("X-Upyun-Multi-Disorder", "true")
        .send(&server);
    assert_eq!(counts()["faults"], 1);
    assert_eq!(counts()["uploads"], 1);
}

#[test]
fn the_description_has_every_route() {
    let server = start();
    let description = get("/_mock/openapi.json").unsigned().ok(&server).json();
    let paths = description["paths"].as_object().unwrap();
    for (path, methods) in [
        ("/_mock/health", &["get"][..]),
        ("/_mock/counts", &["get"]),
        ("/_mock/config", &["get"]),
        ("/_mock/ca.pem", &["get"]),
        ("/_mock/requests", &["get", "delete"]),
        ("/_mock/requests.har", &["get"]),
        ("/_mock/requests/{number}", &["get"]),
        ("/_mock/requests/events", &["get"]),
        ("/_mock/callbacks", &["get", "delete"]),
        ("/_mock/callbacks/{id}/redeliver", &["post"]),
        ("/_mock/tasks", &["get"]),
        ("/_mock/purges", &["get"]),
        ("/_mock/uploads", &["get"]),
        ("/_mock/services", &["get", "post"]),
        ("/_mock/services/{name}", &["put", "delete"]),
        ("/_mock/operators", &["get", "post"]),
        ("/_mock/operators/{name}", &["put", "delete"]),
        ("/_mock/objects/{service}/{key}", &["get", "put", "delete"]),
        ("/_mock/clock", &["get"]),
        ("/_mock/clock/advance", &["post"]),
        ("/_mock/clock/set", &["post"]),
        ("/_mock/clock/freeze", &["post"]),
        ("/_mock/clock/resume", &["post"]),
        ("/_mock/snapshot", &["post"]),
        ("/_mock/restore", &["post"]),
        ("/_mock/reset", &["post"]),
        ("/_mock/fork", &["post"]),
        ("/_mock/snapshots", &["get"]),
        ("/_mock/snapshots/{id}", &["delete"]),
        ("/_mock/faults", &["get", "post", "delete"]),
        ("/_mock/faults/{id}", &["get", "delete"]),
        ("/_mock/report", &["get"]),
    ] {
        for method in methods {
            assert!(paths[path][method].is_object(), "{method} {path}");
        }
    }
    let operations = paths
        .values()
        .flat_map(|path| path.as_object().unwrap().values());
    let mut ids: Vec<_> = operations
        .map(|operation| operation["operationId"].as_str().unwrap())
        .collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count, "no two operations have one id");
    let filter = &paths["/_mock/requests"]["get"]["parameters"];
    assert!(filter.to_string().contains("\"operator\""), "{filter}");
}

#[test]
fn the_certificate_is_shown_without_its_key() {
    let server = start();
    let answer = get("/_mock/ca.pem").unsigned().ok(&server);
    assert_eq!(answer.text(), server.ca_pem().unwrap());
    assert!(answer.text().starts_with("-----BEGIN CERTIFICATE-----"));
    assert!(!answer.text().contains("PRIVATE"), "{}", answer.text());
}

#[test]
fn the_configuration_has_no_secrets() {
    let server = start();
    let answer = get("/_mock/config").unsigned().ok(&server);
    assert_eq!(answer.json()["services"][0], "demo");
    assert_eq!(answer.json()["operators"][0], "operator");
    assert!(answer.json()["limits"]["journal_entries"].is_u64());
    assert!(!answer.text().contains("password"), "{}", answer.text());
}

/// POST or PUT of JSON.
pub(crate) fn json(method: &str, target: &str, body: &serde_json::Value) -> crate::kit::Request {
    request(method, target)
        .unsigned()
        .header("Content-Type", "application/json")
        .body(body.to_string())
}

#[test]
fn what_is_not_there_is_said_with_where_to_look() {
    let server = start();
    for (method, path, list) in [
        ("GET", "requests/9", "requests"),
        ("POST", "callbacks/none/redeliver", "callbacks"),
        ("DELETE", "services/none", "services"),
        ("DELETE", "operators/none", "operators"),
        ("DELETE", "faults/f9", "faults"),
        ("DELETE", "snapshots/s9", "snapshots"),
    ] {
        let asked = request(method, &format!("/_mock/{path}")).unsigned();
        let answer = asked.send(&server);
        let why = answer.json()["error"].as_str().unwrap().to_owned();
        assert_eq!(answer.status, 404, "{method} {path}: {why}");
        assert!(why.contains(&format!("GET /_mock/{list} lists")), "{why}");
    }
}
