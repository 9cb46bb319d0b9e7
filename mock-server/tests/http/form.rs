//! FORM uploads.

mod refusals;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use upyun_client::protocol::{
    PasswordMd5,
    sign::{FormSignature, upyun},
};
use upyun_mock::MockServer;

use crate::kit::{Answer, Refusal, Request, Send as _, get, last_code, request, start, tree};

fn now() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs()
}

/// A form in the making; by default everything is right.
#[derive(Clone)]
pub(crate) struct Form {
    path: &'static str,
    policy: Value,
    /// Instead of the Base64 of `policy`.
    policy_text: Option<String>,
    /// Instead of the right one.
    authorization: Option<String>,
    /// `(name, file name, content)`; `policy` and `authorization` stand for themselves.
    parts: Vec<(&'static str, Option<String>, Vec<u8>)>,
}

pub(crate) fn form(file_name: &str, content: impl AsRef<[u8]>) -> Form {
    let policy = json!({
        "service": "demo",
        "save-key": "/form/{filename}{.suffix}",
        "expiration": now() + 600,
    });
    Form {
        path: "/demo",
        policy,
        policy_text: None,
        authorization: None,
        parts: vec![
            ("policy", None, Vec::new()),
            ("authorization", None, Vec::new()),
            ("file", Some(file_name.into()), content.as_ref().into()),
        ],
    }
}

impl Form {
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.policy[name] = value.into();
        self
    }

    fn reversed(mut self) -> Self {
        self.parts.reverse();
        self
    }

    fn policy(&self) -> String {
        let encoded = BASE64_STANDARD.encode(self.policy.to_string());
        self.policy_text.clone().unwrap_or(encoded)
    }

    pub(crate) fn request(&self) -> Request {
        let policy = self.policy();
        let text = |name: &str| self.policy[name].as_str();
        let signature = FormSignature {
            uri: self.path,
            date: text("date"),
            policy: &policy,
            content_md5: text("content-md5"),
        };
        let right = upyun("operator", &signature.sign(&PasswordMd5::of("password")));
        let authorization = self.authorization.as_ref().unwrap_or(&right);
        let mut body = Vec::new();
        for (name, file_name, content) in &self.parts {
            let file_name = file_name.as_ref();
            let file_name = file_name.map_or(String::new(), |it| format!("; filename=\"{it}\""));
            body.extend(
                format!(
                    "--B\r\nContent-Disposition: form-data; name=\"{name}\"{file_name}\r\n\r\n"
                )
                .bytes(),
            );
            match *name {
                "policy" => body.extend(policy.bytes()),
                "authorization" => body.extend(authorization.bytes()),
                _ => body.extend(content),
            }
            body.extend(b"\r\n");
        }
        body.extend(b"--B--\r\n");
        request("POST", self.path)
            .unsigned()
            .header("Content-Type", "multipart/form-data; boundary=B")
            .body(body)
    }

    #[track_caller]
    pub(crate) fn accepted(&self, server: &MockServer) -> Value {
        let answer = self.request().send(server);
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// A refusal before the policy is decoded has the shape of all errors.
    #[track_caller]
    fn refused_early(&self, server: &MockServer, code: Refusal) {
        self.request().refused(server, code);
    }

    /// A later one has the shape of results.
    #[track_caller]
    pub(crate) fn refused(&self, server: &MockServer, code: Refusal) -> Answer {
        let before = tree(&server.directory());
        let answer = self.request().send(server);
        assert_eq!(tree(&server.directory()), before);
        answer.assert_form_refused(code);
        let body = answer.json();
        assert!(body["time"].is_u64() && body["url"].is_string());
        assert_eq!(last_code(server), Some(code.1));
        answer
    }
}

#[test]
fn the_journal_names_the_operator_of_a_form() {
    let server = start();
    form("f.txt", "hello").accepted(&server);
    assert_eq!(server.requests()[0].operator(), Some("operator"));
}

#[test]
fn apps_become_tasks() {
    let server = start();
    let apps = json!([
        {"name": "naga", "type": "video", "avopts": "/f/mp4", "notify_url": "http://127.0.0.1:1/own"},
        {"name": "thumb", "x-gmkerl-thumb": "/fw/100"},
    ]);
    let with = |apps: Value| form("a.mp4", "x").with("apps", apps);
    let told = with(apps.clone())
        .with("notify-url", "http://127.0.0.1:1/all")
        .accepted(&server);
    let ids: Vec<&str> = told["task_ids"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap())
        .collect();
    let tasks = server.tasks();
    let known: Vec<String> = tasks.iter().map(|task| task.id.to_string()).collect();
    assert_eq!(known, ids);
    assert_eq!((&*tasks[0].app, &*tasks[1].app), ("naga", "thumb"));
    assert_eq!(tasks[0].source, "/form/a.mp4");
    assert_eq!(tasks[0].parameters["avopts"], "/f/mp4");
    assert_eq!(
        tasks[0].notify_url.as_deref(),
        Some("http://127.0.0.1:1/own")
    );
    assert_eq!(
        tasks[1].notify_url.as_deref(),
        Some("http://127.0.0.1:1/all")
    );
    let listed = get("/_mock/tasks").unsigned().ok(&server).json();
    assert_eq!(listed["tasks"][1]["id"], ids[1]);
    assert_eq!(
        listed["tasks"][1]["parameters"]["x-gmkerl-thumb"],
        "/fw/100"
    );
    // Media tasks of forms tell their end in JSON only if they say so.
    assert!(!tasks[0].notify_json && tasks[1].notify_json);
    assert_eq!(tasks[0].operator.as_deref(), Some("operator"));
    // A text that holds the array is one, too.
    with(apps.to_string().into()).accepted(&server);
    assert_eq!(server.tasks().len(), 4);
    for (apps, code) in [
        (json!("no"), (400, 40000009, "decode policy error")),
        (json!({}), (400, 40000009, "decode policy error")),
        (json!([1]), (400, 40000009, "decode policy error")),
        (
            json!([{"type": "video"}]),
            (400, 40000009, "decode policy error"),
        ),
        (json!([]), (400, 40010003, "tasks number error")),
        (
            json!(vec![json!({"name": "naga"}); 11]),
            (400, 40010003, "tasks number error"),
        ),
        (
            json!([{"name": "naga2"}]),
            (400, 40011050, "invalid app name"),
        ),
    ] {
        with(apps).refused(&server, code);
    }
    assert_eq!(server.tasks().len(), 4);
}
