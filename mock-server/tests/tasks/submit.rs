//! `/pretreatment/`, `/status/` and `/result/`: what is accepted and what is refused.

use std::time::{Duration, SystemTime};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use upyun_client::protocol::{PasswordMd5, sign::media_legacy};
use upyun_mock::{
    MockServer, TaskResults, TaskState,
    accounts::{Operator, Rights},
};

use crate::{
    kit::{Send as _, get, request, start},
    work::{FORM, Submission, ended, result, status, submission},
};

fn probe() -> Submission {
    submission("naga", &json!([{ "type": "probe" }])).with("source", "/a.mp4")
}

#[test]
fn ids_come_in_the_order_of_the_tasks() {
    let server = start();
    let three = json!([{ "type": "probe" }, { "type": "video" }, { "type": "x" }]);
    let ids = submission("naga", &three)
        .with("source", "a")
        .submit(&server);
    let tasks = server.tasks();
    let known: Vec<_> = tasks.iter().map(|task| task.id.to_string()).collect();
    assert_eq!(ids, known);
    assert_eq!(tasks[1].parameters["type"], "video");
    let shown = get("/_mock/tasks").unsigned().ok(&server).json();
    assert_eq!(shown["tasks"][2]["id"], *ids[2]);
    for id in &ids {
        ended(&server, id);
    }
    let all = status(&server, &ids);
    assert_eq!(all, json!({ &*ids[0]: -1, &*ids[1]: -1, &*ids[2]: -1 }));
}

#[test]
fn what_clients_send() {
    let server = start();
    // Java: raw values, a trailing `&`, and no slash.
    let tasks = STANDARD.encode(r#"[{"type":"probe"}]"#);
    let body =
        format!("bucket_name=demo&notify_url=http://127.0.0.1:9/cb&source=/a/b&tasks={tasks}&");
    let java = request("POST", "/pretreatment").header("Content-Type", FORM);
    java.body(body).ok(&server);
    assert_eq!(server.tasks()[0].source, "/a/b");
    // A `+` in the Base64 that was sent raw.
    let tasks = STANDARD.encode(r#"[{"type":"a>>>~~~"}]"#);
    assert!(tasks.contains('+'), "{tasks}");
    let body = format!("service=demo&notify_url=&source=/a&tasks={tasks}");
    request("POST", "/pretreatment/").body(body).ok(&server);
    assert_eq!(server.tasks()[1].parameters["type"], "a>>>~~~");
    // Both names of the service: the newer wins.
    probe().with("bucket_name", "none").submit(&server);
    // A path that is never called.
    probe()
        .with("notify_url", "/upyun_notify_url")
        .submit(&server);
    // Apps that name their sources themselves.
    let tasks = json!([{ "sources": "/x.zip", "save_as": "/y" }]);
    submission("depress", &tasks)
        .with("source", "upyun")
        .submit(&server);
}

#[test]
fn the_signature_of_old() {
    let server = start();
    let tasks = STANDARD.encode(r#"[{"type":"probe"}]"#);
    let pairs = [
        ("bucket_name", "demo"),
        ("notify_url", "http://127.0.0.1:9/cb"),
        ("source", "/v/in.mp4"),
        ("tasks", &*tasks),
    ];
    let key = PasswordMd5::of("password");
    let authorization = |pairs: &[(&str, &str)]| {
        let signature = media_legacy("operator", pairs.iter().copied(), &key);
        format!("UPYUN operator:{signature}")
    };
    let body = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    let legacy = |authorization: String| {
        request("POST", "/pretreatment/")
            .unsigned()
            .header("Authorization", authorization)
            .body(&body)
    };
    let ids = legacy(authorization(&pairs)).ok(&server).json();
    let id = ids[0].as_str().unwrap();
    ended(&server, id);
    let asked = [("bucket_name", "demo"), ("task_ids", id)];
    let answer = get(&format!("/status?task_ids={id}&bucket_name=demo"))
        .unsigned()
        .header("Authorization", authorization(&asked))
        .ok(&server);
    assert_eq!(answer.json()["tasks"][id], -1);
    legacy(authorization(&pairs[1..]))
        .refused(&server, (401, 40100005, "signature error"))
        .says("run together");
    legacy("UPYUN nobody:".to_owned() + &"0".repeat(32))
        .refused(&server, (401, 40100006, "user not exists"));
}

#[test]
fn what_is_not_accepted() {
    let server = MockServer::builder()
        .operator("operator", "password")
        .operator_with(Operator::new("reader", "password").limited([], Rights::parse("r").unwrap()))
        .start_blocking()
        .unwrap();
    let check = |submission: Submission, code| submission.request().refused(&server, code);
    let args = (400, 40010001, "not enough arguments");
    for field in ["service", "tasks", "notify_url", "source"] {
        check(probe().without(field), args).says(field);
    }
    for field in ["service", "tasks"] {
        check(probe().with(field, ""), args).says(field);
    }
    check(
        probe().with("service", "none"),
        (401, 40100012, "bucket not exist"),
    );
    for url in ["ftp://a/b", "localhost:80", "http://"] {
        check(
            probe().with("notify_url", url),
            (400, 40010002, "url not allowed"),
        )
        .says(url);
    }
    let encoded = |text: &str| probe().with("tasks", STANDARD.encode(text));
    for bad in ["{}", "[1]", "[[1]]", "x", ""] {
        let code = if bad.is_empty() {
            args
        } else {
            (400, 40010033, "decode tasks error")
        };
        check(encoded(bad), code);
    }
    check(
        probe().with("tasks", "!"),
        (400, 40010033, "decode tasks error"),
    )
    .says("Base64");
    check(encoded("[]"), (400, 40010003, "tasks number error")).says("0 tasks");
    let eleven = Value::from(vec![json!({ "type": "probe" }); 11]);
    check(
        encoded(&eleven.to_string()),
        (400, 40010003, "tasks number error"),
    )
    .says("11 tasks");
    check(
        probe().with("app_name", "magic"),
        (400, 40011091, "invalid app name"),
    )
    .says("spiderman");
    // Chains of old are for media alone.
    let chain = submission("compress", &json!([[{ "type": "video" }]]));
    check(chain, (400, 40010033, "decode tasks error"));
    let reader = probe().request().by("reader", "password");
    reader.refused(&server, (401, 40100017, "user need permission"));
    let wrong = probe().request().by("operator", "other");
    wrong.refused(&server, (401, 40100005, "signature error"));
    let old = SystemTime::now() - Duration::from_secs(2000);
    probe()
        .request()
        .at(old)
        .refused(&server, (401, 40100002, "date offset error"));
    let unsigned = probe().request().unsigned();
    unsigned.refused(&server, (401, 40100004, "need authorization header"));
    let other = "0".repeat(32);
    let with_md5 = |md5: &str| {
        request("POST", "/pretreatment/")
            .header("Content-MD5", md5)
            .body(probe().body())
    };
    with_md5(&other).refused(&server, (400, 40000006, "content md5 not match"));
    with_md5("x").refused(&server, (400, 40001001, "wrong content-md5"));
    let empty = request("POST", "/pretreatment/");
    empty.refused(&server, (400, 40000002, "need body"));
    request("PUT", "/pretreatment/").refused(&server, (405, 40500000, "method not allowed"));
    request("POST", "/status/").refused(&server, (405, 40500000, "method not allowed"));
    get("/elsewhere")
        .host("p0.api.upyun.com")
        .refused(&server, (400, 40001000, "wrong uri"));
    assert!(server.tasks().is_empty());
}

#[test]
fn what_may_be_asked() {
    let server = start();
    let args = (400, 40010001, "not enough arguments");
    get("/status/?service=demo")
        .refused(&server, args)
        .says("task_ids");
    get("/result?task_ids=x")
        .refused(&server, args)
        .says("service");
    get("/status/?service=demo&task_ids=").refused(&server, args);
    get("/status/?service=none&task_ids=x").refused(&server, (401, 40100012, "bucket not exist"));
    let ids = |count: usize| vec!["0".repeat(32); count];
    let many = format!("/status/?service=demo&task_ids={}", ids(21).join(","));
    get(&many).refused(&server, (400, 40010029, "only 1~10 tasks supported in get"));
    assert_eq!(status(&server, &ids(20)), json!({ &*ids(1)[0]: null }));
    assert_eq!(result(&server, "nonsense"), Value::Null);
}

#[test]
fn tasks_of_another_service_are_not_shown() {
    let server = MockServer::builder()
        .service("demo")
        .service("other")
        .start_blocking()
        .unwrap();
    let id = probe().submit(&server).remove(0);
    ended(&server, &id);
    let elsewhere = format!("/status/?service=other&task_ids={id}");
    assert_eq!(
        get(&elsewhere).ok(&server).json()["tasks"][&id],
        Value::Null
    );
    assert_eq!(status(&server, std::slice::from_ref(&id))[&id], -1);
}

#[test]
fn results_in_the_documented_shape() {
    let server = MockServer::builder()
        .configure(|config| config.fidelity.task_results = TaskResults::Bare)
        .start_blocking()
        .unwrap();
    let id = probe().submit(&server).remove(0);
    assert_eq!(ended(&server, &id).state, TaskState::Failed);
    let bare = get(&format!("/result/?service=demo&task_ids={id}"))
        .ok(&server)
        .json();
    assert_eq!(bare[&id]["status_code"], 404);
}
