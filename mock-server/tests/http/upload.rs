//! Upload: bodies, headers, what is kept and what is refused.

use std::time::Duration;

use upyun_client::protocol::Md5Digest;
use upyun_mock::{MockServer, PutAnswer, accounts::Service};

use crate::kit::{Connection, Send as _, get, make_folder, put, request, start, tree, wait_for};

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
fn a_wrong_content_md5_is_explained() {
    let server = start();
    let upload = |md5: &str| put("/demo/a", "new").header("Content-MD5", md5);
    let right = Md5Digest::of("new").to_string();
    upload("IqI9rbjB2E9KqAQQkfjgFg==")
        .refused(&server, (400, 40001001, "wrong content-md5"))
        .says("is in Base64")
        .says("22a23dadb8c1d84f4aa8041091f8e016");
    upload(&Md5Digest::of("old").to_string())
        .refused(&server, (400, 40000006, "content md5 not match"))
        .says(&right);
}

#[test]
fn lengths_must_be_said_and_kept() {
    let server = MockServer::builder()
        .configure(|config| config.limits.max_object_bytes = 10)
        .start_blocking()
        .unwrap();
    put("/demo/a", "")
        .without_length()
        .refused(&server, (403, 40300026, "need content-length header"));
    put("/demo/a", "0123456789").ok(&server);
    put("/demo/a", "0123456789x").refused(&server, (413, 41300001, "content length too large"));
    let chunked = |body: &str| {
        put("/demo/a", body)
            .without_length()
            .header("Transfer-Encoding", "chunked")
    };
    chunked("5\r\nhello\r\n0\r\n\r\n").ok(&server);
    assert_eq!(server.get_object("/a").unwrap(), b"hello");
    chunked("b\r\n0123456789x\r\n0\r\n\r\n")
        .refused(&server, (413, 41300001, "content length too large"));
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
            let mut connection = Connection::open(server.address());
            connection.write(head.as_bytes());
            connection.write(half.as_bytes());
            connection.finish_writing();
            connection.rest();
            wait_for("the request in the journal", || {
                !server.requests().is_empty()
            });
            let entry = &server.requests()[0];
            assert_eq!(entry.code.map(|code| code.as_u32()), Some(40800001));
            assert_eq!(tree(&server.directory()), before);
        }
    }
    get("/demo/new").refused(&server, (404, 40400001, "file or directory not found"));
    assert_eq!(get("/demo/old").ok(&server).text(), "old");
}

#[test]
fn a_client_that_stops_sending_is_told_so() {
    let server = MockServer::builder()
        .configure(|config| config.limits.body_timeout = Duration::from_millis(50))
        .start_blocking()
        .unwrap();
    let mut connection = Connection::open(server.address());
    let bytes = put("/demo/slow", "0123456789").to_bytes();
    connection.write(&bytes[..bytes.len() - 5]);
    let answer = connection.answer("PUT");
    answer.assert_refused((408, 40800001, "read client request timeout"));
    get("/demo/slow").refused(&server, (404, 40400001, "file or directory not found"));
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
    put("/demo/b", "01234").refused(&server, (403, 40300004, "bucket is full"));
    put("/demo/b", "")
        .header("X-Upyun-Copy-Source", "/demo/a")
        .refused(&server, (403, 40300004, "bucket is full"));
    // Replacing needs only the difference.
    put("/demo/a", "0123456789").ok(&server);
    make_folder("/demo/c").ok(&server);
    request("DELETE", "/demo/a").ok(&server);
    put("/demo/b", "01234").ok(&server);
}
