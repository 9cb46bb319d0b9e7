//! FORM uploads.

mod refusals;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};
use upyun_client::protocol::{
    ErrorCode, Md5Digest, PasswordMd5,
    sign::{FormCallback, FormSignature, form_legacy, upyun},
};
use upyun_mock::{
    MockServer,
    accounts::{Operator, Password, Rights, Service},
};

use crate::kit::{Answer, Connection, Request, get, make_folder, request, start};

const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

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

    fn without(mut self, name: &str) -> Self {
        self.policy.as_object_mut().unwrap().remove(name);
        self
    }

    fn at(self, path: &'static str) -> Self {
        Self { path, ..self }
    }

    fn drop_part(mut self, name: &str) -> Self {
        self.parts.retain(|(known, ..)| *known != name);
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
    fn refused_early(&self, server: &MockServer, code: ErrorCode) {
        self.request().refused(server, code);
    }

    /// A later one has the shape of results.
    #[track_caller]
    pub(crate) fn refused(&self, server: &MockServer, code: ErrorCode) -> Answer {
        let before = crate::kit::tree(&server.directory());
        let answer = self.request().send(server);
        assert_eq!(crate::kit::tree(&server.directory()), before);
        let sent = answer.header("x-error-code").map(str::to_owned);
        assert_eq!(
            (answer.status, sent),
            (code.status(), Some(code.as_u32().to_string()))
        );
        let body = answer.json();
        assert_eq!(body["code"], code.status());
        assert_eq!(body["message"], code.message().unwrap());
        assert!(body["time"].is_u64() && body["url"].is_string());
        assert_eq!(server.requests().last().unwrap().code, Some(code));
        answer
    }
}

#[test]
fn a_form_is_stored_and_told() {
    let server = start();
    let told = form("f.txt", "hello").accepted(&server);
    assert_eq!(told["code"], 200);
    assert_eq!(told["message"], "ok");
    assert_eq!(told["url"], "/form/f.txt");
    assert_eq!(told["mimetype"], "text/plain");
    assert_eq!(told["file_size"], 5);
    assert!(told["time"].as_u64().unwrap() >= now() - 5);
    assert_eq!(told.as_object().unwrap().len(), 6);
    assert_eq!(get("/demo/form/f.txt").ok(&server).text(), "hello");
    assert_eq!(server.requests()[0].operator(), Some("operator"));
}

#[test]
fn both_paths_and_any_order_of_fields() {
    let server = start();
    form("a", "1").at("/demo/").accepted(&server);
    form("b", "2").reversed().accepted(&server);
    form("c", "3")
        .with("date", "Tue, 24 Nov 2015 00:00:00 GMT")
        .accepted(&server);
    let md5 = Md5Digest::of("4").to_string();
    form("d", "4").with("content-md5", md5).accepted(&server);
    form("e", vec![b'x'; 3_000_000])
        .with("content-length", 3_000_000)
        .accepted(&server);
    form("f", "")
        .with("expiration", (now() + 9).to_string())
        .accepted(&server);
    // As the Python SDK does it: every field has a file name.
    let mut python = form("g", "7");
    for (name, file_name, _) in &mut python.parts {
        file_name.get_or_insert_with(|| (*name).to_owned());
    }
    python.accepted(&server);
    assert_eq!(get("/demo/form?usage").ok(&server).text(), "3000005");
}

#[test]
fn values_of_the_policy_reach_the_object() {
    let server = start();
    form("picture", GIF)
        .with("content-type", "x/y")
        .with("content-secret", "s3cret")
        .with("x-upyun-meta-ttl", 3)
        .with("x-upyun-meta-a", "1")
        .with("image-width-range", "1,10")
        .with("content-length-range", "1,100")
        .with("ext-param", "a b")
        .with("save-key", "no-slash.{suffix}x")
        .accepted(&server);
    let object = get("/demo/no-slash.x").ok(&server);
    assert_eq!(object.body, GIF);
    assert_eq!(object.header("content-type"), Some("x/y"));
    let meta = object.all("x-upyun-meta-");
    assert_eq!(
        meta,
        [
            ("x-upyun-meta-a", "1"),
            ("x-upyun-meta-secret", "s3cret"),
            ("x-upyun-meta-ttl", "3")
        ]
    );
    let told = form("a.gif", GIF)
        .with("save-key", "no-slash")
        .accepted(&server);
    assert_eq!(told["url"], "no-slash");
    assert_eq!(told["image-width"], 1);
    assert_eq!(told["image-type"], "GIF");
}

#[test]
fn base64_files_are_decoded() {
    let server = start();
    let content: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
    for content in [&content[..], &content[..100], b""] {
        let mut text = BASE64_STANDARD.encode(content);
        if text.len() > 76 {
            text.insert_str(76, "\r\n");
        }
        let md5 = Md5Digest::of(content).to_string();
        form("a", text)
            .with("b64encoded", "on")
            .with("content-md5", md5)
            .accepted(&server);
        assert!(get("/demo/form/a").ok(&server).body == content);
    }
    let wrong = form("a", "%%%").with("b64encoded", "on");
    wrong.refused(&server, ErrorCode::BASE64_DECODED_ERR);
    // The type comes before that.
    wrong
        .with("allow-file-type", "jpg")
        .refused(&server, ErrorCode::FILE_TYPE_ERROR);
}

#[test]
fn the_legacy_signature_signs_results_too() {
    let server = MockServer::builder()
        .service_with(Service {
            form_secret: Some(Password::new("form-secret")),
            ..Service::new("demo".parse().unwrap())
        })
        .start_blocking()
        .unwrap();
    let legacy = |secret: &str, form: Form| {
        let signature = form_legacy(&form.policy(), secret);
        let mut form = form.drop_part("authorization");
        form.parts
            .insert(0, ("signature", None, signature.into_bytes()));
        form
    };
    let good = || form("a", "x").with("ext-param", "e");
    let told = legacy("form-secret", good()).accepted(&server);
    assert_eq!(told.get("mimetype"), None);
    let sign = |told: &Value| {
        let text = |name: &str| match &told[name] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (code, message, url, time) = (text("code"), text("message"), text("url"), text("time"));
        let callback = FormCallback {
            code: &code,
            message: &message,
            url: &url,
            time: &time,
            ext_param: Some("e"),
        };
        (callback.sign("form-secret"), callback.no_sign())
    };
    assert_eq!(told["sign"], sign(&told).0);
    let small = legacy("form-secret", good().with("content-length-range", "5,9"));
    let refused = small.refused(&server, ErrorCode::FILE_TOO_SMALL).json();
    assert_eq!(refused["sign"], sign(&refused).0);
    let refused = legacy("wrong", good())
        .refused(&server, ErrorCode::SIGNATURE_ERROR)
        .json();
    assert_eq!(refused["no-sign"], sign(&refused).1);
}

#[test]
fn return_urls_get_the_result() {
    let server = start();
    let back = |url: &str| form("a b.txt", "x").with("return-url", url);
    let location = |answer: &Answer| {
        assert_eq!((answer.status, answer.text()), (302, ""));
        answer.header("location").unwrap().to_owned()
    };
    let answer = back("http://app.example/done?x=1#top")
        .request()
        .send(&server);
    let location_of = location(&answer);
    assert!(
        location_of.starts_with(
            "http://app.example/done?x=1&code=200&message=ok&url=%2Fform%2Fa%20b.txt&time="
        ),
        "{location_of}"
    );
    assert!(
        location_of.ends_with("&mimetype=text%2Fplain&file_size=1#top"),
        "{location_of}"
    );
    let failed = back("https://app.example/").with("content-length-range", "5,9");
    let failed = failed.request().send(&server);
    assert!(
        location(&failed).starts_with("https://app.example/?code=403&message=file%20too%20small")
    );
    assert_eq!(failed.header("x-error-code"), Some("40300008"));
    assert_eq!(back("relative").request().send(&server).status, 200);
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
        (json!("no"), ErrorCode::DECODE_POLICY_ERROR),
        (json!({}), ErrorCode::DECODE_POLICY_ERROR),
        (json!([1]), ErrorCode::DECODE_POLICY_ERROR),
        (json!([{"type": "video"}]), ErrorCode::DECODE_POLICY_ERROR),
        (json!([]), ErrorCode::TASKS_NUMBER_ERROR),
        (
            json!(vec![json!({"name": "naga"}); 11]),
            ErrorCode::TASKS_NUMBER_ERROR,
        ),
        (json!([{"name": "naga2"}]), ErrorCode::INVALID_APP_NAME),
    ] {
        with(apps).refused(&server, code);
    }
    assert_eq!(server.tasks().len(), 4);
}

#[test]
fn names_of_files_are_utf8() {
    let server = start();
    let good = form("NAME", "x").request();
    let mut bytes = good.to_bytes();
    let at = bytes.windows(4).position(|it| it == b"NAME").unwrap();
    bytes[at] = 0xff;
    let mut connection = Connection::open(&server);
    connection.write(&bytes);
    let answer = connection.answer("POST");
    let code = ErrorCode::FILENAME_SHOULD_BE_UTF8.to_string();
    assert_eq!(
        (answer.status, answer.header("x-error-code")),
        (400, Some(&*code))
    );
}
