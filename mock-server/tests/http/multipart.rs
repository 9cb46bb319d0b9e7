//! Resumable and parallel uploads.

mod unfinished;

use std::time::Duration;

use upyun_client::protocol::Md5Digest;
use upyun_mock::MockServer;

use crate::kit::{Answer, Connection, Request, Send as _, delete, get, put, start, tree};

const MIB: usize = 1024 * 1024;

fn stage(stage: &str, body: impl AsRef<[u8]>) -> Request {
    put("/demo/big", body).header("X-Upyun-Multi-Stage", stage)
}

fn initiate(length: usize) -> Request {
    stage("initiate", "").header("X-Upyun-Multi-Length", length.to_string())
}

fn disorder() -> Request {
    stage("initiate", "").header("X-Upyun-Multi-Disorder", "true")
}

fn uuid(answer: &Answer) -> String {
    answer.header("x-upyun-multi-uuid").unwrap().to_owned()
}

fn part(uuid: &str, id: usize, body: impl AsRef<[u8]>) -> Request {
    stage("upload", body)
        .header("X-Upyun-Multi-Uuid", uuid)
        .header("X-Upyun-Part-Id", id.to_string())
}

fn complete(uuid: &str) -> Request {
    stage("complete", "").header("X-Upyun-Multi-Uuid", uuid)
}

#[track_caller]
fn done(request: &Request, server: &MockServer, status: u16) -> Answer {
    let answer = request.send(server);
    assert_eq!(answer.status, status, "{answer:?}");
    answer
}

/// Bytes of which no two parts are the same.
fn content(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n / 7 % 251) as u8).collect()
}

/// What the private directory holds of uploads.
fn left_behind(server: &MockServer) -> usize {
    let private = server.directory().parent().unwrap().join(".upyun-mock");
    let count = |name: &str| {
        let names = tree(&private.join(name)).into_keys();
        names.filter(|name| !name.ends_with(".jsonl")).count()
    };
    count("uploads") + count("tmp")
}

#[test]
fn completed_and_refused_uploads_leave_no_files() {
    let server = start();
    for begin in [initiate(5), disorder()] {
        let uuid = uuid(&done(&begin, &server, 204));
        done(&part(&uuid, 0, "hello"), &server, 204);
        assert_ne!(left_behind(&server), 0);
        let answer = complete(&uuid).send(&server);
        assert!(answer.status < 300, "{answer:?}");
        assert_eq!(left_behind(&server), 0);
    }
    initiate(5)
        .header("X-Upyun-Multi-Type", "image")
        .refused(&server, (400, 40011053, "invalid x-upyun-multi-type"));
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn a_failing_first_request_leaves_no_upload() {
    let server = start();
    stage("initiate,upload", "too short")
        .header("X-Upyun-Multi-Length", "10")
        .refused(&server, (403, 40300030, "wrong content-length header"));
    assert_eq!(left_behind(&server), 0);
    let list = get("/demo/")
        .header("X-Upyun-List-Type", "multi")
        .ok(&server);
    assert_eq!(list.json(), serde_json::json!({"files": []}));
}

#[test]
fn the_md5_of_the_whole_decides() {
    let server = start();
    let md5 = Md5Digest::of("other").to_string();
    for wrong in [&*md5, "x"] {
        let uuid = uuid(&done(&initiate(5), &server, 204));
        done(&part(&uuid, 0, "hello"), &server, 204);
        complete(&uuid)
            .header("X-Upyun-Multi-MD5", wrong)
            .refused(&server, (400, 40011060, "file md5 not match"));
    }
    assert_eq!(
        left_behind(&server),
        1,
        "only a malformed one leaves the upload"
    );
    get("/demo/big").refused(&server, (404, 40400001, "file or directory not found"));
}

#[test]
fn many_uploads_at_once_stay_apart() {
    let server = start();
    std::thread::scope(|scope| {
        for n in 0..16_u8 {
            let server = &server;
            scope.spawn(move || {
                let target = format!("/demo/many/{n}");
                let content: Vec<u8> = content(3 * MIB + usize::from(n));
                let content: Vec<u8> = content.iter().map(|byte| byte ^ n).collect();
                let begun = put(&target, "")
                    .header("X-Upyun-Multi-Stage", "initiate")
                    .header("X-Upyun-Multi-Disorder", "true");
                let uuid = uuid(&done(&begun, server, 204));
                for id in [3, 1, 0, 2] {
                    let end = content.len().min((id + 1) * MIB);
                    if id * MIB == end {
                        continue;
                    }
                    let part = put(&target, &content[id * MIB..end])
                        .header("X-Upyun-Multi-Stage", "upload")
                        .header("X-Upyun-Multi-Uuid", &uuid)
                        .header("X-Upyun-Part-Id", id.to_string());
                    if (id + usize::from(n)).is_multiple_of(3) {
                        // Lost halfway, then sent again.
                        let bytes = part.to_bytes();
                        Connection::open(server.address()).write(&bytes[..bytes.len() / 2]);
                    }
                    done(&part, server, 204);
                }
                let md5 = Md5Digest::of(&content).to_string();
                let end = put(&target, "")
                    .header("X-Upyun-Multi-Stage", "complete")
                    .header("X-Upyun-Multi-Uuid", &uuid)
                    .header("X-Upyun-Multi-MD5", &md5);
                done(&end, server, 204);
                assert!(get(&target).ok(server).body == content);
            });
        }
    });
    assert_eq!(left_behind(&server), 0);
}
