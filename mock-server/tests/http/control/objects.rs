//! Objects without a signature.

use crate::kit::{Request, Send as _, get, put, request, start};

fn ask(method: &str, target: &str) -> Request {
    request(method, &format!("/_mock/objects{target}")).unsigned()
}

#[test]
fn they_are_put_looked_at_and_deleted() {
    let server = start();
    let stored = ask("PUT", "/demo/a/b%20c.txt")
        .header("Content-Type", "text/markdown")
        .header("x-upyun-meta-colour", "red")
        .body("hello")
        .send(&server);
    assert_eq!(stored.status, 201);
    assert_eq!(stored.json()["md5"], "5d41402abc4b2a76b9719d911017c592");
    let read = get("/demo/a/b%20c.txt").ok(&server);
    assert_eq!(read.text(), "hello");
    assert_eq!(read.header("content-type"), Some("text/markdown"));
    assert_eq!(read.header("x-upyun-meta-colour"), Some("red"));

    let info = ask("GET", "/demo/a/b%20c.txt?info=1").ok(&server).json();
    assert_eq!(info["bytes"], 5);
    assert_eq!(info["metadata"]["colour"], "red");
    let list = ask("GET", "/demo/").ok(&server).json();
    assert_eq!(list["entries"][0]["name"], "a");
    assert_eq!(list["entries"][0]["type"], "folder");
    let list = ask("GET", "/demo/a?limit=1").ok(&server).json();
    assert_eq!(list["entries"][0]["name"], "b c.txt");
    assert_eq!(list["entries"][0]["content_type"], "text/markdown");
    let services = ask("GET", "").ok(&server).json();
    assert_eq!(services["services"][0]["bytes"], 5);

    ask("PUT", "/demo/a/empty/").send(&server);
    assert_eq!(ask("DELETE", "/demo/a").send(&server).status, 204);
    get("/demo/a/b%20c.txt").refused(&server, (404, 40400001, "file or directory not found"));
    assert_eq!(ask("DELETE", "/demo/a").send(&server).status, 404);
    let list = ask("GET", "/demo/").ok(&server).json();
    assert_eq!(list["entries"].as_array().unwrap().len(), 0);
}

#[test]
fn a_browser_runs_nothing_of_them() {
    let server = start();
    let evil = "<script>alert(1)</script>";
    put("/demo/x.html", evil).ok(&server);
    put("/demo/x.svg", evil).ok(&server);
    put("/demo/x.png", evil).ok(&server);
    for (name, disposition) in [
        ("x.html", "attachment"),
        ("x.svg", "attachment"),
        ("x.png", "inline"),
    ] {
        let answer = ask("GET", &format!("/demo/{name}?inline=1")).ok(&server);
        let found = answer.header("content-disposition").unwrap();
        assert!(found.starts_with(disposition), "{name}: {found}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("sandbox"), "{policy}");
    }
}

#[test]
fn what_cannot_be_is_said() {
    let server = start();
    put("/demo/a/b", "x").ok(&server);
    for (method, target, status) in [
        ("GET", "/none/", 404),
        ("GET", "/demo/none", 404),
        ("PUT", "/demo/a", 409),
        ("PUT", "/demo/a/b/c", 409),
        ("PUT", "/demo/%2e%2e/x", 400),
        ("PUT", "/demo/a/b/", 409),
    ] {
        let answer = ask(method, target).body("x").send(&server);
        assert_eq!(
            answer.status,
            status,
            "{method} {target}: {}",
            answer.text()
        );
        assert!(answer.json()["error"].is_string());
    }
    let part = ask("GET", "/demo/a/b").header("Range", "bytes=0-0");
    assert_eq!(part.send(&server).status, 206);
}

#[test]
fn unfinished_uploads_are_listed() {
    let server = start();
    put("/demo/big", "")
        .header("x-upyun-multi-stage", "initiate")
        .header("x-upyun-multi-length", "2097152")
        .send(&server);
    let uploads = request("GET", "/_mock/uploads")
        .unsigned()
        .ok(&server)
        .json();
    let upload = &uploads["uploads"][0];
    assert_eq!(upload["key"], "/big");
    assert_eq!(upload["service"], "demo");
    assert_eq!(upload["bytes"], 2_097_152);
    assert_eq!(upload["bytes_received"], 0);
    assert_eq!(upload["part_count"], 2);
}
