//! What is told of a task's end, in both formats, with every signature.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpListener,
};

use serde_json::{Value, json};
use upyun_client::protocol::{
    Md5Digest, PasswordMd5,
    sign::{HeaderSignature, media_callback_legacy, media_legacy},
};

use crate::{
    kit::start,
    work::{Submission, submission},
};

struct Told {
    headers: Vec<(String, String)>,
    body: String,
}

impl Told {
    fn header(&self, name: &str) -> &str {
        let mut headers = self.headers.iter();
        &headers.find(|(known, _)| known == name).unwrap().1
    }
}

/// Takes one request and answers 200.
fn receive(listener: &TcpListener) -> Told {
    let (stream, _) = listener.accept().unwrap();
    let mut reader = BufReader::new(stream);
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            if line == "\r\n" {
                break;
            }
            continue;
        };
        headers.push((name.to_lowercase(), value.to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .unwrap();
    let mut body = vec![0; length.1.parse().unwrap()];
    reader.read_exact(&mut body).unwrap();
    write!(
        reader.get_mut(),
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"
    )
    .unwrap();
    let told = Told {
        headers,
        body: String::from_utf8(body).unwrap(),
    };
    let md5 = Md5Digest::of(&told.body).to_string();
    assert_eq!(told.header("content-md5"), md5);
    let signature = HeaderSignature {
        method: "POST",
        uri: "/cb?x=%2F",
        date: told.header("date"),
        content_md5: Some(&md5),
    };
    let given = told
        .header("authorization")
        .strip_prefix("UPYUN operator:")
        .unwrap();
    assert!(signature.verify(&PasswordMd5::of("password"), given));
    told
}

/// Submits one task; gives its id and what is told of it.
fn told(submission: Submission) -> (String, Told) {
    let server = start();
    server.put_object("/a.txt", "hello").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/cb?x=%2F", listener.local_addr().unwrap());
    let id = submission.with("notify_url", url).submit(&server).remove(0);
    let told = receive(&listener);
    // The task has ended before that is told.
    assert!(server.tasks()[0].state.is_final());
    (id, told)
}

#[test]
fn archives_are_told_in_json() {
    let tasks = json!([{ "sources": ["/a.txt"], "save_as": "/r/t.zip" }]);
    let (id, told) = told(submission("compress", &tasks));
    assert_eq!(told.header("content-type"), "application/json");
    let want = format!(
        r#"{{"task_id":"{id}","service":"demo","status_code":200,"path":"/r/t.zip","error":""}}"#
    );
    assert_eq!(told.body, want);
}

#[test]
fn media_are_told_in_json_if_that_is_asked_for() {
    let tasks = json!([{ "type": "probe" }]);
    let (id, told) = told(
        submission("naga", &tasks)
            .with("source", "/none")
            .with("accept", "json"),
    );
    assert_eq!(told.header("content-type"), "application/json");
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(body["service"], "demo");
    assert_eq!(body["status_code"], 404);
    assert_eq!(body["path"], json!([]));
    assert_eq!(body["description"], "no object is at /none");
    assert_eq!(body["task_id"], *id);
    let key = PasswordMd5::of("password");
    let timestamp = body["timestamp"].as_u64().unwrap().to_string();
    let signature = media_callback_legacy("operator", &id, &timestamp, &key);
    assert_eq!(body["signature"], *signature);
}

#[test]
fn media_are_told_as_a_form_otherwise() {
    let tasks = json!([{ "type": "video", "avopts": "/nope/1" }]);
    let (id, told) = told(submission("naga", &tasks).with("source", "/a.txt"));
    assert_eq!(
        told.header("content-type"),
        "application/x-www-form-urlencoded"
    );
    let pairs: Vec<(String, String)> = form_urlencoded::parse(told.body.as_bytes())
        .into_owned()
        .collect();
    let names: Vec<_> = pairs.iter().map(|(name, _)| &**name).collect();
    assert_eq!(
        names,
        [
            "bucket_name",
            "description",
            "signature",
            "status_code",
            "task_id"
        ]
    );
    let value = |name: &str| &*pairs.iter().find(|(known, _)| known == name).unwrap().1;
    assert_eq!(value("bucket_name"), "demo");
    // Where JSON says 400.
    assert_eq!(value("status_code"), "406");
    assert_eq!(value("task_id"), id);
    let signed = pairs.iter().map(|(name, value)| (&**name, &**value));
    let right = media_legacy("operator", signed, &PasswordMd5::of("password"));
    assert_eq!(value("signature"), right);
}
