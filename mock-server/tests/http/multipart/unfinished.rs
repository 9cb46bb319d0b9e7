//! Uploads that nobody has finished, and clients that go away.

use super::*;

#[test]
fn ids_are_bound_to_their_key_and_to_a_day() {
    let server = start();
    server.clock().freeze();
    let now = server.clock().now();
    let uuid = uuid(&done(&initiate(5).at(now), &server, 204));
    for wrong in ["", "x", &uuid.to_uppercase(), &uuid[1..]] {
        complete(wrong)
            .at(now)
            .refused(&server, ErrorCode::INVALID_MULTI_UUID);
    }
    let unknown = "00000000-0000-4000-8000-000000000000";
    complete(unknown)
        .at(now)
        .refused(&server, ErrorCode::MULTI_UUID_NOT_FOUND);
    put("/demo/other", "")
        .header("X-Upyun-Multi-Stage", "complete")
        .header("X-Upyun-Multi-Uuid", &uuid)
        .at(now)
        .refused(&server, ErrorCode::MULTI_UUID_NOT_FOUND);
    server.clock().advance(Duration::from_secs(24 * 3600 - 1));
    let later = server.clock().now();
    done(&part(&uuid, 0, "hello").at(later), &server, 204);
    server.clock().advance(Duration::from_secs(1));
    let later = server.clock().now();
    let gone = complete(&uuid).at(later).send(&server);
    gone.assert_refusal(ErrorCode::MULTI_UUID_NOT_FOUND, "PUT");
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn unfinished_uploads_can_be_found_again() {
    let server = start();
    get("/demo/big")
        .header("X-Upyun-Multi-Info", "true")
        .refused(&server, ErrorCode::FILE_NOT_FOUND);
    let content = content(MIB + 1);
    let ordered = uuid(&done(&initiate(content.len()), &server, 204));
    done(&part(&ordered, 0, &content[..MIB]), &server, 204);
    let progress = get("/demo/big").header("X-Upyun-Multi-Info", "true");
    let answer = progress.ok(&server);
    assert_eq!(answer.header("x-upyun-multi-uuid"), Some(&*ordered));
    assert_eq!(answer.header("x-upyun-next-part-id"), Some("1"));
    assert_eq!(answer.header("x-upyun-multi-length"), Some("1048577"));
    assert_eq!(answer.header("x-upyun-meta-order"), Some("true"));
    assert!(
        answer
            .header("x-upyun-created-date")
            .unwrap()
            .ends_with("GMT")
    );
    assert_eq!(answer.text(), "");
    // What is there can be read.
    let in_progress = |request: Request| request.header("X-Upyun-Multi-In-Progress", "true");
    let info = in_progress(head("/demo/big")).ok(&server);
    assert_eq!(info.header("x-upyun-file-size"), Some("1048577"));
    let end = in_progress(get("/demo/big")).header("Range", "bytes=1048570-1048575");
    let end = end.send(&server);
    assert_eq!((end.status, end.body.len()), (206, 6));
    assert_eq!(
        end.header("content-range"),
        Some("bytes 1048570-1048575/1048577")
    );
    in_progress(get("/demo/big"))
        .header("Range", "bytes=1048577-")
        .refused(&server, ErrorCode::WRONG_RANGE);
    let parallel = uuid(&done(&disorder(), &server, 204));
    done(&part(&parallel, 2, "x"), &server, 204);
    let answer = progress.ok(&server);
    assert_eq!(answer.header("x-upyun-multi-uuid"), Some(&*parallel));
    assert_eq!(answer.header("x-upyun-meta-order"), Some("false"));
    assert_eq!(answer.json()["parts"][0]["id"], 2);
    delete("/demo/big")
        .header("X-Upyun-Multi-Uuid", &parallel)
        .ok(&server);
    complete(&parallel).refused(&server, ErrorCode::MULTI_UUID_NOT_FOUND);
    delete("/demo/big")
        .header("X-Upyun-Multi-Uuid", &ordered)
        .ok(&server);
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn a_range_of_an_unfinished_upload_is_not_awaited_forever() {
    let server = MockServer::builder()
        .configure(|config| config.limits.body_timeout = Duration::from_millis(500))
        .start_blocking()
        .unwrap();
    done(&initiate(5), &server, 204);
    get("/demo/big")
        .header("X-Upyun-Multi-In-Progress", "true")
        .header("Range", "bytes=0-4")
        .refused(&server, ErrorCode::WRONG_RANGE);
}

#[test]
fn the_list_of_unfinished_uploads() {
    let server = start();
    for key in ["b/2", "a", "b/1"] {
        let begun = put(&format!("/demo/{key}"), "")
            .header("X-Upyun-Multi-Stage", "initiate")
            .header("X-Upyun-Multi-Length", "1");
        done(&begun, &server, 204);
    }
    let list = || get("/demo/").header("X-Upyun-List-Type", "multi");
    let keys = |request: Request| -> Vec<String> {
        let list = request.ok(&server).json();
        let files = list["files"].as_array().unwrap().iter();
        files
            .map(|file| file["key"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(keys(list()), ["/a", "/b/1", "/b/2"]);
    assert_eq!(
        keys(list().header("X-Upyun-List-Limit", "2")),
        ["/a", "/b/1"]
    );
    for prefix in ["Yi8=", "L2Iv"] {
        let listed = keys(list().header("X-Upyun-List-Prefix", prefix));
        assert_eq!(listed, ["/b/1", "/b/2"]);
    }
    for (name, value) in [("X-Upyun-List-Prefix", "%"), ("X-Upyun-List-Limit", "0")] {
        list()
            .header(name, value)
            .refused(&server, ErrorCode::ITER_ARGS_INVALID);
    }
}

#[test]
fn a_part_that_is_sent_again_does_not_wait_for_the_first() {
    let server = start();
    let content = content(MIB);
    let uuid = uuid(&done(&disorder(), &server, 204));
    let old = vec![b'o'; MIB];
    let bytes = part(&uuid, 0, &old).to_bytes();
    let mut stuck = Connection::open(&server);
    stuck.write(&bytes[..bytes.len() - 1000]);
    std::thread::sleep(Duration::from_millis(50));
    done(&part(&uuid, 0, &content), &server, 204);
    // The first one wakes up: too late.
    stuck.write(&bytes[bytes.len() - 1000..]);
    stuck
        .answer("PUT")
        .assert_refusal(ErrorCode::PART_ALREADY_COMPLETE, "PUT");
    done(&complete(&uuid), &server, 204);
    assert!(get("/demo/big").ok(&server).body == content);
}

#[test]
fn a_part_whose_client_goes_away_is_sent_again() {
    let server = start();
    let content = content(MIB);
    let uuid = uuid(&done(&initiate(MIB), &server, 204));
    for _ in 0..3 {
        let bytes = part(&uuid, 0, vec![b'o'; MIB]).to_bytes();
        let mut lost = Connection::open(&server);
        lost.write(&bytes[..bytes.len() - 1000]);
        drop(lost);
    }
    done(&part(&uuid, 0, &content), &server, 204);
    done(&complete(&uuid), &server, 201);
    assert!(get("/demo/big").ok(&server).body == content);
}
