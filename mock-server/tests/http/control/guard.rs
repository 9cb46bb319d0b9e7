//! Who is kept out of the control plane.

use upyun_mock::MockServer;

use crate::kit::{Request, Send as _, get, request, start};

fn guarded() -> MockServer {
    MockServer::builder()
        .configure(|config| config.control_token = Some("t0ken".to_owned()))
        .start_blocking()
        .unwrap()
}

fn ask(target: &str) -> Request {
    get(target).unsigned()
}

#[test]
fn pages_of_other_origins_cannot_write() {
    let server = start();
    let post = |name: &str, value: &str| {
        let request = request("POST", "/_mock/reset").unsigned();
        request.header(name, value).send(&server).status
    };
    assert_eq!(post("Origin", "http://evil.example"), 403);
    assert_eq!(post("Origin", "null"), 403);
    assert_eq!(post("Sec-Fetch-Site", "cross-site"), 403);
    assert_eq!(post("Sec-Fetch-Site", "same-site"), 403);
    assert_eq!(post("Sec-Fetch-Site", "same-origin"), 204);
    assert_eq!(post("Origin", "http://localhost"), 204);
}

#[test]
fn what_is_no_json_is_refused() {
    let server = start();
    for kind in ["text/plain", "application/x-www-form-urlencoded", ""] {
        let post = request("POST", "/_mock/clock/advance").unsigned();
        let post = post.header("Content-Type", kind).body(r#"{"seconds":1}"#);
        assert_eq!(post.send(&server).status, 415, "{kind:?}");
    }
}

#[test]
fn a_token_is_wanted_by_all_but_the_page() {
    let server = guarded();
    for target in [
        "/_mock/requests",
        "/_mock/config",
        "/_mock/openapi.json",
        "/_mock/x",
    ] {
        let answer = ask(target).send(&server);
        assert_eq!(answer.status, 401, "{target}");
        assert!(answer.text().contains("--control-token"));
        let wrong = ask(target)
            .header("Authorization", "Bearer other")
            .send(&server);
        assert_eq!(wrong.status, 401, "{target}");
    }
    for target in ["/_mock/", "/_mock/health", "/_mock/assets/app.js"] {
        assert_eq!(ask(target).send(&server).status, 200, "{target}");
    }
    let right = ask("/_mock/requests").header("Authorization", "Bearer t0ken");
    assert_eq!(right.send(&server).status, 200);
}

#[test]
fn a_browser_logs_in() {
    let server = guarded();
    let login = |token: &str| {
        let body = serde_json::json!({ "token": token });
        super::json("POST", "/_mock/login", &body).send(&server)
    };
    assert_eq!(login("other").status, 401);
    let answer = login("t0ken");
    assert_eq!(answer.status, 204);
    let cookie = answer.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    let (pair, _) = cookie.split_once(';').unwrap();
    let cookies = format!("other=1; {pair}");
    let answer = ask("/_mock/requests").header("Cookie", cookies);
    assert_eq!(answer.send(&server).status, 200);
}

#[test]
fn other_names_need_a_token_or_to_be_allowed() {
    let by_name = |target: &str| ask(target).host("upyun-mock:8390");
    let guarded = guarded();
    for target in ["/_mock/", "/_mock/health", "/_mock/assets/app.js"] {
        assert_eq!(by_name(target).send(&guarded).status, 200, "{target}");
    }
    let right = by_name("/_mock/requests").header("Authorization", "Bearer t0ken");
    assert_eq!(right.send(&guarded).status, 200);
    assert_eq!(by_name("/_mock/requests").send(&guarded).status, 401);
    let open = start();
    let refused = by_name("/_mock/requests").send(&open);
    assert_eq!(refused.status, 403);
    let why = refused.text();
    assert!(why.contains("--control-token"), "{why}");
    assert!(why.contains("--control-host upyun-mock"), "{why}");
    assert_eq!(by_name("/_mock/health").send(&open).status, 200);
    let allowed = MockServer::builder()
        .configure(|config| config.control_hosts = vec!["upyun-mock".to_owned()])
        .start_blocking()
        .unwrap();
    assert_eq!(by_name("/_mock/requests").send(&allowed).status, 200);
}

#[test]
fn a_browser_that_opens_the_server_finds_the_console() {
    let server = start();
    let page = ask("/").header("Accept", "text/html,*/*").send(&server);
    assert_eq!(page.status, 303);
    assert_eq!(page.header("location"), Some("/_mock/"));
    assert_ne!(ask("/").send(&server).status, 303);
    let signed = get("/").header("Accept", "text/html").send(&server);
    assert_ne!(signed.status, 303);
    let elsewhere = ask("/").header("Accept", "text/html");
    let elsewhere = elsewhere.host("demo.b0.upaiyun.com");
    assert_ne!(elsewhere.send(&server).status, 303);
}
