//! HTTPS and the forward proxy: the service's hosts are here, others are not.

use std::{
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    sync::Arc,
};

use rustls::{
    ClientConfig, ClientConnection, RootCertStore, Stream,
    pki_types::{CertificateDer, ServerName, pem::PemObject as _},
};
use upyun_mock::MockServer;

use crate::kit::{Connection, Send as _, get, put, request, start};

fn root(server: &MockServer) -> RootCertStore {
    let pem = server.ca_pem().unwrap();
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap())
        .unwrap();
    roots
}

fn tls(roots: RootCertStore, name: &str) -> ClientConnection {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    ClientConnection::new(Arc::new(config), name).unwrap()
}

/// One request over TLS; gives the answer as text.
fn over_tls(server: &MockServer, name: &str, stream: &mut TcpStream) -> std::io::Result<String> {
    let mut tls = tls(root(server), name);
    let mut stream = Stream::new(&mut tls, stream);
    let ask = get("/demo/a").header("Connection", "close").to_bytes();
    stream.write_all(&ask)?;
    let mut answer = Vec::new();
    // Some end without a farewell.
    let _ = stream.read_to_end(&mut answer);
    Ok(String::from_utf8(answer).unwrap())
}

/// Opens a tunnel; gives the status and the connection.
fn connect(server: &MockServer, target: &str) -> (u16, TcpStream) {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    write!(
        stream,
        "CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n\r\n"
    )
    .unwrap();
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), stream)
}

#[test]
fn every_port_speaks_tls_for_the_hosts_of_the_service() {
    let server = start();
    put("/demo/a", "hello").ok(&server);
    for name in [
        "v0.api.upyun.com",
        "v3.api.upyun.com",
        "localhost",
        "127.0.0.1",
    ] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        let answer = over_tls(&server, name, &mut stream).unwrap();
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"),
            "{name}: {answer}"
        );
    }
    for name in ["example.com", "www.upyun.com", "upyun.com"] {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        assert!(over_tls(&server, name, &mut stream).is_err(), "{name}");
    }
}

#[test]
fn two_servers_do_not_trust_each_other() {
    let (server, other) = (start(), start());
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let error = over_tls(&other, "localhost", &mut stream).unwrap_err();
    // The name of the issuer is the same, its key is not.
    assert!(error.to_string().contains("certificate"), "{error}");
}

#[test]
fn tunnels_lead_to_the_service() {
    let server = start();
    put("/demo/a", "hello").ok(&server);
    let (status, mut stream) = connect(&server, "v0.api.upyun.com:443");
    assert_eq!(status, 200);
    let answer = over_tls(&server, "v0.api.upyun.com", &mut stream).unwrap();
    assert!(answer.ends_with("hello"), "{answer}");
    let (status, mut stream) = connect(&server, "v0.api.upyun.com:80");
    assert_eq!(status, 200);
    // Refusals without a body pass unchanged: the tunnel does not listen in.
    let ask = request("HEAD", "/demo/none").header("Connection", "close");
    stream.write_all(&ask.to_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 404") && answer.ends_with("\r\n\r\n"),
        "{answer}"
    );
}

#[test]
fn a_proxys_form_of_a_request_is_served() {
    let server = start();
    put("/demo/a", "hello").ok(&server);
    let ask = |line: &str, host: &str| {
        let own = String::from_utf8(get("/demo/a").to_bytes()).unwrap();
        let text = own
            .replacen("GET /demo/a", line, 1)
            .replacen("localhost", host, 1);
        let mut connection = Connection::open(server.address());
        connection.write(text.as_bytes());
        connection.answer("GET")
    };
    for scheme in ["http", "https"] {
        let line = format!("GET {scheme}://v0.api.upyun.com/demo/a");
        assert_eq!(ask(&line, "v0.api.upyun.com").body, b"hello");
        assert_eq!(server.requests().pop().unwrap().host(), "v0.api.upyun.com");
    }
    assert_eq!(
        ask("GET http://v0.api.upyun.com:80/demo/a", "v0.api.upyun.com").status,
        200
    );
    let own = format!("http://{}/demo/a", server.address());
    assert_eq!(
        ask(&format!("GET {own}"), &server.address().to_string()).status,
        200
    );
    // One name for us and another for a program behind would be two requests in one.
    let two = ask("GET http://v0.api.upyun.com/demo/a", "v1.api.upyun.com");
    assert_eq!(two.status, 400);
    assert!(two.text().contains("another one"), "{}", two.text());
}

#[test]
fn other_hosts_are_refused_and_journaled() {
    let server = start();
    let (status, mut stream) = connect(&server, "example.com:443");
    assert_eq!(status, 502);
    let mut told = [0; 300];
    let length = stream.read(&mut told).unwrap();
    let told = String::from_utf8_lossy(&told[..length]).into_owned();
    assert!(told.contains("`--allow-host example.com`"), "{told}");
    let entry = server.requests().pop().unwrap();
    assert_eq!(
        (entry.method(), entry.host(), entry.status),
        ("CONNECT", "example.com:443", 502)
    );
    assert!(entry.explanation.is_some());
    let mut connection = Connection::open(server.address());
    connection.write(b"GET http://example.com/x HTTP/1.1\r\nHost: example.com\r\n\r\n");
    let answer = connection.answer("GET");
    assert_eq!(answer.status, 502);
    assert!(
        answer.text().contains("`--allow-host example.com`"),
        "{}",
        answer.text()
    );
    // No way to other programs of this machine either.
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    assert_eq!(
        connect(&server, &other.local_addr().unwrap().to_string()).0,
        502
    );
    assert_eq!(connect(&server, "v0.api.upyun.com.example.com:443").0, 502);
}

#[test]
fn allowed_hosts_are_passed_through() {
    let server = MockServer::builder()
        .configure(|config| config.allow_hosts = vec!["127.0.0.1".into()])
        .start_blocking()
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let answering = std::thread::spawn(move || {
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut heard = [0; 1000];
            let length = stream.read(&mut heard).unwrap();
            let line = String::from_utf8_lossy(&heard[..length]);
            let line = line.lines().next().unwrap().to_owned();
            let length = line.len();
            // In one piece, as the other side reads once.
            let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{line}");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    let (status, mut stream) = connect(&server, &address.to_string());
    assert_eq!(status, 200);
    stream.write_all(b"anything at all\r\n").unwrap();
    let mut answer = [0; 200];
    let length = stream.read(&mut answer).unwrap();
    assert!(answer[..length].ends_with(b"anything at all"));
    drop(stream);
    let mut connection = Connection::open(server.address());
    let ask = format!("GET http://{address}/x?y HTTP/1.1\r\nHost: {address}\r\n\r\n");
    connection.write(ask.as_bytes());
    assert_eq!(connection.answer("GET").text(), "GET /x?y HTTP/1.1");
    answering.join().unwrap();
    // And https only by CONNECT.
    let mut connection = Connection::open(server.address());
    let ask = format!("GET https://{address}/x HTTP/1.1\r\nHost: {address}\r\n\r\n");
    connection.write(ask.as_bytes());
    assert_eq!(connection.answer("GET").status, 502);
}

#[test]
fn a_tunnel_inside_a_tunnel_is_refused() {
    let server = start();
    let (status, mut stream) = connect(&server, "v0.api.upyun.com:80");
    assert_eq!(status, 200);
    let nested = "CONNECT v0.api.upyun.com:80 HTTP/1.1\r\nHost: v0.api.upyun.com:80\r\n\r\n";
    stream.write_all(nested.as_bytes()).unwrap();
    let mut head = [0; 13];
    stream.read_exact(&mut head).unwrap();
    assert_eq!(&head, b"HTTP/1.1 400 ");
    // One connection with thousands of them does not end the server.
    let (_, mut stream) = connect(&server, "v0.api.upyun.com:80");
    let _ = stream.write_all(nested.repeat(10_000).as_bytes());
    drop(stream);
    put("/demo/a", "hello").ok(&server);
}
