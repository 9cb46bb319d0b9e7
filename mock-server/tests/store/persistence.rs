//! What stays: restarts, snapshots, resets.

use std::{fs, time::Duration};

use upyun_client::protocol::ErrorCode;
use upyun_mock::MockServer;

use crate::kit::{delete, get, head, make_folder, put, start};

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
        get("/demo/dropped").refused(&server, ErrorCode::FILE_NOT_FOUND);
        put("/demo/a", "changed again").ok(&server);
    }
    server.reset().unwrap();
    assert_eq!(get("/demo/").ok(&server).text(), "");
    assert_eq!(get("/demo/?usage").ok(&server).text(), "0");
    put("/demo/a", "goes on").ok(&server);
}
