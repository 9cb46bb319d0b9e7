//! What is no request, and how connections live on.

use crate::kit::{Connection, get, head, put, start, tree};

#[test]
fn what_is_no_http_gets_the_services_answer_and_is_journaled() {
    let server = start();
    for (bytes, code) in [
        (&b"GARBAGE\r\n\r\n"[..], (400, 40000034, "client error")),
        (
            b"GET /demo/\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
            (400, 40000034, "client error"),
        ),
        (
            b"GET /demo/ HTTP/1.1\r\nBad Header: x\r\n\r\n",
            (400, 40000034, "client error"),
        ),
        (
            b"GET /demo/ HTTP/9.9\r\n\r\n",
            (400, 40000034, "client error"),
        ),
        (
            b"PUT /demo/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1O\r\n\r\nx",
            (403, 40300030, "wrong content-length header"),
        ),
        (
            b"PUT /demo/a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nx",
            (403, 40300030, "wrong content-length header"),
        ),
        (
            b"PUT /demo/a HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            (403, 40300030, "wrong content-length header"),
        ),
    ] {
        let before = tree(&server.directory());
        let mut connection = Connection::open(server.address());
        connection.write(bytes);
        let answer = connection.answer("PUT");
        answer.assert_refused(code);
        assert_eq!(connection.rest(), b"", "the connection is closed");
        let entry = server.requests().pop().expect("a journal entry");
        assert_eq!(entry.code.map(|code| code.as_u32()), Some(code.1));
        assert!(entry.explanation.is_some());
        assert_eq!(tree(&server.directory()), before);
    }
    let entry = server.requests().pop().unwrap();
    assert_eq!((entry.method(), entry.path()), ("PUT", "/demo/a"));
}

#[test]
fn a_connection_survives_good_and_refused_requests() {
    let server = start();
    let mut connection = Connection::open(server.address());
    for n in 0..3 {
        let target = format!("/demo/{n}");
        connection.write(&put(&target, "x").to_bytes());
        assert_eq!(connection.answer("PUT").status, 200);
        connection.write(&get("/demo/none").to_bytes());
        assert_eq!(connection.answer("GET").status, 404);
        connection.write(&head(&target).to_bytes());
        assert_eq!(connection.answer("HEAD").status, 200);
        connection.write(&put(&target, "unread").unsigned().to_bytes());
        assert_eq!(connection.answer("PUT").status, 401);
        connection.write(&get(&target).to_bytes());
        assert_eq!(connection.answer("GET").text(), "x");
    }
    connection.write(b"\x00\x01\r\n\r\n");
    connection
        .answer("GET")
        .assert_refused((400, 40000034, "client error"));
    assert_eq!(server.requests().len(), 16);
}

#[test]
fn bytes_behind_a_request_that_are_none_are_refused_in_full() {
    let server = start();
    let mut bytes = put("/demo/a", "hello").to_bytes();
    bytes.extend(b"\x00\x01 no request\r\n\r\n");
    let mut connection = Connection::open(server.address());
    connection.write(&bytes);
    assert_eq!(connection.answer("PUT").status, 200);
    let answer = connection.answer("GET");
    answer.assert_refused((400, 40000034, "client error"));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    // Most likely they are the end of a body that is longer than was said.
    let why = requests[1].explanation.as_ref().unwrap().to_string();
    for words in ["Content-Length 5", "at least 17 more bytes"] {
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn raw_blanks_in_a_target_are_read_at_access_domains_only() {
    let server = start();
    server.put_object("/a b  c.txt", "hello").unwrap();
    let raw = |host: &str| {
        format!("GET /a b  c.txt?x=1 2 HTTP/1.1\r\nX-A: b c\r\nHost: {host}\r\n\r\n").into_bytes()
    };
    let one = raw("demo.b0.upaiyun.com");
    // Many on one connection, so that the reads end anywhere.
    let mut connection = Connection::open(server.address());
    connection.write(&one.repeat(200));
    for _ in 0..200 {
        assert_eq!(connection.answer("GET").text(), "hello");
    }
    let (line, rest) = one.split_at(7);
    connection.write(line);
    connection.write(rest);
    assert_eq!(connection.answer("GET").text(), "hello");
    connection.write(&raw("v0.api.upyun.com"));
    let answer = connection.answer("GET");
    answer.assert_refused((400, 40000034, "client error"));
    assert_eq!(server.requests().len(), 202);
}
