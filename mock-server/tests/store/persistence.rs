//! What stays: restarts, snapshots, resets.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use upyun_client::protocol::{ErrorCode, ServiceName};
use upyun_mock::{ForkError, MockServer};

use crate::{
    kit::{delete, get, head, make_folder, put, start},
    state::{put_aside, wait_until_nothing_is_put_aside},
};

#[test]
fn a_data_directory_outlives_the_server() {
    let data = tempfile::tempdir().unwrap();
    let open = || {
        MockServer::builder()
            .data(data.path())
            .start_blocking()
            .unwrap()
    };
    let server = open();
    put("/demo/dir/a", "x")
        .header("x-upyun-meta-a", "1")
        .header("x-upyun-meta-ttl", "1")
        .header("Content-Type", "x/y")
        .ok(&server);
    put("/demo/dir/b", "y").ok(&server);
    make_folder("/demo/empty").ok(&server);
    server.clock().freeze();
    delete("/demo/dir/b")
        .header("x-upyun-async", "true")
        .ok(&server);
    drop(server);
    let server = open();
    let answer = get("/demo/dir/a").ok(&server);
    assert_eq!(answer.header("content-type"), Some("x/y"));
    assert_eq!(answer.header("x-upyun-meta-a"), Some("1"));
    head("/demo/empty").ok(&server);
    // What was promised was done before the server stopped.
    get("/demo/dir/b").refused(&server, ErrorCode::FILE_NOT_FOUND);
    server.clock().advance(Duration::from_secs(86_400));
    let answer = get("/demo/dir/a").at(server.clock().now()).send(&server);
    answer.assert_refusal(ErrorCode::FILE_NOT_FOUND, "GET");
}

#[test]
fn a_temporary_directory_goes_with_its_server() {
    let server = start();
    let directory = server.directory();
    put("/demo/a", "x").ok(&server);
    assert!(directory.exists());
    drop(server);
    assert!(!directory.exists());
}

#[test]
fn snapshots_bring_everything_back() {
    let server = start();
    put("/demo/a", "one")
        .header("x-upyun-meta-a", "1")
        .ok(&server);
    put("/demo/dir/b", "two").ok(&server);
    let snapshot = server.snapshot().unwrap();
    put("/demo/a", "changed").ok(&server);
    delete("/demo/dir/b").ok(&server);
    put("/demo/new", "x").ok(&server);
    fs::write(server.directory().join("dropped"), "x").unwrap();
    for _ in 0..2 {
        server.restore(&snapshot).unwrap();
        let answer = get("/demo/a").ok(&server);
        assert_eq!(
            (answer.text(), answer.header("x-upyun-meta-a")),
            ("one", Some("1"))
        );
        assert_eq!(get("/demo/dir/b").ok(&server).text(), "two");
        get("/demo/new").refused(&server, ErrorCode::FILE_NOT_FOUND);
        // What another program did was not seen.
        assert_eq!(get("/demo/dropped").ok(&server).text(), "x");
        put("/demo/a", "changed again").ok(&server);
    }
    server.reset().unwrap();
    get("/demo/dropped").refused(&server, ErrorCode::FILE_NOT_FOUND);
    assert_eq!(get("/demo/").ok(&server).text(), "");
    assert_eq!(get("/demo/?usage").ok(&server).text(), "0");
    put("/demo/a", "goes on").ok(&server);
}

#[test]
fn what_was_put_aside_goes_with_the_snapshot() {
    let server = start();
    put("/demo/dir/a", "one").ok(&server);
    put("/demo/b", "one").ok(&server);
    assert_eq!(put_aside(&server), 0);
    let snapshot = server.snapshot().unwrap();
    put("/demo/b", "two").ok(&server);
    server.reset().unwrap();
    assert_ne!(put_aside(&server), 0);
    drop(snapshot);
    wait_until_nothing_is_put_aside(&server);
}

#[test]
fn nothing_is_kept_for_nobody() {
    let server = start();
    for n in 0..20 {
        server.put_object(&format!("/d/{n}"), "x").unwrap();
    }
    let copy = ServiceName::parse("copy").unwrap();
    server.fork("demo", "copy").unwrap();
    let test = |n: u32| {
        let store = server.store();
        store.fork(server.service(), &copy).unwrap();
        put(&format!("/copy/d/{n}"), "y").ok(&server);
        put(&format!("/demo/d/{n}"), "y").ok(&server);
        store.empty(&copy).unwrap();
    };
    (0..20).for_each(test);
    wait_until_nothing_is_put_aside(&server);
    let snapshot = server.snapshot().unwrap();
    (0..20).for_each(test);
    (0..20).for_each(test);
    // What each key of the one and all of the other was, and what is being removed.
    let deadline = Instant::now() + Duration::from_secs(10);
    while put_aside(&server) > 20 + 2 {
        assert!(Instant::now() < deadline, "{}", put_aside(&server));
        thread::sleep(Duration::from_millis(5));
    }
    server.restore(&snapshot).unwrap();
    server.fork("demo", "other").unwrap();
    assert_eq!(get("/other/d/3").ok(&server).text(), "y");
    drop(snapshot);
    server.reset().unwrap();
    wait_until_nothing_is_put_aside(&server);
}

#[test]
fn a_fork_that_is_kept_is_whole_when_the_server_stops() {
    let data = tempfile::tempdir().unwrap();
    let server = MockServer::builder()
        .data(data.path())
        .start_blocking()
        .unwrap();
    for n in 0..200 {
        server.put_object(&format!("/d{}/{n}", n % 7), "x").unwrap();
    }
    server.fork("demo", "copy").unwrap();
    server.store().empty(server.service()).unwrap();
    server.put_object("/late", "x").unwrap();
    let copied = get("/copy/d3/3").ok(&server);
    assert_eq!(copied.text(), "x");
    drop(server);
    for n in 0..200 {
        let path = data.path().join(format!("copy/d{}/{n}", n % 7));
        assert!(path.exists(), "{}", path.display());
    }
    assert!(!data.path().join("copy/late").exists());
}

#[test]
fn a_fork_does_not_see_what_happens_meanwhile() {
    let server = start();
    let keys: Vec<String> = (0..60).map(|n| format!("/f{}/{n}", n % 5)).collect();
    for key in &keys {
        server.put_object(key, "old").unwrap();
    }
    server.fork("demo", "copy").unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            for key in &keys {
                put(&format!("/demo{key}"), "new").ok(&server);
                delete(&format!("/demo{key}")).ok(&server);
            }
        });
        scope.spawn(|| {
            for key in keys.iter().rev() {
                let answer = get(&format!("/copy{key}")).ok(&server);
                assert_eq!(answer.text(), "old", "{key}");
            }
        });
        scope.spawn(|| server.store().complete_forks().unwrap());
        scope.spawn(|| {
            for folder in 0..5 {
                let list = get(&format!("/copy/f{folder}/")).ok(&server);
                assert_eq!(list.text().lines().count(), 12, "{}", list.text());
            }
        });
    });
    assert_eq!(get("/demo/f1/?usage").ok(&server).text(), "0");
    assert_eq!(get("/copy/?usage").ok(&server).text(), "180");
}

#[test]
fn what_cannot_be_forked_is_told() {
    let server = start();
    let told = |service, to| server.fork(service, to).unwrap_err().to_string();
    assert!(matches!(
        server.fork("none", "x").unwrap_err(),
        ForkError::Unknown(_)
    ));
    assert!(told("demo", "demo").contains("already"));
    assert!(told("demo", "../x").contains("../x"));
}
