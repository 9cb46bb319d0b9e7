//! Resumable and parallel uploads.

mod unfinished;

use std::time::Duration;

use upyun_client::protocol::{ErrorCode, Md5Digest};
use upyun_mock::{MockServer, accounts::Service};

use crate::kit::{Answer, Connection, Request, delete, get, head, make_folder, put, start, tree};

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
        let names = tree(&private.join(name)).into_iter().map(|(name, ..)| name);
        names.filter(|name| !name.ends_with(".jsonl")).count()
    };
    count("uploads") + count("tmp")
}

#[test]
fn an_ordered_upload_from_begin_to_end() {
    let server = start();
    let content = content(2 * MIB + 5);
    let begun = initiate(content.len())
        .header("X-Upyun-Multi-Type", "video/mp4")
        .header("x-upyun-meta-a", "1")
        .header("Content-Secret", "s3cret");
    let begun = done(&begun, &server, 204);
    let uuid = uuid(&begun);
    assert_eq!(uuid.len(), 36);
    assert_eq!(begun.header("x-upyun-next-part-id"), Some("0"));
    assert_eq!(begun.header("x-upyun-next-part-size"), Some("1048576"));
    for (id, chunk) in content.chunks(MIB).enumerate() {
        let answer = part(&uuid, id, chunk).header("Content-MD5", Md5Digest::of(chunk).to_string());
        let answer = done(&answer, &server, 204);
        let next = if id == 2 {
            "-1".to_owned()
        } else {
            (id + 1).to_string()
        };
        assert_eq!(answer.header("x-upyun-next-part-id"), Some(&*next));
        assert_eq!(answer.header("x-upyun-multi-uuid"), Some(&*uuid));
        get("/demo/big").refused(&server, ErrorCode::FILE_NOT_FOUND);
    }
    assert_eq!(get("/demo/").ok(&server).text(), "");
    assert_eq!(get("/demo/?usage").ok(&server).text(), "0");
    let md5 = Md5Digest::of(&content).to_string();
    let answer = complete(&uuid).header("X-Upyun-Multi-MD5", &md5);
    let answer = done(&answer, &server, 201);
    assert_eq!(answer.header("x-upyun-multi-uuid"), Some(&*uuid));
    assert_eq!(answer.header("x-upyun-multi-type"), Some("video/mp4"));
    assert_eq!(answer.header("x-upyun-multi-length"), Some("2097157"));
    assert_eq!(answer.header("etag"), Some(&*format!("\"{md5}\"")));
    let object = get("/demo/big").ok(&server);
    assert!(object.body == content);
    assert_eq!(object.header("content-type"), Some("video/mp4"));
    assert_eq!(
        object.all("x-upyun-meta-"),
        [("x-upyun-meta-a", "1"), ("x-upyun-meta-secret", "s3cret")]
    );
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn stages_can_be_joined() {
    let server = start();
    let all = stage("initiate,upload,complete", "small").header("X-Upyun-Multi-Length", "5");
    done(&all, &server, 201);
    assert_eq!(get("/demo/big").ok(&server).text(), "small");
    let nothing = stage("initiate,upload,complete", "").header("X-Upyun-Multi-Length", "0");
    done(&nothing, &server, 204);
    assert_eq!(get("/demo/big").ok(&server).text(), "");
    let content = content(MIB + 1);
    let first = stage("initiate, upload", &content[..MIB])
        .header("X-Upyun-Multi-Length", content.len().to_string())
        .header("X-Upyun-Part-Id", "0");
    let first = done(&first, &server, 204);
    assert_eq!(first.header("x-upyun-next-part-id"), Some("1"));
    let last = stage("upload,complete", &content[MIB..])
        .header("X-Upyun-Multi-Uuid", uuid(&first))
        .header("X-Upyun-Part-Id", "1");
    done(&last, &server, 204);
    assert!(get("/demo/big").ok(&server).body == content);
    let empty = done(&initiate(0), &server, 204);
    assert_eq!(empty.header("x-upyun-next-part-id"), Some("-1"));
    done(&complete(&uuid(&empty)), &server, 204);
}

#[test]
fn a_failing_first_request_leaves_no_upload() {
    let server = start();
    stage("initiate,upload", "too short")
        .header("X-Upyun-Multi-Length", "10")
        .refused(&server, ErrorCode::WRONG_CONTENT_LENGTH_HEADER);
    assert_eq!(left_behind(&server), 0);
    let list = get("/demo/")
        .header("X-Upyun-List-Type", "multi")
        .ok(&server);
    assert_eq!(list.json(), serde_json::json!({"files": []}));
}

#[test]
fn parallel_parts_arrive_in_any_order() {
    let server = start();
    let content = content(4 * MIB + 3);
    let begun = done(&disorder(), &server, 204);
    assert_eq!(begun.header("x-upyun-next-part-id"), None);
    let uuid = uuid(&begun);
    std::thread::scope(|scope| {
        for id in [4, 0, 3, 1, 2] {
            let (server, uuid, content) = (&server, &uuid, &content);
            let chunk = &content[id * MIB..content.len().min((id + 1) * MIB)];
            scope.spawn(move || done(&part(uuid, id, chunk), server, 204));
        }
    });
    let parts = get("/demo/big").header("X-Upyun-Multi-Uuid", &uuid);
    let listed = parts.ok(&server).json();
    assert_eq!(listed["parts"].as_array().unwrap().len(), 5);
    assert_eq!(listed["parts"][4]["size"], 3);
    let etag = Md5Digest::of(&content[MIB..2 * MIB]).to_string();
    assert_eq!(listed["parts"][1]["etag"], etag);
    let from = parts.header("X-Upyun-Part-Id", "3").ok(&server).json();
    assert_eq!(from["parts"][0]["id"], 3);
    done(&complete(&uuid), &server, 204);
    assert!(get("/demo/big").ok(&server).body == content);
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn larger_parts_on_request() {
    let server = start();
    let content = content(3 * MIB);
    let begun = initiate(content.len()).header("X-Upyun-Multi-Part-Size", (2 * MIB).to_string());
    let begun = done(&begun, &server, 204);
    assert_eq!(begun.header("x-upyun-next-part-size"), Some("2097152"));
    let uuid = uuid(&begun);
    done(&part(&uuid, 0, &content[..2 * MIB]), &server, 204);
    done(&part(&uuid, 1, &content[2 * MIB..]), &server, 204);
    done(&complete(&uuid), &server, 201);
    assert!(get("/demo/big").ok(&server).body == content);
}

#[test]
fn what_is_announced_is_checked() {
    let server = start();
    server.put_object("/file", "x").unwrap();
    make_folder("/demo/folder").ok(&server);
    let begin = |header: &str, value: &str| initiate(5).header(header, value);
    for (request, code) in [
        (stage("initiate", ""), ErrorCode::INVALID_MULTI_LENGTH),
        (stage("initate", ""), ErrorCode::INVALID_MULTIPART_STAGE),
        (
            stage("initiate,complete", ""),
            ErrorCode::INVALID_MULTIPART_STAGE,
        ),
        (initiate(10_001 * MIB), ErrorCode::INVALID_MULTI_LENGTH),
        (
            disorder().header("X-Upyun-Multi-Length", "x"),
            ErrorCode::INVALID_MULTI_LENGTH,
        ),
        (
            begin("X-Upyun-Multi-Part-Size", "1000"),
            ErrorCode::INVALID_PART_SIZE,
        ),
        (
            begin("X-Upyun-Multi-Part-Size", "0"),
            ErrorCode::INVALID_PART_SIZE,
        ),
        (
            begin("X-Upyun-Multi-Part-Size", "105906176"),
            ErrorCode::INVALID_PART_SIZE,
        ),
        (
            begin("X-Upyun-Multi-Type", "image"),
            ErrorCode::INVALID_MULTI_TYPE,
        ),
        (begin("x-upyun-meta-ttl", "0"), ErrorCode::INVALID_FILE_TTL),
        (
            begin("Content-Secret", "-"),
            ErrorCode::INVALID_CONTENT_SECRET,
        ),
    ] {
        request.refused(&server, code);
    }
    for (target, code) in [
        ("/demo/folder", ErrorCode::DIR_NOT_ACCEPTABLE),
        ("/demo/file/below", ErrorCode::DIR_NOT_ACCEPTABLE),
        ("/demo/new/", ErrorCode::DIR_NOT_ACCEPTABLE),
        ("/demo/", ErrorCode::WRONG_URI),
    ] {
        put(target, "")
            .header("X-Upyun-Multi-Stage", "initiate")
            .header("X-Upyun-Multi-Length", "1")
            .refused(&server, code);
    }
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn ordered_parts_come_in_order() {
    let server = start();
    let content = content(2 * MIB);
    let uuid = uuid(&done(&initiate(content.len()), &server, 204));
    let (first, second) = content.split_at(MIB);
    let told = part(&uuid, 1, second).send(&server);
    told.assert_refusal(ErrorCode::PART_ID_ERROR, "PUT");
    assert_eq!(told.header("x-upyun-next-part-id"), Some("0"));
    assert_eq!(told.header("x-upyun-multi-uuid"), Some(&*uuid));
    let early = complete(&uuid).send(&server);
    early.assert_refusal(ErrorCode::INCOMPLETE_MULTIPART_PARTS, "PUT");
    assert_eq!(early.header("x-upyun-next-part-id"), Some("0"));
    done(&part(&uuid, 0, first), &server, 204);
    part(&uuid, 0, first).refused(&server, ErrorCode::PART_ID_ERROR);
    done(&part(&uuid, 1, second), &server, 204);
    let over = part(&uuid, 2, "x").send(&server);
    over.assert_refusal(ErrorCode::PART_ALREADY_COMPLETE, "PUT");
    assert_eq!(over.header("x-upyun-next-part-id"), Some("-1"));
    done(&complete(&uuid), &server, 201);
    for again in [complete(&uuid), part(&uuid, 1, second)] {
        let answer = again.send(&server);
        answer.assert_refusal(ErrorCode::FILE_ALREADY_UPLOAD, "PUT");
        assert_eq!(answer.header("x-upyun-multi-length"), Some("2097152"));
        assert_eq!(
            answer.header("x-upyun-multi-type"),
            Some("application/octet-stream")
        );
    }
    delete("/demo/big")
        .header("X-Upyun-Multi-Uuid", &uuid)
        .refused(&server, ErrorCode::FILE_ALREADY_UPLOAD);
}

#[test]
fn parts_have_rules() {
    let server = start();
    let ordered = uuid(&done(&initiate(MIB + 2), &server, 204));
    let parallel = uuid(&done(&disorder(), &server, 204));
    let wrong_size = ErrorCode::WRONG_CONTENT_LENGTH_HEADER;
    part(&ordered, 0, "short").refused(&server, wrong_size);
    part(&ordered, 0, vec![0; MIB + 1]).refused(&server, wrong_size);
    part(&parallel, 0, vec![0; MIB + 1]).refused(&server, wrong_size);
    part(&ordered, 2, "x").refused(&server, ErrorCode::INVALID_PART_ID);
    part(&parallel, 10_000, "x").refused(&server, ErrorCode::INVALID_PART_ID);
    for id in ["", "-1", "x", "99999999999999999999"] {
        stage("upload", "x")
            .header("X-Upyun-Multi-Uuid", &ordered)
            .header("X-Upyun-Part-Id", id)
            .refused(&server, ErrorCode::INVALID_PART_ID);
    }
    part(&parallel, 0, "x")
        .header("Content-MD5", Md5Digest::of("y").to_string())
        .refused(&server, ErrorCode::CONTENT_MD5_NOT_MATCH);
    part(&parallel, 0, "x")
        .without_length()
        .header("Transfer-Encoding", "chunked")
        .body(format!(
            "{:x}\r\n{}\r\n0\r\n\r\n",
            MIB + 1,
            "x".repeat(MIB + 1)
        ))
        .refused(&server, wrong_size);
    part(&parallel, 0, "")
        .without_length()
        .refused(&server, ErrorCode::NEED_CONTENT_LENGTH_HEADER);
    let chunked = part(&parallel, 0, "")
        .without_length()
        .header("Transfer-Encoding", "chunked")
        .body("5\r\nhello\r\n0\r\n\r\n");
    done(&chunked, &server, 204);
    part(&parallel, 0, "again").refused(&server, ErrorCode::PART_ALREADY_COMPLETE);
    // A shorter part is found out when there is one behind it.
    done(&part(&parallel, 1, "y"), &server, 204);
    complete(&parallel).refused(&server, ErrorCode::INVALID_PART_SIZE);
    let gap = uuid(&done(&disorder(), &server, 204));
    done(&part(&gap, 1, "y"), &server, 204);
    complete(&gap).refused(&server, ErrorCode::INCOMPLETE_MULTIPART_PARTS);
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
            .refused(&server, ErrorCode::FILE_MD5_NOT_MATCH);
    }
    assert_eq!(
        left_behind(&server),
        1,
        "only a malformed one leaves the upload"
    );
    get("/demo/big").refused(&server, ErrorCode::FILE_NOT_FOUND);
}

#[test]
fn only_resumable_uploads_replace_resumable_objects() {
    let server = start();
    let whole = stage("initiate,upload,complete", "1").header("X-Upyun-Multi-Length", "1");
    done(&whole, &server, 201);
    put("/demo/big", "plain").refused(&server, ErrorCode::FILE_ALREADY_UPLOAD);
    done(&whole, &server, 204);
    put("/demo/source", "copy").ok(&server);
    put("/demo/big", "")
        .header("X-Upyun-Copy-Source", "/demo/source")
        .ok(&server);
    put("/demo/big", "plain").ok(&server);
    done(&whole, &server, 204);
    delete("/demo/big").ok(&server);
    put("/demo/big", "plain").ok(&server);
    let uuid = uuid(&done(&initiate(1), &server, 204));
    done(&part(&uuid, 0, "x"), &server, 204);
    delete("/demo/big").ok(&server);
    make_folder("/demo/big").ok(&server);
    complete(&uuid).refused(&server, ErrorCode::DIR_NOT_ACCEPTABLE);
    delete("/demo/big").ok(&server);
    done(&complete(&uuid), &server, 201);
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
                        Connection::open(server).write(&bytes[..bytes.len() / 2]);
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

#[test]
fn single_copy_services_have_no_parts() {
    let server = MockServer::builder()
        .service_with(Service {
            is_single_copy: true,
            ..Service::new("demo".parse().unwrap())
        })
        .start_blocking()
        .unwrap();
    initiate(5).refused(&server, ErrorCode::SINGLE_COPY_NO_RESUME);
    put("/demo/a", "x").ok(&server);
}
