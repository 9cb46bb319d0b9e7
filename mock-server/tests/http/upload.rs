//! Upload: bodies, headers, what is kept and what is refused.

use std::time::Duration;

use upyun_client::protocol::{ErrorCode, Md5Digest};
use upyun_mock::{MockServer, PutAnswer, accounts::Service};

use crate::kit::{Connection, get, head, make_folder, put, request, start, tree};

/// The smallest GIF.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[test]
fn content_is_kept_and_replaced_whole() {
    let server = start();
    let first = put("/demo/a.txt", "one")
        .header("Content-Type", "text/x-one")
        .header("x-upyun-meta-a", "1")
        .ok(&server);
    assert_eq!(first.body, b"");
    assert_eq!(first.header("content-length"), Some("0"));
    assert_eq!(first.header("etag"), None);
    request("POST", "/demo/a.txt").body("second").ok(&server);
    let answer = get("/demo/a.txt").ok(&server);
    assert_eq!(answer.text(), "second");
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    assert_eq!(answer.all("x-upyun-meta-"), []);
    put("/demo/a.txt", "").ok(&server);
    assert_eq!(
        get("/demo/a.txt").ok(&server).header("content-length"),
        Some("0")
    );
}

#[test]
fn types_come_from_the_header_or_the_name() {
    let server = start();
    for (key, sent, want) in [
        ("/demo/a.jpg", None, "image/jpeg"),
        ("/demo/a.unknown", None, "application/octet-stream"),
        ("/demo/a", None, "application/octet-stream"),
        ("/demo/b.jpg", Some("x/y; z=1"), "x/y; z=1"),
        (
            "/demo/c",
            Some("application/x-www-form-urlencoded"),
            "application/x-www-form-urlencoded",
        ),
    ] {
        let mut upload = put(key, "x");
        if let Some(sent) = sent {
            upload = upload.header("Content-Type", sent);
        }
        upload.ok(&server);
        assert_eq!(get(key).ok(&server).header("content-type"), Some(want));
    }
}

#[test]
fn pictures_tell_their_facts_and_other_objects_nothing() {
    let server = start();
    let answer = put("/demo/a.bin", GIF).ok(&server);
    assert_eq!(
        answer.all("x-upyun-"),
        [
            ("x-upyun-file-type", "GIF"),
            ("x-upyun-frames", "1"),
            ("x-upyun-height", "1"),
            ("x-upyun-width", "1"),
        ]
    );
    assert_eq!(
        put("/demo/a.gif", "no picture").ok(&server).all("x-upyun-"),
        []
    );
    assert_eq!(
        get("/demo/a.bin").ok(&server).header("x-upyun-width"),
        Some("1")
    );
    put("/demo/b", "no picture")
        .header("x-gmkerl-thumb", "/fw/100")
        .refused(&server, ErrorCode::NOT_AN_IMAGE);
}

#[test]
fn the_observed_answer_tells_etag_and_length() {
    let server = MockServer::builder()
        .configure(|config| config.fidelity.put_answer = PutAnswer::Observed)
        .start_blocking()
        .unwrap();
    let etag = format!("\"{}\"", Md5Digest::of("hello"));
    for upload in [
        put("/demo/a", "hello"),
        put("/demo/b", "").header("X-Upyun-Copy-Source", "/demo/a"),
        put("/demo/c", "").header("X-Upyun-Move-Source", "/demo/b"),
    ] {
        let answer = upload.ok(&server);
        assert_eq!(answer.header("etag"), Some(&*etag));
        assert_eq!(answer.header("x-upyun-content-length"), Some("5"));
    }
}

#[test]
fn content_md5_is_verified_and_a_mismatch_stores_nothing() {
    let server = start();
    let upload = |md5: &str| put("/demo/a", "new").header("Content-MD5", md5);
    server.put_object("/a", "old").unwrap();
    let right = Md5Digest::of("new").to_string();
    for wrong in ["abc", "IqI9rbjB2E9KqAQQkfjgFg==", &format!("{right}0")] {
        upload(wrong).refused(&server, ErrorCode::WRONG_CONTENT_MD5);
    }
    upload("IqI9rbjB2E9KqAQQkfjgFg==")
        .refused(&server, ErrorCode::WRONG_CONTENT_MD5)
        .says("is in Base64")
        .says("22a23dadb8c1d84f4aa8041091f8e016");
    upload(&Md5Digest::of("old").to_string())
        .refused(&server, ErrorCode::CONTENT_MD5_NOT_MATCH)
        .says(&right);
    assert_eq!(server.get_object("/a").unwrap(), b"old");
    upload(&right).ok(&server);
    upload(&right.to_uppercase()).ok(&server);
}

#[test]
fn metadata_has_rules() {
    let server = start();
    let upload = || put("/demo/a", "x");
    upload()
        .header("X-Upyun-Meta-Foo", "  Bar baz ")
        .header("x-upyun-meta-twice", "1")
        .header("x-upyun-meta-twice", "2")
        .header("x-upyun-meta-name", "中文")
        .header("Content-Secret", "abc123")
        .header("x-upyun-meta-ttl", "7")
        .ok(&server);
    let want = [
        ("x-upyun-meta-foo", "Bar baz"),
        ("x-upyun-meta-name", "中文"),
        ("x-upyun-meta-secret", "abc123"),
        ("x-upyun-meta-ttl", "7"),
        ("x-upyun-meta-twice", "2"),
    ];
    assert_eq!(get("/demo/a").ok(&server).all("x-upyun-meta-"), want);
    assert_eq!(head("/demo/a").ok(&server).all("x-upyun-meta-"), want);
    for (name, value, code) in [
        ("x-upyun-meta-", "x", ErrorCode::META_INVALID),
        ("x-upyun-meta-a", "a\tb", ErrorCode::META_INVALID),
        ("x-upyun-meta-ttl", "0", ErrorCode::INVALID_FILE_TTL),
        ("x-upyun-meta-ttl", "181", ErrorCode::INVALID_FILE_TTL),
        ("x-upyun-meta-ttl", "1.5", ErrorCode::INVALID_FILE_TTL),
        ("x-upyun-meta-ttl", "x", ErrorCode::INVALID_FILE_TTL),
        ("Content-Secret", "a-b", ErrorCode::INVALID_CONTENT_SECRET),
        (
            "x-upyun-meta-secret",
            "a b",
            ErrorCode::INVALID_CONTENT_SECRET,
        ),
    ] {
        upload().header(name, value).refused(&server, code);
    }
    let long = "v".repeat(4096);
    upload()
        .header("x-upyun-meta-a", &long)
        .header("x-upyun-meta-b", &long)
        .refused(&server, ErrorCode::META_INVALID);
}

#[test]
fn a_life_ends_on_the_servers_clock() {
    let server = start();
    put("/demo/a", "x")
        .header("x-upyun-meta-ttl", "1")
        .ok(&server);
    put("/demo/b", "x").ok(&server);
    let day = Duration::from_secs(86_400);
    server.clock().advance(day - Duration::from_secs(60));
    get("/demo/a").at(server.clock().now()).ok(&server);
    server.clock().advance(Duration::from_secs(61));
    let at = server.clock().now();
    // Due changes happen on the server's own time, and at the latest when somebody asks.
    let gone = get("/demo/a").at(at).send(&server);
    gone.assert_refusal(ErrorCode::FILE_NOT_FOUND, "GET");
    assert!(!get("/demo/").at(at).ok(&server).text().contains("a\t"));
    get("/demo/b").at(at).ok(&server);
}

#[test]
fn lengths_must_be_said_and_kept() {
    let server = MockServer::builder()
        .configure(|config| config.limits.max_object_bytes = 10)
        .start_blocking()
        .unwrap();
    put("/demo/a", "")
        .without_length()
        .refused(&server, ErrorCode::NEED_CONTENT_LENGTH_HEADER);
    put("/demo/a", "0123456789").ok(&server);
    put("/demo/a", "0123456789x").refused(&server, ErrorCode::CONTENT_LENGTH_TOO_LARGE);
    let chunked = |body: &str| {
        put("/demo/a", body)
            .without_length()
            .header("Transfer-Encoding", "chunked")
    };
    chunked("5\r\nhello\r\n0\r\n\r\n").ok(&server);
    assert_eq!(server.get_object("/a").unwrap(), b"hello");
    chunked("b\r\n0123456789x\r\n0\r\n\r\n").refused(&server, ErrorCode::CONTENT_LENGTH_TOO_LARGE);
    assert_eq!(server.get_object("/a").unwrap(), b"hello");
}

#[test]
fn a_client_that_goes_away_leaves_nothing() {
    let server = start();
    server.put_object("/old", "old").unwrap();
    let before = tree(&server.directory());
    for (half, announced) in [
        ("half of it", "Content-Length: 1000"),
        ("5\r\nhello\r\n3\r\n", "Transfer-Encoding: chunked"),
    ] {
        for target in ["/demo/old", "/demo/new"] {
            let head = put(target, "").without_length();
            let head = String::from_utf8(head.to_bytes()).unwrap();
            let head = head.replace("\r\n\r\n", &format!("\r\n{announced}\r\n\r\n"));
            server.clear_requests();
            let mut connection = Connection::open(&server);
            connection.write(head.as_bytes());
            connection.write(half.as_bytes());
            connection.finish_writing();
            connection.rest();
            wait_for(|| !server.requests().is_empty());
            let entry = &server.requests()[0];
            assert_eq!(entry.code, Some(ErrorCode::READ_CLIENT_REQUEST_TIMEOUT));
            assert_eq!(tree(&server.directory()), before);
        }
    }
    get("/demo/new").refused(&server, ErrorCode::FILE_NOT_FOUND);
    assert_eq!(get("/demo/old").ok(&server).text(), "old");
}

#[test]
fn a_client_that_stops_sending_is_told_so() {
    let server = MockServer::builder()
        .configure(|config| config.limits.body_timeout = Duration::from_millis(50))
        .start_blocking()
        .unwrap();
    let mut connection = Connection::open(&server);
    let bytes = put("/demo/slow", "0123456789").to_bytes();
    connection.write(&bytes[..bytes.len() - 5]);
    let answer = connection.answer("PUT");
    answer.assert_refusal(ErrorCode::READ_CLIENT_REQUEST_TIMEOUT, "PUT");
    get("/demo/slow").refused(&server, ErrorCode::FILE_NOT_FOUND);
}

#[test]
fn a_full_service_takes_no_more() {
    let server = MockServer::builder()
        .service_with(Service {
            capacity_bytes: Some(10),
            ..Service::new("demo".parse().unwrap())
        })
        .start_blocking()
        .unwrap();
    put("/demo/a", "012345").ok(&server);
    put("/demo/b", "01234").refused(&server, ErrorCode::BUCKET_IS_FULL);
    put("/demo/b", "")
        .header("X-Upyun-Copy-Source", "/demo/a")
        .refused(&server, ErrorCode::BUCKET_IS_FULL);
    // Replacing needs only the difference.
    put("/demo/a", "0123456789").ok(&server);
    make_folder("/demo/c").ok(&server);
    request("DELETE", "/demo/a").ok(&server);
    put("/demo/b", "01234").ok(&server);
}

#[test]
fn uploads_need_a_key_and_the_append_mode_is_retired() {
    let server = start();
    for target in ["/demo", "/demo/"] {
        put(target, "x").refused(&server, ErrorCode::WRONG_URI);
        request("POST", target)
            .body("x")
            .refused(&server, ErrorCode::WRONG_URI);
    }
    put("/demo/a", "x")
        .header("X-Upyun-Append", "true")
        .refused(&server, ErrorCode::INVALID_APPEND_FILE);
}

#[test]
fn processing_is_only_for_pictures_and_conditions_do_not_matter() {
    let server = start();
    server.put_object("/a", "x").unwrap();
    put("/demo/a", "y")
        .header("If-None-Match", "*")
        .header("If-Match", "\"none\"")
        .ok(&server);
    assert_eq!(server.get_object("/a").unwrap(), b"y");
}

#[track_caller]
fn wait_for(mut done: impl FnMut() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    panic!("waited 5 s in vain");
}
