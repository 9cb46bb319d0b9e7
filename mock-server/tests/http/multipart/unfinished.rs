//! Uploads that nobody has finished, and clients that go away.

use crate::kit::Send as _;

use super::*;

#[test]
fn an_upload_leaves_no_files_after_a_day() {
    let server = start();
    server.clock().freeze();
    let now = server.clock().now();
    let uuid = uuid(&done(&initiate(5).at(now), &server, 204));
    server.clock().advance(Duration::from_secs(24 * 3600 - 1));
    let later = server.clock().now();
    done(&part(&uuid, 0, "hello").at(later), &server, 204);
    server.clock().advance(Duration::from_secs(1));
    let later = server.clock().now();
    let gone = complete(&uuid).at(later).send(&server);
    gone.assert_refused((400, 40011058, "x-upyun-multi-uuid not found"));
    assert_eq!(left_behind(&server), 0);
}

#[test]
fn a_cancelled_upload_leaves_no_files() {
    let server = start();
    for begin in [initiate(MIB + 1), disorder()] {
        let uuid = uuid(&done(&begin, &server, 204));
        done(&part(&uuid, 0, content(MIB)), &server, 204);
        delete("/demo/big")
            .header("X-Upyun-Multi-Uuid", &uuid)
            .ok(&server);
        assert_eq!(left_behind(&server), 0);
    }
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
        .refused(&server, (400, 40001161, "wrong range"));
}
