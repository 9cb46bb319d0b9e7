//! Access domains: what the public reads.

use upyun_client::protocol::ErrorCode;
use upyun_mock::MockServer;

use crate::kit::{Answer, Request, get, put, request, start};

fn public(method: &str, target: &str) -> Request {
    request(method, target)
        .unsigned()
        .host("demo.b0.upaiyun.com")
        .without_length()
}

#[track_caller]
fn refused(server: &MockServer, ask: &Request, method: &str, code: ErrorCode) -> Answer {
    let answer = ask.send(server);
    assert_eq!(
        (answer.status, answer.header("x-error-code")),
        (code.status(), Some(&*code.to_string()))
    );
    if method == "GET" {
        // The code is a text here.
        assert_eq!(answer.json()["code"], code.to_string());
    }
    answer
}

#[test]
fn objects_are_read_without_a_signature() {
    let server = start();
    let key = "/d/%E4%B8%AD%20a.txt";
    put(&format!("/demo{key}"), "hello")
        .header("x-upyun-meta-a", "1")
        .ok(&server);
    for host in [
        "demo.b0.upaiyun.com",
        "DEMO.test.upcdn.net",
        "demo.b0.aicdn.com:80",
    ] {
        let answer = public("GET", key).host(host).ok(&server);
        assert_eq!(answer.text(), "hello", "{host}");
        assert_eq!(answer.header("content-type"), Some("text/plain"));
        assert!(answer.all("x-upyun-").is_empty(), "{:?}", answer.headers);
        assert!(answer.header("x-request-id").is_some());
    }
    let head = public("HEAD", key).ok(&server);
    assert_eq!(
        (head.header("content-length"), head.body.len()),
        (Some("5"), 0)
    );
    let part = public("GET", key)
        .header("Range", "bytes=1-2")
        .send(&server);
    assert_eq!((part.status, part.text()), (206, "el"));
    let etag = head.header("etag").unwrap();
    assert_eq!(
        public("GET", key)
            .header("If-None-Match", etag)
            .send(&server)
            .status,
        304
    );
    let disposition = |query: &str| {
        let answer = public("GET", &format!("{key}?{query}")).ok(&server);
        answer.header("content-disposition").map(str::to_owned)
    };
    assert_eq!(disposition("x=1"), None);
    assert_eq!(disposition("_upd=true").as_deref(), Some("attachment"));
    assert_eq!(
        disposition("_upd=b%22.txt").as_deref(),
        Some("attachment; filename=\"b_.txt\"")
    );
}

#[test]
fn what_is_not_for_the_public_is_not_there() {
    let server = start();
    put("/demo/secret.txt", "hello")
        .header("Content-Secret", "abc")
        .ok(&server);
    put("/demo/d/a.txt", "x").ok(&server);
    assert_eq!(public("GET", "/secret.txt!abc").ok(&server).text(), "hello");
    assert_eq!(
        public("GET", "/secret.txt%21abc").ok(&server).text(),
        "hello"
    );
    let absent = ErrorCode::FILE_NOT_FOUND;
    for target in ["/secret.txt", "/none", "/d", "/d/", "/"] {
        refused(&server, &public("GET", target), "GET", absent);
    }
    let other = public("GET", "/d/a.txt").host("other.b0.upaiyun.com");
    refused(&server, &other, "GET", absent);
    for target in ["/secret.txt!wrong", "/d/a.txt!v"] {
        let answer = public("GET", target).send(&server);
        assert_eq!(
            (answer.status, &answer.json()["msg"]),
            (404, &"Not Profile".into())
        );
    }
    for method in ["PUT", "POST", "DELETE"] {
        let ask = public(method, "/d/a.txt").body("y");
        refused(&server, &ask, method, ErrorCode::METHOD_NOT_ALLOWED);
    }
    assert_eq!(server.get_object("/d/a.txt").unwrap(), b"x");
}

#[test]
fn who_wants_tokens_shows_nothing_without_them() {
    use upyun_client::protocol::sign::CdnToken;
    use upyun_mock::accounts::{Password, Service};

    let server = MockServer::builder()
        .configure(|config| {
            let mut demo = Service::new("demo".parse().unwrap());
            demo.token_secret = Some(Password::new("mysecret"));
            config.services.push(demo);
        })
        .start_blocking()
        .unwrap();
    server.put_object("/dir/a b.txt", "hello").unwrap();
    let now = server.clock().unix();
    let token = |etime, uri| {
        let secret = "mysecret";
        CdnToken { secret, etime, uri }.upt()
    };
    let path = "/dir/a%20b.txt";
    let ask = |query: &str, cookie: &str| {
        get(&format!("{path}{query}"))
            .unsigned()
            .host("demo.b0.upaiyun.com")
            .header("Cookie", cookie)
            .send(&server)
    };
    let good = token(now + 60, path);
    assert_eq!(ask(&format!("?_upt={good}"), "").text(), "hello");
    assert_eq!(ask("", &format!("a=b; _upt={good}")).text(), "hello");
    for (query, cookie, why) in [
        (String::new(), String::new(), "has no token"),
        (
            format!("?_upt={}", token(now, path)),
            String::new(),
            "ended at",
        ),
        (
            format!("?_upt={}", token(now + 60, "/dir/a b.txt")),
            String::new(),
            "none for",
        ),
        ("?_upt=short".into(), String::new(), "Unix seconds"),
        // The query wins.
        ("?_upt=wrong".into(), format!("_upt={good}"), "Unix seconds"),
    ] {
        let answer = ask(&query, &cookie);
        assert_eq!(answer.status, 403, "{query} {cookie}");
        assert_eq!(answer.json()["code"], "403");
        let requests = server.requests();
        let said = requests
            .last()
            .unwrap()
            .explanation
            .as_ref()
            .unwrap()
            .to_string();
        assert!(said.contains(why), "{said}");
    }
    server.clock().advance(std::time::Duration::from_secs(61));
    assert_eq!(ask(&format!("?_upt={good}"), "").status, 403);
}
