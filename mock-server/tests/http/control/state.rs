//! Snapshots, and back.

use serde_json::json;

use super::json as send;
use crate::kit::{Send as _, delete, get, head, put, request, start};

#[test]
fn objects_become_what_they_were() {
    let server = start();
    put("/demo/a", "one").ok(&server);
    let taken = request("POST", "/_mock/snapshot").unsigned().send(&server);
    assert_eq!(taken.status, 201);
    let id = taken.json()["id"].clone();
    put("/demo/a", "two").ok(&server);
    put("/demo/b", "two").ok(&server);
    let list = get("/_mock/snapshots").unsigned().ok(&server).json();
    assert_eq!(list["snapshots"][0]["id"], id);
    let restore = send("POST", "/_mock/restore", &json!({ "id": id }));
    assert_eq!(restore.send(&server).status, 204);
    assert_eq!(get("/demo/a").ok(&server).text(), "one");
    get("/demo/b").refused(&server, (404, 40400001, "file or directory not found"));
    let target = format!("/_mock/snapshots/{}", id.as_str().unwrap());
    let forget = request("DELETE", &target).unsigned();
    assert_eq!(forget.send(&server).status, 204);
    assert_eq!(forget.send(&server).status, 404);
    assert_eq!(restore.send(&server).status, 404);
}

#[test]
fn a_reset_forgets_everything_or_one_service() {
    let server = start();
    send("POST", "/_mock/services", &json!({ "name": "other" })).send(&server);
    for object in ["/demo/a", "/other/a"] {
        put(object, "x").ok(&server);
    }
    let reset = |body| send("POST", "/_mock/reset", &body).send(&server).status;
    assert_eq!(reset(json!({ "service": "none" })), 404);
    assert_eq!(reset(json!({ "service": "other" })), 204);
    get("/other/a").refused(&server, (404, 40400001, "file or directory not found"));
    get("/demo/a").ok(&server);
    assert_eq!(reset(json!({})), 204);
    assert!(server.requests().is_empty());
    get("/demo/a").refused(&server, (404, 40400001, "file or directory not found"));
}

#[test]
fn a_fork_goes_its_own_way() {
    let server = start();
    let fork = |service: &str, to: &str| {
        let body = json!({ "service": service, "as": to });
        send("POST", "/_mock/fork", &body).send(&server).status
    };
    put("/demo/d/a", "one")
        .header("x-upyun-meta-x", "y")
        .ok(&server);
    put("/demo/b", "one").ok(&server);
    assert_eq!(fork("demo", "copy"), 201);
    let copied = head("/copy/d/a").ok(&server);
    assert_eq!(copied.header("x-upyun-meta-x"), Some("y"));
    assert_eq!(get("/copy/d/a").ok(&server).text(), "one");
    put("/copy/d/a", "two").ok(&server);
    assert_eq!(get("/demo/d/a").ok(&server).text(), "one");
    delete("/demo/b").ok(&server);
    assert_eq!(get("/copy/b").ok(&server).text(), "one");
    assert_eq!(fork("demo", "copy"), 409);
    assert_eq!(fork("none", "other"), 404);
    assert_eq!(fork("demo", "../x"), 400);
}
