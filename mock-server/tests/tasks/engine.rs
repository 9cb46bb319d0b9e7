//! The engine: restarts, limits, verdicts, and what it does not do.

use std::time::Duration;

use serde_json::json;
use upyun_mock::{Config, MockServer, TaskState, Verdict};

use crate::{
    kit::start,
    work::{carry_out, ended, fails, media, result, status, submission},
};

#[test]
fn what_an_earlier_server_did_not_finish_is_done() {
    let directory = tempfile::tempdir().unwrap();
    let open = || {
        MockServer::builder()
            .data(directory.path())
            .start_blocking()
            .unwrap()
    };
    let first = open();
    first.put_object("/a.txt", "hello").unwrap();
    let done = json!([{ "sources": ["/a.txt"], "save_as": "/done.zip" }]);
    let done = submission("compress", &done).submit(&first).remove(0);
    ended(&first, &done);
    drop(first);
    // As if it had been killed while the task ran.
    let path = directory
        .path()
        .join(".upyun-mock/tasks")
        .join(format!("{done}.json"));
    let mut kept: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let again = "0".repeat(32);
    kept["id"] = (*again).into();
    kept["state"] = "running".into();
    kept["parameters"]["save_as"] = "/again.zip".into();
    std::fs::write(
        path.with_file_name(format!("{again}.json")),
        kept.to_string(),
    )
    .unwrap();
    std::fs::create_dir_all(directory.path().join(".upyun-mock/work").join(&again)).unwrap();

    let second = open();
    assert_eq!(ended(&second, &again).state, TaskState::Done);
    assert_eq!(result(&second, &done)["path"], "/done.zip");
    assert_eq!(result(&second, &again)["path"], "/again.zip");
    assert!(second.get_object("/again.zip").is_ok());
    second.reset().unwrap();
    assert!(second.tasks().is_empty());
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn without_data_nothing_of_a_task_is_left() {
    let server = start();
    server.put_object("/a.txt", "hello").unwrap();
    carry_out(
        &server,
        "compress",
        json!({ "sources": ["/a.txt"], "save_as": "/a.zip" }),
    );
    let work = server
        .directory()
        .parent()
        .unwrap()
        .join(".upyun-mock/work");
    assert_eq!(std::fs::read_dir(work).unwrap().count(), 0);
    let tasks = server
        .directory()
        .parent()
        .unwrap()
        .join(".upyun-mock/tasks");
    assert!(!tasks.exists());
}

#[test]
fn a_task_has_its_time() {
    let server = MockServer::builder()
        .configure(|config| config.limits.task_timeout = Duration::from_millis(1))
        .start_blocking()
        .unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let result = carry_out(&server, "spiderman", json!({ "url": url, "save_as": "/a" }));
    fails(&server, &result, 504, "longer than");
}

#[test]
fn a_hundred_tasks_at_once_are_all_done() {
    let server = start();
    server.put_object("/a.txt", "hello").unwrap();
    let mut ids = Vec::new();
    for batch in 0..10 {
        let task = |number: i32| json!({ "sources": ["/a.txt"], "save_as": format!("/{batch}/{number}.zip") });
        let tasks: Vec<_> = (0..10).map(task).collect();
        ids.extend(submission("compress", &tasks.into()).submit(&server));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(server.wait_for_tasks());
    for ids in ids.chunks(20) {
        let told = status(&server, ids);
        assert!(ids.iter().all(|id| told[id] == 100), "{told}");
    }
}

#[test]
fn audits_say_what_a_test_decides() {
    let server = start();
    let png = include_bytes!("../http/dot.png");
    server.put_object("/dot.png", png).unwrap();
    server.put_object("/a.txt", "hello").unwrap();
    let result = carry_out(&server, "imgaudit", json!({ "source": "/dot.png" }));
    let normal = json!({ "porn": { "label": 0, "rate": 0.99, "review": false } });
    assert_eq!(result["result"], normal);
    assert_eq!(
        (&result["source"], &result["error"]),
        (&"/dot.png".into(), &"".into())
    );
    server.set_verdict(Verdict {
        label: 1,
        rate: 0.5,
        review: true,
    });
    let result = carry_out(&server, "imgaudit", json!({ "source": "/dot.png" }));
    assert_eq!(result["result"]["porn"]["label"], 1);
    let check = |task, status, why: &str| {
        let result = carry_out(&server, "imgaudit", task);
        fails(&server, &result, status, why);
    };
    check(json!({ "source": "/a.txt" }), 415, "no picture");
    check(json!({ "source": "/none" }), 404, "/none");
    check(json!({}), 400, "no source");
    server
        .put_object("/big", vec![0; 10 * 1024 * 1024 + 1])
        .unwrap();
    check(json!({ "source": "/big" }), 413, "larger");
}

#[test]
fn what_is_missing_is_said() {
    let server = start();
    let result = carry_out(
        &server,
        "uconvert",
        json!({ "source": "/a.pdf", "save_as": "/a" }),
    );
    fails(&server, &result, 413, "no converter");
    assert_eq!(result["paths"], json!([]));
    let nowhere = tempfile::tempdir().unwrap();
    let server = MockServer::builder()
        .configure(|config: &mut Config| config.ffmpeg_directory = Some(nowhere.path().into()))
        .start_blocking()
        .unwrap();
    server.put_object("/a.mp4", "x").unwrap();
    let result = media(&server, "/a.mp4", json!({ "type": "probe" }));
    fails(&server, &result, 501, "ffprobe is not in");
}

#[test]
fn large_tasks_push_the_oldest_out() {
    let directory = tempfile::tempdir().unwrap();
    let open = |bytes| {
        MockServer::builder()
            .data(directory.path())
            .configure(move |config| config.limits.tasks_bytes = bytes)
            .start_blocking()
            .unwrap()
    };
    let on_disk = || {
        let path = directory.path().join(".upyun-mock/tasks");
        let files = std::fs::read_dir(path).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".json")).count()
    };
    let server = open(45_000);
    let mut all = Vec::new();
    for _ in 0..10 {
        let task = json!([{ "save_as": "/a", "padding": "x".repeat(9000) }]);
        let id = submission("spiderman", &task).submit(&server).remove(0);
        ended(&server, &id);
        all.push(id);
    }
    let left: Vec<_> = server.tasks().into_iter().map(|task| task.id).collect();
    let left: Vec<_> = left.iter().map(|id| id.as_str()).collect();
    assert_eq!(left, all[6..]);
    assert_eq!(on_disk(), 4);
    assert_eq!(status(&server, &all)[&all[0]], json!(null));
    drop(server);
    let server = open(25_000);
    let left: Vec<_> = server.tasks().into_iter().map(|task| task.id).collect();
    let left: Vec<_> = left.iter().map(|id| id.as_str()).collect();
    assert_eq!(left, all[8..]);
    assert_eq!(on_disk(), 2);
}
