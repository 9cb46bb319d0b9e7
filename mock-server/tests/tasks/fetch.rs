//! spiderman: what is at a URL becomes an object.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use upyun_client::protocol::Md5Digest;
use upyun_mock::MockServer;

use crate::{
    kit::{Send as _, head, start},
    work::{carry_out, fails},
};

/// A server of files; it tells what it was asked for.
struct Origin {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Origin {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let origin = Self {
            address,
            asked: Arc::clone(&asked),
        };
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut reader = BufReader::new(stream.unwrap());
                let mut line = String::new();
                reader.read_line(&mut line).unwrap();
                let target = line.split(' ').nth(1).unwrap_or_default().to_owned();
                let mut end = String::new();
                while end != "\r\n" {
                    end.clear();
                    reader.read_line(&mut end).unwrap();
                }
                asked.lock().unwrap().push(target.clone());
                let answer = match target.split('?').next().unwrap() {
                    "/hello" => "200 OK\r\ncontent-length: 5\r\n\r\nhello".to_owned(),
                    "/short" => "200 OK\r\ncontent-length: 50\r\n\r\nhello".to_owned(),
                    "/big" => format!("200 OK\r\n\r\n{}", "x".repeat(3000)),
                    "/once" => {
                        "302 Found\r\nlocation: hello\r\ncontent-length: 0\r\n\r\n".to_owned()
                    }
                    "/loop" => {
                        "302 Found\r\nlocation: /loop\r\ncontent-length: 0\r\n\r\n".to_owned()
                    }
                    "/away" => {
                        "302 Found\r\nlocation: http://192.0.2.1/\r\ncontent-length: 0\r\n\r\n"
                            .to_owned()
                    }
                    "/back" => {
                        let back = target.split_once('?').unwrap().1;
                        format!("302 Found\r\nlocation: {back}\r\ncontent-length: 0\r\n\r\n")
                    }
                    "/file" => {
                        "302 Found\r\nlocation: file:///etc/passwd\r\ncontent-length: 0\r\n\r\n"
                            .to_owned()
                    }
                    "/busy" => "503 Busy\r\ncontent-length: 0\r\n\r\n".to_owned(),
                    _ => "404 Not Found\r\ncontent-length: 0\r\n\r\n".to_owned(),
                };
                let mut answer = format!("HTTP/1.1 {answer}").into_bytes();
                if target == "/dot.png" {
                    let png = include_bytes!("../http/dot.png");
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", png.len());
                    answer = [head.as_bytes(), png].concat();
                }
                let _ = reader.get_mut().write_all(&answer);
            }
        });
        origin
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

fn fetch(server: &MockServer, mut task: Value) -> Value {
    if task.get("save_as").is_none() {
        task["save_as"] = "/site/index.html".into();
    }
    carry_out(server, "spiderman", task)
}

#[test]
fn a_url_becomes_an_object() {
    let (server, origin) = (start(), Origin::start());
    let task = json!({
        "url": origin.url("/hello"), "content-md5": Md5Digest::of("hello").to_string(),
        "content-secret": "abc", "x-upyun-meta-Author": "Ann",
    });
    let result = fetch(&server, task);
    assert_eq!(result["status_code"], 200, "{result}");
    assert_eq!(result["service"], "demo");
    assert_eq!(result["path"], "/site/index.html");
    assert_eq!(server.get_object("/site/index.html").unwrap(), b"hello");
    let info = head("/demo/site/index.html").ok(&server);
    assert_eq!(info.header("content-type"), Some("text/html"));
    assert_eq!(info.header("x-upyun-meta-author"), Some("Ann"));
    assert_eq!(info.header("x-upyun-meta-secret"), Some("abc"));
    let typed = json!({ "url": origin.url("/once"), "content-type": "text/x", "save_as": "b" });
    assert_eq!(fetch(&server, typed)["status_code"], 200);
    assert_eq!(
        head("/demo/b").ok(&server).header("content-type"),
        Some("text/x")
    );
}

#[test]
fn nothing_changes_what_need_not() {
    let (server, origin) = (start(), Origin::start());
    let url = origin.url("/hello");
    server.put_object("/old", "other").unwrap();
    let kept = json!({ "url": url, "save_as": "/old", "overwrite": false });
    let result = fetch(&server, kept);
    assert_eq!(result["status_code"], 204);
    assert_eq!(server.get_object("/old").unwrap(), b"other");
    assert!(origin.asked.lock().unwrap().is_empty());
    let replaced = json!({ "url": url, "save_as": "/old" });
    assert_eq!(fetch(&server, replaced.clone())["status_code"], 200);
    assert_eq!(fetch(&server, replaced)["status_code"], 204);
    assert_eq!(server.get_object("/old").unwrap(), b"hello");
}

#[test]
fn random_gets_past_caches() {
    let (server, origin) = (start(), Origin::start());
    fetch(
        &server,
        json!({ "url": origin.url("/hello"), "random": true }),
    );
    fetch(
        &server,
        json!({ "url": origin.url("/hello?a=1"), "random": "true" }),
    );
    fetch(
        &server,
        json!({ "url": origin.url("/hello"), "random": false }),
    );
    let asked = origin.asked.lock().unwrap();
    let number = |text: &str| text.parse::<u64>().is_ok();
    assert!(
        asked[0].strip_prefix("/hello?").is_some_and(number),
        "{asked:?}"
    );
    assert!(
        asked[1].strip_prefix("/hello?a=1&").is_some_and(number),
        "{asked:?}"
    );
    assert_eq!(asked[2], "/hello");
}

#[test]
fn pictures_are_processed_before_they_are_stored() {
    let (server, origin) = (start(), Origin::start());
    let task = |look: &str| json!({ "url": origin.url("/dot.png"), "save_as": "/d", "x-gmkerl-thumb": look });
    assert_eq!(
        fetch(&server, task("/scale/300/format/jpg"))["status_code"],
        200
    );
    let info = crate::kit::get("/demo/d").ok(&server);
    assert_eq!(info.header("content-type"), Some("image/jpeg"));
    assert_eq!(info.header("x-upyun-width"), Some("3"));
    fails(&server, &fetch(&server, task("/scale/x")), 400, "scale is");
    fails(&server, &fetch(&server, task("/info")), 400, "a question");
    let text = json!({ "url": origin.url("/hello"), "x-gmkerl-thumb": "/fw/10" });
    fails(&server, &fetch(&server, text), 400, "not an image");
}

#[test]
fn what_cannot_be_fetched() {
    let origin = Origin::start();
    let server = MockServer::builder()
        .configure(|config| config.limits.task_output_bytes = 2000)
        .start_blocking()
        .unwrap();
    crate::kit::make_folder("/demo/dir").ok(&server);
    let check = |task: Value, status, why: &str| {
        let result = fetch(&server, task);
        fails(&server, &result, status, why);
    };
    let at = |path: &str| json!({ "url": origin.url(path) });
    check(json!({}), 400, "no url");
    check(json!({ "url": "x" }), 400, "no http");
    check(json!({ "url": "file:///etc/passwd" }), 400, "no http");
    check(
        json!({ "url": origin.url("/hello"), "save_as": "" }),
        400,
        "no save_as",
    );
    check(
        json!({ "url": origin.url("/hello"), "save_as": "/dir" }),
        400,
        "folder",
    );
    check(
        json!({ "url": origin.url("/hello"), "overwrite": 7 }),
        400,
        "overwrite",
    );
    check(
        json!({ "url": origin.url("/hello"), "content-md5": "0".repeat(32) }),
        400,
        "content-md5",
    );
    check(
        json!({ "url": origin.url("/hello"), "content-md5": "x" }),
        400,
        "no MD5",
    );
    check(
        json!({ "url": origin.url("/hello"), "x-upyun-meta-ttl": "x" }),
        400,
        "ttl",
    );
    check(
        json!({ "url": origin.url("/hello"), "x-upyun-meta-ttl": "181" }),
        400,
        "180",
    );
    check(
        json!({ "url": origin.url("/hello"), "content-secret": "a-b" }),
        400,
        "content-secret",
    );
    check(at("/none"), 404, "nothing is at");
    check(at("/busy"), 502, "503");
    check(at("/short"), 502, "broke");
    check(at("/big"), 502, "more than 2000 bytes");
    check(at("/loop"), 502, "5 redirects");
    check(at("/file"), 502, "neither an http");
    check(
        json!({ "url": "http://127.0.0.1:1/" }),
        502,
        "cannot be asked",
    );
    for away in [
        origin.url("/away"),
        "http://192.0.2.1/".into(),
        "https://[2001:db8::1]/".into(),
    ] {
        check(json!({ "url": away }), 502, "--egress");
    }
    assert!(server.get_object("/site/index.html").is_err());
}

#[test]
fn the_server_does_not_ask_itself() {
    let origin = Origin::start();
    for listen in ["127.0.0.1:0", "0.0.0.0:0"] {
        let server = MockServer::builder()
            .configure(|config| config.listen = vec![listen.parse().unwrap()])
            .start_blocking()
            .unwrap();
        server.put_object("/secret", "secret").unwrap();
        let port = server.address().port();
        let mut hosts = vec![
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "localhost",
            "x.LOCALHOST",
        ];
        hosts.extend(["[::ffff:127.0.0.1]", "0.0.0.0", "[::]"]);
        for host in hosts {
            let url = format!("http://{host}:{port}/_mock/services/demo/objects/secret");
            let redirected = origin.url(&format!("/back?{url}"));
            for url in [url, redirected] {
                let task = json!({ "url": url });
                let result = fetch(&server, task);
                // Without --egress, other addresses than loopback's are refused before.
                let why = match host {
                    "0.0.0.0" | "[::]" => "--egress",
                    _ => "itself",
                };
                fails(&server, &result, 502, why);
            }
        }
        assert!(server.get_object("/site/index.html").is_err());
    }
}

#[test]
fn without_egress_names_are_not_looked_up() {
    let server = start();
    for host in [
        "example.com",
        "localhost.example.com",
        "demo.b0.upaiyun.com",
    ] {
        let result = fetch(&server, json!({ "url": format!("http://{host}/") }));
        fails(&server, &result, 502, "--egress");
    }
}
