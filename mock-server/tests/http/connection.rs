//! What is no request, and how connections live on.

use upyun_client::protocol::ErrorCode;

use crate::kit::{Connection, get, head, put, start, tree};

#[test]
fn what_is_no_http_gets_the_services_answer_and_is_journaled() {
    let server = start();
    for (bytes, code) in [
        (&b"GARBAGE\r\n\r\n"[..], ErrorCode::CLIENT_ERROR),
        (
            b"GET /demo/\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
            ErrorCode::CLIENT_ERROR,
        ),
        (
            b"GET /demo/ HTTP/1.1\r\nBad Header: x\r\n\r\n",
            ErrorCode::CLIENT_ERROR,
        ),
        (b"GET /demo/ HTTP/9.9\r\n\r\n", ErrorCode::CLIENT_ERROR),
        (
            b"PUT /demo/a HTTP/1.1\r\nHost: h\r\nContent-Length: 1O\r\n\r\nx",
            ErrorCode::WRONG_CONTENT_LENGTH_HEADER,
        ),
        (
            b"PUT /demo/a HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\nx",
            ErrorCode::WRONG_CONTENT_LENGTH_HEADER,
        ),
        (
            b"PUT /demo/a HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n",
            ErrorCode::WRONG_CONTENT_LENGTH_HEADER,
        ),
    ] {
        let before = tree(&server.directory());
        let mut connection = Connection::open(&server);
        connection.write(bytes);
        let answer = connection.answer("PUT");
        answer.assert_refusal(code, "PUT");
        assert_eq!(connection.rest(), b"", "the connection is closed");
        let entry = server.requests().pop().expect("a journal entry");
        assert_eq!(entry.code, Some(code));
        assert!(entry.explanation.is_some());
        assert_eq!(tree(&server.directory()), before);
    }
    let entry = server.requests().pop().unwrap();
    assert_eq!((entry.method(), entry.path()), ("PUT", "/demo/a"));
}

#[test]
fn a_connection_survives_good_and_refused_requests() {
    let server = start();
    let mut connection = Connection::open(&server);
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
        .assert_refusal(ErrorCode::CLIENT_ERROR, "GET");
    assert_eq!(server.requests().len(), 16);
}

#[test]
fn permission_to_send_is_given_only_to_the_permitted() {
    let server = start();
    let ask = put("/demo/a", "hello").header("Expect", "100-continue");
    let split = |bytes: Vec<u8>| {
        let at = bytes.len() - "hello".len();
        (bytes[..at].to_vec(), bytes[at..].to_vec())
    };
    let (head, body) = split(ask.to_bytes());
    let mut connection = Connection::open(&server);
    connection.write(&head);
    assert_eq!(connection.answer_head().0, 100);
    connection.write(&body);
    assert_eq!(connection.answer("PUT").status, 200);
    assert_eq!(server.get_object("/a").unwrap(), b"hello");
    let (head, _) = split(ask.by("operator", "wrong").to_bytes());
    let mut connection = Connection::open(&server);
    connection.write(&head);
    assert_eq!(connection.answer_head().0, 401);
}

#[test]
fn a_large_refused_upload_gets_its_answer() {
    let server = start();
    let body = vec![b'x'; 8 * 1024 * 1024];
    put("/demo/a", &body)
        .unsigned()
        .refused(&server, ErrorCode::NEED_AUTHORIZATION_HEADER);
    put("/demo/a", &body)
        .by("operator", "wrong")
        .refused(&server, ErrorCode::SIGNATURE_ERROR);
}

#[test]
fn requests_of_two_meanings_are_refused() {
    let server = start();
    let whole = |head: &str, body: &str| {
        let signed = String::from_utf8(put("/demo/two", "").without_length().to_bytes()).unwrap();
        format!("{}{head}\r\n\r\n{body}", signed.trim_end())
    };
    let chunked = "\r\nTransfer-Encoding: chunked";
    let smuggled = "0\r\n\r\nGET /demo/ HTTP/1.1\r\nHost: x\r\n\r\n";
    for head in [
        format!("\r\nContent-Length: 5{chunked}"),
        format!("{chunked}\r\ncontent-length: 5"),
        "\r\nContent-Length: 5\r\nContent-Length: 6".to_owned(),
        "\r\nContent-Length: 0\r\nHost: v0.api.upyun.com".to_owned(),
        "\r\nContent-Length: 0\r\nX-A: b\r\n c".to_owned(),
    ] {
        let mut connection = Connection::open(&server);
        connection.write(whole(&head, smuggled).as_bytes());
        let answer = connection.answer("PUT");
        assert_eq!(answer.header("x-error-code"), Some("40000034"), "{head:?}");
        // And what follows is no request.
        assert!(connection.rest().is_empty(), "{head:?}");
    }
    assert!(server.get_object("/two").is_err());
    let one = whole(chunked, "5\r\nhello\r\n0\r\n\r\n");
    let mut connection = Connection::open(&server);
    connection.write(one.as_bytes());
    assert_eq!(connection.answer("PUT").status, 200);
}

/// A signed request with these headers besides, and these bytes behind its head.
fn signed(request: &crate::kit::Request, headers: &str, behind: &str) -> Vec<u8> {
    let head = String::from_utf8(request.clone().without_length().to_bytes()).unwrap();
    format!("{}{headers}\r\n\r\n{behind}", head.trim_end()).into_bytes()
}

#[test]
fn two_lengths_are_refused_wherever_they_stand() {
    let server = start();
    let both = "\r\nTransfer-Encoding: chunked\r\nContent-Length: 5";
    let mut first = put("/demo/first", "hello").to_bytes();
    first.extend(signed(&put("/demo/two", ""), both, "0\r\n\r\n"));
    let chunked = "\r\nTransfer-Encoding: chunked";
    let mut chunks = signed(
        &put("/demo/first", ""),
        chunked,
        "5;a=b\r\nhello\r\n0\r\nTrailer: x\r\n\r\n",
    );
    chunks.extend(signed(&put("/demo/two", ""), both, "0\r\n\r\n"));
    for pipelined in [first, chunks] {
        let mut connection = Connection::open(&server);
        connection.write(&pipelined);
        assert_eq!(connection.answer("PUT").status, 200);
        let answer = connection.answer("PUT");
        assert_eq!(answer.header("x-error-code"), Some("40000034"));
    }
    let long = format!("\r\nX-Long: {}{both}", "x".repeat(20_000));
    let mut connection = Connection::open(&server);
    connection.write(&signed(&put("/demo/two", ""), &long, "0\r\n\r\n"));
    let answer = connection.answer("PUT");
    assert_eq!(answer.header("x-error-code"), Some("40000034"));
    assert!(server.get_object("/two").is_err());
    // A body that looks like such a request is none.
    let body = format!("GET / HTTP/1.1{both}\r\n\r\n");
    let mut connection = Connection::open(&server);
    connection.write(&put("/demo/dump", &body).to_bytes());
    assert_eq!(connection.answer("PUT").status, 200);
    connection.write(&signed(&put("/demo/ok", ""), chunked, "0\r\n\r\n"));
    assert_eq!(connection.answer("PUT").status, 200);
}

#[test]
fn bytes_behind_a_request_that_are_none_are_refused_in_full() {
    let server = start();
    let mut bytes = put("/demo/a", "hello").to_bytes();
    bytes.extend(b"\x00\x01 no request\r\n\r\n");
    let mut connection = Connection::open(&server);
    connection.write(&bytes);
    assert_eq!(connection.answer("PUT").status, 200);
    let answer = connection.answer("GET");
    answer.assert_refusal(ErrorCode::CLIENT_ERROR, "GET");
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    // Most likely they are the end of a body that is longer than was said.
    let why = requests[1].explanation.as_ref().unwrap().to_string();
    for words in ["Content-Length 5", "at least 17 more bytes"] {
        assert!(why.contains(words), "{why}");
    }
}

#[test]
fn other_transfer_codings_are_refused() {
    let server = start();
    for coding in ["gzip, chunked", "chunked, chunked", "identity, chunked"] {
        let header = format!("\r\nTransfer-Encoding: {coding}");
        let mut connection = Connection::open(&server);
        connection.write(&signed(&put("/demo/a", ""), &header, "0\r\n\r\n"));
        let answer = connection.answer("PUT");
        assert_eq!(answer.header("x-error-code"), Some("40000034"), "{coding}");
    }
    assert!(server.get_object("/a").is_err());
}

#[test]
fn malformed_chunks_are_the_clients_mistake() {
    let server = start();
    let chunked = "\r\nTransfer-Encoding: chunked";
    for body in [
        "xyz\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello!!0\r\n\r\n",
        "fffffffffffffffff\r\nhello\r\n",
    ] {
        let mut connection = Connection::open(&server);
        connection.write(&signed(&put("/demo/a", ""), chunked, body));
        let answer = connection.answer("PUT");
        answer.assert_refusal(ErrorCode::CLIENT_ERROR, "PUT");
    }
    assert!(server.get_object("/a").is_err());
}

#[test]
fn lines_may_end_with_a_line_feed_alone() {
    let server = start();
    let bytes = String::from_utf8(put("/demo/a", "hello").to_bytes()).unwrap();
    let mut connection = Connection::open(&server);
    connection.write(bytes.replace("\r\n", "\n").as_bytes());
    assert_eq!(connection.answer("PUT").status, 200);
    assert_eq!(server.get_object("/a").unwrap(), b"hello");
}

#[test]
fn header_names_are_written_in_title_case() {
    let server = start();
    put("/demo/a", "hello").ok(&server);
    for request in [
        get("/demo/a"),
        get("/a").unsigned().host("demo.b0.upaiyun.com"),
    ] {
        let mut connection = Connection::open(&server);
        connection.write(&request.header("Connection", "close").to_bytes());
        let answer = String::from_utf8(connection.rest()).unwrap();
        assert!(answer.contains("\r\nContent-Length: 5\r\n"), "{answer}");
        assert!(answer.contains("\r\nX-Request-Id: "), "{answer}");
    }
    let mut connection = Connection::open(&server);
    connection.write(&get("/demo/").header("Connection", "close").to_bytes());
    let answer = String::from_utf8(connection.rest()).unwrap();
    assert!(answer.contains("\r\nx-upyun-list-iter: "), "{answer}");
    let mut connection = Connection::open(&server);
    connection.write(b"GARBAGE\r\n\r\n");
    let answer = String::from_utf8(connection.rest()).unwrap();
    assert!(
        answer.contains("\r\nX-Error-Code: 40000034\r\n"),
        "{answer}"
    );
    assert!(answer.contains("\r\nX-Request-Id: "), "{answer}");
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
    let mut connection = Connection::open(&server);
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
    answer.assert_refusal(ErrorCode::CLIENT_ERROR, "GET");
    assert_eq!(server.requests().len(), 202);
}

#[test]
fn a_body_that_looks_like_a_refusal_is_sent_as_it_is() {
    let server = start();
    let body = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".repeat(10_000);
    server.put_object("/a", &body).unwrap();
    let mut connection = Connection::open(&server);
    for _ in 0..3 {
        connection.write(&get("/demo/a").to_bytes());
        assert_eq!(connection.answer("GET").text().as_bytes(), body);
    }
}
