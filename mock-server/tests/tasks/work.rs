//! Tasks and their ends, for the tests.

use std::{path::Path, process::Command};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use upyun_client::protocol::Md5Digest;
use upyun_mock::{MockServer, TaskEntry};

use crate::kit::{Request, Send as _, get, request, wait_for};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A submission in the making.
#[derive(Clone, Debug)]
pub(crate) struct Submission(pub(crate) Vec<(String, String)>);

/// Tasks of an app; media tasks if it is `naga`.
pub(crate) fn submission(app: &str, tasks: &Value) -> Submission {
    let tasks = STANDARD.encode(tasks.to_string());
    Submission(Vec::new())
        .with("service", "demo")
        .with("notify_url", "")
        .with("tasks", tasks)
        .with("app_name", app)
}

impl Submission {
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.0.retain(|(known, _)| known != name);
        self.0.push((name.to_owned(), value.into()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub(crate) fn body(&self) -> String {
        form_urlencoded::Serializer::new(String::new())
            .extend_pairs(&self.0)
            .finish()
    }

    pub(crate) fn request(&self) -> Request {
        let body = self.body();
        request("POST", "/pretreatment/")
            .host("p0.api.upyun.com")
            .header("Content-Type", FORM)
            .header("Content-MD5", Md5Digest::of(&body).to_string())
            .body(body)
    }

    /// Submits it; gives the ids.
    #[track_caller]
    pub(crate) fn submit(&self, server: &MockServer) -> Vec<String> {
        let answer = self.request().ok(server);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        serde_json::from_slice(&answer.body).unwrap()
    }
}

/// Carries out one task; gives its result.
#[track_caller]
pub(crate) fn carry_out(server: &MockServer, app: &str, task: Value) -> Value {
    let ids = submission(app, &json!([task])).submit(server);
    ended(server, &ids[0]);
    result(server, &ids[0])
}

/// Carries out a media task; gives its result.
#[track_caller]
pub(crate) fn media(server: &MockServer, source: &str, task: Value) -> Value {
    let submission = submission("naga", &json!([task]));
    let ids = submission
        .with("source", source)
        .with("accept", "json")
        .submit(server);
    ended(server, &ids[0]);
    result(server, &ids[0])
}

/// Waits for the end of a task.
#[track_caller]
pub(crate) fn ended(server: &MockServer, id: &str) -> TaskEntry {
    let task = || {
        let mut tasks = server.tasks().into_iter();
        tasks.find(|task| task.id.as_str() == id).unwrap()
    };
    wait_for("the end of a task", || task().state.is_final());
    task()
}

#[track_caller]
pub(crate) fn result(server: &MockServer, id: &str) -> Value {
    let target = format!("/result/?service=demo&task_ids={id}");
    get(&target).ok(server).json()["tasks"][id].take()
}

#[track_caller]
pub(crate) fn status(server: &MockServer, ids: &[String]) -> Value {
    let target = format!("/status/?service=demo&task_ids={}", ids.join("%2C"));
    get(&target).ok(server).json()["tasks"].take()
}

/// Expects a failure with this status and reason, and that nothing was stored.
#[track_caller]
pub(crate) fn fails(server: &MockServer, result: &Value, status: u16, why: &str) {
    let told = result["error"].as_str().or(result["description"].as_str());
    assert_eq!(result["status_code"], status, "{result}");
    assert!(told.unwrap().contains(why), "{result}");
    let id = result["task_id"].as_str().unwrap();
    assert_eq!(crate::work::status(server, &[id.to_owned()])[id], -1);
}

/// Whether a program can be run. Says so if not; under CI that is a failure.
pub(crate) fn has(program: &str, argument: &str) -> bool {
    let found = Command::new(program).arg(argument).output().is_ok();
    if !found {
        eprintln!("SKIPPED: {program} is not installed, so this was not tested");
        let is_ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!is_ci, "{program} is needed under CI=true");
    }
    found
}

/// Runs a program that must succeed; gives what it printed.
#[track_caller]
pub(crate) fn run(program: &str, arguments: &[&str], directory: &Path) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(directory)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{program} {arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}
