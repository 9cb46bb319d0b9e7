//! The emulator without its cargo features: what is left works, and what is left out says so.
//!
//! `cargo test -p upyun-mock --no-default-features --test light`; with the features there is nothing
//! to test here.
#![cfg(not(any(
    feature = "archives",
    feature = "console",
    feature = "images",
    feature = "media",
    feature = "tls"
)))]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, SystemTime},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use upyun_client::protocol::{
    PasswordMd5, date,
    sign::{HeaderSignature, upyun},
};
use upyun_mock::{ControlClient, MockServer};

/// A picture: one pixel.
const PNG: &[u8] = include_bytes!("http/dot.png");

fn start() -> MockServer {
    MockServer::builder().start_blocking().unwrap()
}

/// Sends a request and returns the whole answer.
fn ask(server: &MockServer, head: &str, body: &[u8]) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .unwrap();
    write!(stream, "{head}\r\nConnection: close\r\n\r\n").unwrap();
    stream.write_all(body).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Sends a signed request with further headers.
fn signed(
    server: &MockServer,
    (method, path): (&str, &str),
    headers: &[&str],
    body: &[u8],
) -> String {
    let date = date::format(SystemTime::now());
    let key = PasswordMd5::of("password");
    let signature = HeaderSignature {
        method,
        uri: path,
        date: &date,
        content_md5: None,
    };
    let authorization = upyun("operator", &signature.sign(&key));
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nDate: {date}\r\nAuthorization: {authorization}\r\n\
         Content-Length: {}",
        body.len()
    );
    if !headers.iter().any(|header| header.starts_with("Host:")) {
        head.push_str("\r\nHost: localhost");
    }
    for header in headers {
        head.push_str("\r\n");
        head.push_str(header);
    }
    ask(server, &head, body)
}

#[track_caller]
fn check_missing(answer: &str, feature: &str) {
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    assert!(answer.contains(&format!("`{feature}`")), "{answer}");
    assert!(answer.contains("Cargo.toml"), "{answer}");
}

#[test]
fn objects_are_stored_and_read() {
    let server = start();
    let put = signed(&server, ("PUT", "/demo/a.txt"), &[], b"hello");
    assert!(put.starts_with("HTTP/1.1 200 "), "{put}");
    assert_eq!(server.get_object("/a.txt").unwrap(), b"hello");
    let read = signed(&server, ("GET", "/demo/a.txt"), &[], b"");
    assert!(read.ends_with("\r\n\r\nhello"), "{read}");
}

#[test]
fn pictures_have_no_facts() {
    let server = start();
    let put = signed(&server, ("PUT", "/demo/a.png"), &[], PNG);
    assert!(put.starts_with("HTTP/1.1 200 "), "{put}");
    assert!(!put.contains("x-upyun-width"), "{put}");
}

#[test]
fn changes_to_pictures_name_images() {
    let server = start();
    let thumb = ["x-gmkerl-thumb: /fw/10"];
    let put = signed(&server, ("PUT", "/demo/a.png"), &thumb, PNG);
    check_missing(&put, "images");
    // The journal explains it too.
    let entry = &server.requests()[0];
    let explanation = entry.explanation.as_ref().unwrap();
    assert!(explanation.cause.contains("`images`"), "{explanation}");

    server.put_object("/a.png", PNG).unwrap();
    let head = "GET /a.png!/fw/10 HTTP/1.1\r\nHost: demo.b0.upaiyun.com";
    check_missing(&ask(&server, head, b""), "images");
}

#[test]
fn tasks_name_their_features() {
    let server = start();
    for (app, feature) in [
        ("naga", "media"),
        ("videoaudit", "media"),
        ("compress", "archives"),
        ("depress", "archives"),
        ("jigsaw", "images"),
        ("imgaudit", "images"),
    ] {
        let tasks = BASE64_STANDARD.encode("[{\"source\":\"/a\"}]");
        let tasks = tasks.replace('+', "%2B").replace('=', "%3D");
        let form =
            format!("service=demo&app_name={app}&source=/a&notify_url=&accept=json&tasks={tasks}");
        let headers = [
            "Host: p0.api.upyun.com",
            "Content-Type: application/x-www-form-urlencoded",
        ];
        let answer = signed(
            &server,
            ("POST", "/pretreatment/"),
            &headers,
            form.as_bytes(),
        );
        check_missing(&answer, feature);
    }
    assert!(server.tasks().is_empty());
}

#[test]
fn snapshots_of_videos_name_media() {
    let server = start();
    let body = br#"{"source":"/a.mp4","save_as":"/a.jpg","point":"00:00:01"}"#;
    let json = ["Content-Type: application/json"];
    for path in ["/demo/snapshot", "/demo/avmeta/get_meta"] {
        check_missing(&signed(&server, ("POST", path), &json, body), "media");
    }
}

#[test]
fn the_page_names_console() {
    let server = start();
    for path in ["/_mock", "/_mock/", "/_mock/assets/app.js"] {
        let head = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html");
        check_missing(&ask(&server, &head, b""), "console");
    }
}

#[test]
fn https_names_tls() {
    let server = start();
    let pem = "GET /_mock/ca.pem HTTP/1.1\r\nHost: localhost";
    check_missing(&ask(&server, pem, b""), "tls");
    let tunnel = "CONNECT v0.api.upyun.com:443 HTTP/1.1\r\nHost: v0.api.upyun.com:443";
    check_missing(&ask(&server, tunnel, b""), "tls");
    let error = server.ca_pem().unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("`tls`"), "{source}");
    let listener =
        MockServer::builder().configure(|config| config.tls.push("127.0.0.1:0".parse().unwrap()));
    let error = listener.start_blocking().unwrap_err();
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.contains("`tls`"), "{source}");
}

#[tokio::test]
async fn the_control_plane_is_there() {
    let server = MockServer::start().await;
    let control = ControlClient::new(&server.url()).unwrap();
    control.put_object("demo", "a.txt", "hello").await.unwrap();
    assert_eq!(server.get_object("/a.txt").unwrap(), b"hello");
    let error = control.ca_pem().await.unwrap_err();
    assert!(error.to_string().contains("`tls`"), "{error}");
}
