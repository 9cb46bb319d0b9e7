//! The legacy block upload on m0.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use upyun_client::protocol::{Md5Digest, sign::form_legacy};
use upyun_mock::{
    MockServer,
    accounts::{Password, Service, ServiceState},
};

use crate::kit::{Answer, Refusal, Refused, Request, Send as _, get, request};

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
    fn refused(&self, server: &MockServer, code: Refusal) -> Refused {
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
fn refused_first_steps_are_explained() {
    let server = server();
    let good = || begin(b"hello", 1);
    let wrong = Step {
        secret: "other".into(),
        ..good()
    };
    wrong
        .refused(&server, (401, 40100005, "signature error"))
        .says("form secret");
    let elsewhere = |service| Step { service, ..good() };
    elsewhere("secretless")
        .refused(&server, (401, 40100005, "signature error"))
        .says("no form secret");
    elsewhere("frozen").refused(&server, (401, 40100015, "bucket read only"));
    elsewhere("unknown").refused(&server, (401, 40100012, "bucket not exist"));
    let plain = request("POST", "/demo/").unsigned().host(HOST);
    plain
        .header("Content-Type", "text/plain")
        .body("x")
        .refused(&server, (400, 40000015, "missing required arguments"))
        .says("text/plain");
    get("/demo/")
        .host(HOST)
        .refused(&server, (405, 40500000, "method not allowed"))
        .says("v0.api");
}

#[test]
fn refused_last_steps_are_explained() {
    let server = server();
    let content = content(BLOCK + 10);
    let begun = begin(&content, 2).ok(&server);
    block(&begun, 0, &content[..BLOCK]).ok(&server);
    step(&begun)
        .refused(&server, (400, 40000024, "block not finished"))
        .says("Block 1");
    server.clock().advance(Duration::from_secs(24 * 3600 + 1));
    let late = unix(server.clock().now()) + 600;
    step(&begun)
        .with("expiration", late)
        .refused(&server, (404, 40401005, "Not found, block deleted"))
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
