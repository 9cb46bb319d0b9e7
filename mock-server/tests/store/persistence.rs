//! What stays: restarts, snapshots, resets.

use std::{fs, os::unix::fs::symlink, time::Duration};

use upyun_mock::{ForkError, MockServer};

use crate::{
    kit::{Send as _, delete, get, head, make_folder, put, request, start},
    state::{temporary_entries, wait_for_temporary_entries},
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
    get("/demo/dir/b").refused(&server, (404, 40400001, "file or directory not found"));
    server.clock().advance(Duration::from_secs(86_400));
    let answer = get("/demo/dir/a").at(server.clock().now()).send(&server);
    answer.assert_refused((404, 40400001, "file or directory not found"));
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
        get("/demo/new").refused(&server, (404, 40400001, "file or directory not found"));
        // What another program put there is an object too.
        get("/demo/dropped").refused(&server, (404, 40400001, "file or directory not found"));
        put("/demo/a", "changed again").ok(&server);
        fs::write(server.directory().join("dropped"), "x").unwrap();
    }
    server.reset().unwrap();
    get("/demo/dropped").refused(&server, (404, 40400001, "file or directory not found"));
    assert_eq!(get("/demo/").ok(&server).text(), "");
    assert_eq!(get("/demo/?usage").ok(&server).text(), "0");
    put("/demo/a", "goes on").ok(&server);
}

#[test]
fn a_snapshot_takes_its_files_with_it() {
    let server = start();
    put("/demo/dir/a", "one").ok(&server);
    put("/demo/b", "one").ok(&server);
    assert_eq!(temporary_entries(&server), 0);
    let snapshot = server.snapshot().unwrap();
    put("/demo/b", "two").ok(&server);
    server.restore(&snapshot).unwrap();
    server.reset().unwrap();
    wait_for_temporary_entries(&server, 1);
    drop(snapshot);
    wait_for_temporary_entries(&server, 0);
}

#[test]
fn a_snapshot_keeps_metadata_that_changed_without_the_content() {
    let server = start();
    let change = |value: &str| {
        request("PATCH", "/demo/a")
            .header("x-upyun-meta-v", value)
            .ok(&server);
    };
    put("/demo/a", "x").ok(&server);
    let mut snapshots = Vec::new();
    for value in ["one", "two", "three"] {
        change(value);
        snapshots.push((value, server.snapshot().unwrap()));
    }
    for (value, snapshot) in snapshots.iter().rev().chain(&snapshots) {
        server.restore(snapshot).unwrap();
        let answer = get("/demo/a").ok(&server);
        assert_eq!(answer.header("x-upyun-meta-v"), Some(*value));
        change("changed");
    }
}

#[test]
fn forks_do_not_share_changes() {
    let server = start();
    put("/demo/a", "x")
        .header("x-upyun-meta-v", "one")
        .ok(&server);
    make_folder("/demo/dir").ok(&server);
    server.fork("demo", "copy").unwrap();
    request("PATCH", "/copy/a")
        .header("x-upyun-meta-v", "two")
        .ok(&server);
    put("/demo/dir/b", "y").ok(&server);
    put("/copy/c", "copy").ok(&server);
    let meta = |target: &str| {
        let answer = get(target).ok(&server);
        answer.header("x-upyun-meta-v").map(str::to_owned)
    };
    assert_eq!(meta("/demo/a").as_deref(), Some("one"));
    assert_eq!(meta("/copy/a").as_deref(), Some("two"));
    get("/copy/dir/b").refused(&server, (404, 40400001, "file or directory not found"));
    get("/demo/c").refused(&server, (404, 40400001, "file or directory not found"));
    delete("/copy/a").ok(&server);
    assert_eq!(get("/demo/a").ok(&server).text(), "x");
}

#[test]
fn objects_of_a_fork_expire_as_in_the_original() {
    let server = start();
    put("/demo/a", "x")
        .header("x-upyun-meta-ttl", "1")
        .ok(&server);
    server.fork("demo", "copy").unwrap();
    server.clock().advance(Duration::from_secs(86_400));
    let answer = get("/copy/a").at(server.clock().now()).send(&server);
    answer.assert_refused((404, 40400001, "file or directory not found"));
}

#[test]
fn a_restore_leaves_links_alone_and_does_not_follow_them() {
    let server = start();
    put("/demo/dir/a", "old").ok(&server);
    let snapshot = server.snapshot().unwrap();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("a"), "outside").unwrap();
    let directory = server.directory();
    fs::remove_dir_all(directory.join("dir")).unwrap();
    symlink(outside.path(), directory.join("dir")).unwrap();
    symlink(outside.path(), directory.join("other")).unwrap();
    server.restore(&snapshot).unwrap();
    assert_eq!(get("/demo/dir/a").ok(&server).text(), "old");
    assert_eq!(fs::read(outside.path().join("a")).unwrap(), b"outside");
    assert!(directory.join("other").is_symlink());
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
