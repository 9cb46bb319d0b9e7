//! The legacy block upload on m0.

use std::{
    net::TcpListener,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use upyun_client::protocol::{
    ErrorCode, Md5Digest,
    sign::{block_legacy, form_legacy},
};
use upyun_mock::{
    MockServer,
    accounts::{Password, Service, ServiceState},
};

use crate::kit::{Answer, Refused, Request, get, make_folder, request};

const SECRET: &str = "form-secret";
const HOST: &str = "m0.api.upyun.com";
const BLOCK: usize = 200 * 1024;

fn server() -> MockServer {
    let service = |name: &str| Service {
        form_secret: Some(Password::new(SECRET)),
        ..Service::new(name.parse().unwrap())
    };
    MockServer::builder()
        .service_with(service("demo"))
        .service_with(Service {
            state: ServiceState::ReadOnly,
            ..service("frozen")
        })
        .service_with(Service::new("secretless".parse().unwrap()))
        .start_blocking()
        .unwrap()
}

fn unix(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).unwrap().as_secs()
}

/// The members of a policy as the second way of signing wants them.
fn texts(policy: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let members = policy.as_object().unwrap().iter();
    members
        .map(|(name, value)| (name.clone(), text(value)))
        .collect()
}

fn sorted(policy: &Value, secret: &str) -> String {
    let texts = texts(policy);
    block_legacy(
        texts.iter().map(|(name, value)| (&**name, &**value)),
        secret,
    )
}

#[derive(Clone)]
struct Step {
    service: &'static str,
    policy: Value,
    secret: String,
    block: Option<Vec<u8>>,
}

impl Step {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.policy[name] = value.into();
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.policy.as_object_mut().unwrap().remove(name);
        self
    }

    fn encoded(&self) -> String {
        BASE64_STANDARD.encode(self.policy.to_string())
    }

    fn request(&self) -> Request {
        let signature = form_legacy(&self.encoded(), &self.secret);
        self.signed(&[("policy", &self.encoded()), ("signature", &signature)])
    }

    fn signed(&self, fields: &[(&str, &str)]) -> Request {
        let post = request("POST", &format!("/{}/", self.service))
            .unsigned()
            .host(HOST);
        let Some(block) = &self.block else {
            let encode = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
            let pairs = fields
                .iter()
                .map(|(name, value)| format!("{name}={}", encode(value)));
            return post
                .header("Content-Type", "application/x-www-form-urlencoded")
                .body(pairs.collect::<Vec<_>>().join("&"));
        };
        let mut body = Vec::new();
        for (name, value) in fields {
            let part = format!(
                "--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.bytes());
        }
        body.extend(
            b"--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x\"\r\n\r\n",
        );
        body.extend(block);
        body.extend(b"\r\n--B--\r\n");
        post.header("Content-Type", "multipart/form-data; boundary=B")
            .body(body)
    }

    #[track_caller]
    fn ok(&self, server: &MockServer) -> Value {
        self.request().ok(server).json()
    }

    #[track_caller]
    fn refused(&self, server: &MockServer, code: ErrorCode) -> Refused {
        self.request().refused(server, code)
    }
}

fn begin(content: &[u8], blocks: usize) -> Step {
    Step {
        service: "demo",
        policy: json!({
            "path": "/block/a.bin",
            "expiration": unix(SystemTime::now()) + 600,
            "file_blocks": blocks,
            "file_hash": Md5Digest::of(content).to_string(),
            "file_size": content.len(),
        }),
        secret: SECRET.to_owned(),
        block: None,
    }
}

/// A further step of what was begun.
fn step(begun: &Value) -> Step {
    Step {
        service: "demo",
        policy: json!({
            "save_token": begun["save_token"],
            "expiration": unix(SystemTime::now()) + 600,
        }),
        secret: begun["token_secret"].as_str().unwrap().to_owned(),
        block: None,
    }
}

fn block(begun: &Value, index: usize, content: &[u8]) -> Step {
    let mut step = step(begun)
        .with("block_index", index)
        .with("block_hash", Md5Digest::of(content).to_string());
    step.block = Some(content.to_vec());
    step
}

fn content(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0])
        .collect()
}

#[test]
fn blocks_in_any_order_make_a_file() {
    let server = server();
    let content = content(2 * BLOCK + 5);
    let blocks: Vec<&[u8]> = content.chunks(BLOCK).collect();
    let first = begin(&content, blocks.len());
    let begun = first.ok(&server);
    assert_eq!(begun["bucket_name"], "demo");
    assert_eq!(
        (&begun["blocks"], &begun["status"]),
        (&json!(3), &json!([0, 0, 0]))
    );
    assert_eq!(begun["save_token"].as_str().unwrap().len(), 32);
    let day = unix(server.clock().now()) + 24 * 3600;
    assert!(begun["expired_at"].as_u64().unwrap().abs_diff(day) <= 5);
    let told = block(&begun, 2, blocks[2]).ok(&server);
    assert_eq!(told["status"], json!([0, 0, 1]));
    assert_eq!(told["token_secret"], begun["token_secret"]);
    // The same file once more: what is there counts.
    let again = first
        .with("expiration", unix(SystemTime::now()) + 700)
        .ok(&server);
    assert_eq!(
        (&again["save_token"], &again["status"]),
        (&begun["save_token"], &told["status"])
    );
    block(&begun, 0, blocks[0]).ok(&server);
    step(&begun)
        .refused(&server, ErrorCode::BLOCK_NOT_FINISHED)
        .says("Block 1");
    block(&begun, 1, blocks[1]).ok(&server);
    let answer = step(&begun).request().ok(&server);
    assert_eq!(answer.header("x-powered-by"), Some("Crocodile/0.0.1"));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert_eq!(
        answer.header("access-control-allow-methods"),
        Some("PUT,POST")
    );
    let mut done = answer.json();
    assert_eq!(done["path"], "/block/a.bin");
    assert_eq!(done["mimetype"], "application/octet-stream");
    assert_eq!(done["file_size"], content.len());
    let given = done.as_object_mut().unwrap().remove("signature").unwrap();
    assert_eq!(
        given,
        sorted(&done, begun["token_secret"].as_str().unwrap())
    );
    assert!(get("/demo/block/a.bin").ok(&server).body == content);
    // And it is over.
    step(&begun).refused(&server, ErrorCode::BLOCK_DELETED);
}

#[test]
fn both_ways_of_signing_are_accepted() {
    let server = server();
    let content = content(10);
    let first = begin(&content, 1);
    let signature = sorted(&first.policy, SECRET);
    let begun = first.signed(&[("policy", &first.encoded()), ("signature", &signature)]);
    let begun = begun.ok(&server).json();
    let second = block(&begun, 0, &content);
    let signature = sorted(&second.policy, &second.secret);
    let fields = [("policy", &*second.encoded()), ("signature", &*signature)];
    assert_eq!(
        second.signed(&fields).ok(&server).json()["status"],
        json!([1])
    );
}

#[test]
fn the_result_goes_where_the_policy_says() {
    let server = server();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let notify = format!("http://{}/done", listener.local_addr().unwrap());
    let content = content(10);
    let begun = begin(&content, 1)
        .with("return-url", "http://127.0.0.1/back?x=1")
        .with("notify-url", &*notify)
        .with("ext-param", "a b")
        .with("content-type", "x/y")
        .with("x-upyun-meta-author", "Ann")
        .ok(&server);
    block(&begun, 0, &content).ok(&server);
    let answer = step(&begun).request().send(&server);
    assert_eq!(answer.status, 302);
    let location = answer.header("location").unwrap().to_owned();
    let query = location.strip_prefix("http://127.0.0.1/back?x=1&").unwrap();
    for part in [
        "path=%2Fblock%2Fa.bin",
        "content_type=x%2Fy",
        "ext-param=a%20b",
        "signature=",
    ] {
        assert!(query.contains(part), "{query}");
    }
    let (lines, body) = crate::callbacks::receive(&listener, 200);
    assert_eq!(lines[0], "POST /done HTTP/1.1");
    assert_eq!(body, query);
    let info = crate::kit::head("/demo/block/a.bin").ok(&server);
    assert_eq!(info.header("content-type"), Some("x/y"));
    assert_eq!(info.header("x-upyun-meta-author"), Some("Ann"));
}

#[test]
fn what_is_wrong_with_the_first_step() {
    let server = server();
    let good = || begin(b"hello", 1);
    for (step, code) in [
        (
            good().without("path"),
            ErrorCode::MISSING_REQUIRED_ARGUMENTS,
        ),
        (
            good().without("expiration"),
            ErrorCode::MISSING_REQUIRED_ARGUMENTS,
        ),
        (
            good().with("expiration", 1_000),
            ErrorCode::AUTHORIZATION_HAS_EXPIRED,
        ),
        (
            good().without("file_hash"),
            ErrorCode::MISSING_FILE_HASH_ARGUMENT,
        ),
        (
            good().with("file_hash", "x"),
            ErrorCode::MISSING_FILE_HASH_ARGUMENT,
        ),
        (
            good().without("file_blocks"),
            ErrorCode::MISSING_FILE_BLOCKS_ARGUMENT,
        ),
        (
            good().with("file_blocks", 1025),
            ErrorCode::TOO_MANY_FILE_BLOCKS,
        ),
        (
            good().without("file_size"),
            ErrorCode::MISSING_FILE_SIZE_ARGUMENT,
        ),
        (
            good().with("block_index", 0),
            ErrorCode::MISSING_SAVE_TOKEN_ARGUMENT,
        ),
        (good().with("path", "/a/"), ErrorCode::DIR_NOT_ACCEPTABLE),
        (
            good().with("content-length-range", "x"),
            ErrorCode::DECODE_POLICY_ERROR,
        ),
        (
            good().with("x-upyun-meta-ttl", "999"),
            ErrorCode::INVALID_FILE_TTL,
        ),
        (
            good().with("ext-param", "x".repeat(256)),
            ErrorCode::DATA_TOO_LONG_FOR_EXT_PARAM,
        ),
    ] {
        step.refused(&server, code);
    }
    let wrong = Step {
        secret: "other".into(),
        ..good()
    };
    wrong
        .refused(&server, ErrorCode::SIGNATURE_ERROR)
        .says("form secret");
    let elsewhere = |service| Step { service, ..good() };
    elsewhere("secretless")
        .refused(&server, ErrorCode::SIGNATURE_ERROR)
        .says("no form secret");
    elsewhere("frozen").refused(&server, ErrorCode::BUCKET_READ_ONLY);
    elsewhere("unknown").refused(&server, ErrorCode::BUCKET_NOT_EXIST);
    let missing = ErrorCode::MISSING_REQUIRED_ARGUMENTS;
    good()
        .signed(&[("policy", &good().encoded())])
        .refused(&server, missing);
    good()
        .signed(&[("signature", "x")])
        .refused(&server, missing);
    let plain = request("POST", "/demo/").unsigned().host(HOST);
    let plain = plain.header("Content-Type", "text/plain").body("x");
    plain.refused(&server, missing).says("text/plain");
    let bad = good().signed(&[("policy", "%%%"), ("signature", "x")]);
    bad.refused(&server, ErrorCode::DECODE_POLICY_ERROR);
    get("/demo/")
        .host(HOST)
        .refused(&server, ErrorCode::METHOD_NOT_ALLOWED)
        .says("v0.api");
}

#[test]
fn what_is_wrong_with_a_block() {
    let server = server();
    let content = content(BLOCK + 10);
    let (first, last) = content.split_at(BLOCK);
    let begun = begin(&content, 2).ok(&server);
    let good = || block(&begun, 0, first);
    for (step, code) in [
        (
            good().without("save_token"),
            ErrorCode::MISSING_SAVE_TOKEN_ARGUMENT,
        ),
        (
            good().with("save_token", "unknown"),
            ErrorCode::BLOCK_DELETED,
        ),
        (
            good().without("block_index"),
            ErrorCode::MISSING_BLOCK_INDEX_ARGUMENT,
        ),
        (
            good().without("block_hash"),
            ErrorCode::MISSING_BLOCK_HASH_ARGUMENT,
        ),
        (
            good().with("block_index", 2),
            ErrorCode::BLOCK_INDEX_OUT_OF_RANGE,
        ),
        (
            good().with("block_hash", "00"),
            ErrorCode::CONTENT_MD5_NOT_MATCH,
        ),
        (
            block(&begun, 0, &first[..100 * 1024 - 1]),
            ErrorCode::BLOCK_SIZE_TOO_SMALL,
        ),
        (
            block(&begun, 0, &vec![0; 5 * 1024 * 1024 + 1]),
            ErrorCode::BLOCK_SIZE_TOO_LARGE,
        ),
        (
            good().with("expiration", 1_000),
            ErrorCode::AUTHORIZATION_HAS_EXPIRED,
        ),
        (
            Step {
                secret: SECRET.into(),
                ..good()
            },
            ErrorCode::SIGNATURE_ERROR,
        ),
    ] {
        step.refused(&server, code);
    }
    good().ok(&server);
    good().refused(&server, ErrorCode::BLOCK_ALREADY_EXISTS);
    // The last one may be small.
    block(&begun, 1, last).ok(&server);
    step(&begun).ok(&server);
}

#[test]
fn what_is_wrong_at_the_end() {
    let server = server();
    let content = content(10);
    let one_block = |step: Step| {
        let begun = step.ok(&server);
        block(&begun, 0, &content).ok(&server);
        self::step(&begun)
    };
    let other = Md5Digest::of("other").to_string();
    for (path, name, value, code) in [
        ("/1.bin", "file_size", "11", ErrorCode::FILE_SIZE_NOT_MATCH),
        (
            "/2.bin",
            "file_hash",
            &other,
            ErrorCode::CONTENT_MD5_NOT_MATCH,
        ),
        (
            "/3.bin",
            "allow-file-type",
            "jpg",
            ErrorCode::FILE_TYPE_ERROR,
        ),
        (
            "/4.bin",
            "content-length-range",
            "100,200",
            ErrorCode::FILE_TOO_SMALL,
        ),
        (
            "/5.bin",
            "image-width-range",
            "1,2",
            ErrorCode::NOT_AN_IMAGE,
        ),
    ] {
        let first = begin(&content, 1).with("path", path);
        let last = one_block(first.clone().with(name, value));
        last.refused(&server, code);
        // Mended and begun again, it arrives; blocks that are there need not be sent again.
        let begun = first.ok(&server);
        if begun["status"] == json!([0]) {
            block(&begun, 0, &content).ok(&server);
        }
        step(&begun).ok(&server);
    }
    make_folder("/demo/block/a.bin").ok(&server);
    one_block(begin(&content, 1)).refused(&server, ErrorCode::DIR_NOT_ACCEPTABLE);
    let begun = begin(&content, 2).ok(&server);
    server.clock().advance(Duration::from_secs(24 * 3600 + 1));
    let late = unix(server.clock().now()) + 600;
    let late = step(&begun).with("expiration", late);
    late.refused(&server, ErrorCode::BLOCK_DELETED)
        .says("24 hours");
}

#[test]
fn blocks_arrive_all_at_once() {
    let server = server();
    let content = content(8 * BLOCK);
    let begun = begin(&content, 8).ok(&server);
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let sending: Vec<_> = content
            .chunks(BLOCK)
            .enumerate()
            .flat_map(|chunk| [chunk; 2])
            .map(|(index, chunk)| {
                let step = block(&begun, index, chunk);
                let server = &server;
                scope.spawn(move || step.request().send(server))
            })
            .collect();
        sending.into_iter().map(|it| it.join().unwrap()).collect()
    });
    // Each was sent twice: one is kept, one is refused.
    let kept = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(kept, 8);
    step(&begun).ok(&server);
    assert!(get("/demo/block/a.bin").ok(&server).body == content);
}
