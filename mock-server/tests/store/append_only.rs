//! Files to which the store appends: a torn last line costs nothing, and what is over goes.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use upyun_mock::MockServer;

use crate::kit::{Answer, Send as _, delete, get, put};

const PART: usize = 1024 * 1024;

fn open(data: &Path) -> MockServer {
    MockServer::builder().data(data).start_blocking().unwrap()
}

fn initiate(server: &MockServer) -> String {
    let answer = put("/demo/big", "")
        .header("X-Upyun-Multi-Stage", "initiate")
        .header("X-Upyun-Multi-Length", (2 * PART).to_string())
        .send(server);
    assert_eq!(answer.status, 204, "{answer:?}");
    answer.header("x-upyun-multi-uuid").unwrap().to_owned()
}

fn part(server: &MockServer, uuid: &str, id: usize) -> Answer {
    put("/demo/big", vec![b'a' + id as u8; PART])
        .header("X-Upyun-Multi-Stage", "upload")
        .header("X-Upyun-Multi-Uuid", uuid)
        .header("X-Upyun-Part-Id", id.to_string())
        .send(server)
}

fn complete(server: &MockServer, uuid: &str) -> Answer {
    put("/demo/big", "")
        .header("X-Upyun-Multi-Stage", "complete")
        .header("X-Upyun-Multi-Uuid", uuid)
        .send(server)
}

/// Leaves the beginning of a line, as a full disk or a killed process does.
fn tear(file: &Path) {
    let mut file = OpenOptions::new().append(true).open(file).unwrap();
    file.write_all(b"\n{\"part\":{\"id\":1,\xe4").unwrap();
}

fn uploads(data: &Path) -> PathBuf {
    data.join(".upyun-mock/uploads")
}

#[test]
fn a_part_that_follows_a_torn_line_outlives_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let server = open(data.path());
    let uuid = initiate(&server);
    assert_eq!(part(&server, &uuid, 0).status, 204);
    tear(&uploads(data.path()).join(format!("{uuid}.jsonl")));
    assert_eq!(part(&server, &uuid, 1).status, 204);
    drop(server);
    let server = open(data.path());
    assert_eq!(complete(&server, &uuid).status, 201);
    let stored = get("/demo/big").ok(&server);
    assert_eq!(stored.body.len(), 2 * PART);
}

#[test]
fn an_expiry_that_follows_a_torn_line_outlives_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let server = open(data.path());
    let put_for_a_day = |key: &str| put(key, "x").header("x-upyun-meta-ttl", "1").ok(&server);
    put_for_a_day("/demo/a");
    tear(&data.path().join(".upyun-mock/schedule"));
    put_for_a_day("/demo/b");
    drop(server);
    let server = open(data.path());
    server
        .clock()
        .advance(std::time::Duration::from_secs(86_401));
    assert!(server.get_object("/a").is_err());
    let names: Vec<_> = fs::read_dir(server.directory()).unwrap().collect();
    assert!(names.is_empty(), "{names:?}");
}

#[test]
fn the_newest_unfinished_upload_stays_the_newest() {
    let data = tempfile::tempdir().unwrap();
    let mut server = open(data.path());
    for round in 0..6 {
        let uuids: Vec<String> = (0..4).map(|_| initiate(&server)).collect();
        drop(server);
        server = open(data.path());
        let newest = get("/demo/big")
            .header("X-Upyun-Multi-Info", "true")
            .ok(&server);
        let newest = newest.header("x-upyun-multi-uuid");
        assert_eq!(newest, uuids.last().map(String::as_str), "round {round}");
        let listed = get("/_mock/uploads").unsigned().ok(&server).json();
        let listed = listed["uploads"].as_array().unwrap();
        let listed: Vec<_> = listed
            .iter()
            .filter_map(|upload| upload["uuid"].as_str())
            .collect();
        assert_eq!(listed[4 * round..], uuids);
    }
}

#[test]
fn data_without_an_upload_is_removed() {
    let data = tempfile::tempdir().unwrap();
    drop(open(data.path()));
    let orphan = uploads(data.path()).join("00000000-0000-4000-8000-000000000000.data");
    fs::write(&orphan, "killed before the upload was written down").unwrap();
    let _server = open(data.path());
    assert!(!orphan.exists());
}

#[test]
fn a_deletion_that_has_run_does_not_run_again() {
    let data = tempfile::tempdir().unwrap();
    let server = open(data.path());
    put("/demo/a", "old").ok(&server);
    server.clock().freeze();
    let now = server.clock().now();
    delete("/demo/a")
        .header("x-upyun-async", "true")
        .at(now)
        .ok(&server);
    server.clock().advance(std::time::Duration::from_secs(2));
    let now = server.clock().now();
    let gone = get("/demo/a").at(now).send(&server);
    gone.assert_refused((404, 40400001, "file or directory not found"));
    put("/demo/a", "new").at(now).ok(&server);
    drop(server);
    let server = open(data.path());
    assert_eq!(get("/demo/a").ok(&server).text(), "new");
}

#[test]
fn a_request_makes_no_folder_of_a_service_that_exists() {
    let data = tempfile::tempdir().unwrap();
    let server = open(data.path());
    put("/demo/a", "x").ok(&server);
    let sidecars = data.path().join(".upyun-mock/meta/demo");
    fs::remove_dir_all(&sidecars).unwrap();
    get("/demo/a").ok(&server);
    get("/demo/").ok(&server);
    assert!(!sidecars.exists(), "a read has made the folder");
    put("/demo/b", "y")
        .header("x-upyun-meta-v", "1")
        .ok(&server);
    let stored = get("/demo/b").ok(&server);
    assert_eq!(stored.header("x-upyun-meta-v"), Some("1"));
    assert!(sidecars.exists());
}

#[test]
fn a_service_whose_folder_is_removed_is_empty_and_takes_objects() {
    let data = tempfile::tempdir().unwrap();
    let server = open(data.path());
    let remove = || {
        put("/demo/old", "x").ok(&server);
        fs::remove_dir_all(server.directory()).unwrap();
    };
    remove();
    assert_eq!(get("/demo/").ok(&server).text(), "");
    remove();
    let gone = get("/demo/old").send(&server);
    gone.assert_refused((404, 40400001, "file or directory not found"));
    put("/demo/new", "x").ok(&server);
    remove();
    put("/demo/folder/new", "x").ok(&server);
    remove();
    assert_eq!(part(&server, &initiate(&server), 0).status, 204);
    // All of the data directory.
    fs::remove_dir_all(data.path().join("demo")).unwrap();
    fs::remove_dir_all(data.path().join(".upyun-mock")).unwrap();
    put("/demo/new", "x").ok(&server);
    assert_eq!(get("/demo/new").ok(&server).text(), "x");
}
