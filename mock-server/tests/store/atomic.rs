//! Readers see one upload or another, never a mixture.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use upyun_client::protocol::Md5Digest;

use crate::kit::{Connection, Send as _, get, put, request, start};

/// Content of a version: its size differs from version to version, and all bytes are the same.
fn content(version: usize) -> Vec<u8> {
    vec![b'a' + (version % 26) as u8; 1000 + 997 * (version % 40)]
}

#[test]
fn content_and_metadata_change_together() {
    let server = start();
    let upload = |version: usize| {
        put("/demo/a", content(version))
            .header("x-upyun-meta-version", version.to_string())
            .header("Content-Type", format!("x/{version}"))
            .to_bytes()
    };
    let mut first = Connection::open(server.address());
    first.write(&upload(0));
    assert_eq!(first.answer("PUT").status, 200);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        for writer in 0..2 {
            let (done, server) = (&done, &server);
            scope.spawn(move || {
                let mut connection = Connection::open(server.address());
                for n in 0..150 {
                    connection.write(&upload(2 * n + writer));
                    assert_eq!(connection.answer("PUT").status, 200);
                }
                done.store(true, Ordering::Relaxed);
            });
        }
        for _ in 0..2 {
            let (done, server) = (&done, &server);
            scope.spawn(move || {
                let mut connection = Connection::open(server.address());
                while !done.load(Ordering::Relaxed) {
                    connection.write(&get("/demo/a").to_bytes());
                    let answer = connection.answer("GET");
                    assert_eq!(answer.status, 200);
                    let version = answer.header("x-upyun-meta-version").unwrap();
                    let version: usize = version.parse().unwrap();
                    assert!(answer.body == content(version), "another version's content");
                    let etag = format!("\"{}\"", Md5Digest::of(&answer.body));
                    assert_eq!(answer.header("etag"), Some(&*etag));
                    assert_eq!(
                        answer.header("content-type"),
                        Some(&*format!("x/{version}"))
                    );
                }
            });
        }
    });
}

#[test]
fn a_download_that_has_begun_is_not_disturbed() {
    let server = start();
    let old = vec![b'o'; 20 * 1024 * 1024];
    put("/demo/a", &old).ok(&server);
    let mut connection = Connection::open(server.address());
    connection.write(&get("/demo/a").to_bytes());
    // The body does not fit the sockets' buffers, so the server is in the midst of it.
    thread::sleep(std::time::Duration::from_millis(20));
    put("/demo/a", "new").ok(&server);
    request("DELETE", "/demo/a").ok(&server);
    assert!(connection.answer("GET").body == old);
}

#[test]
fn a_name_that_many_fight_for_stays_one_thing() {
    let server = start();
    thread::scope(|scope| {
        for n in 0..4 {
            let server = &server;
            scope.spawn(move || {
                for _ in 0..40 {
                    let answer = match n {
                        0 => put("/demo/x", "file").send(server),
                        1 => put("/demo/x/below", "file").send(server),
                        2 => request("DELETE", "/demo/x").send(server),
                        _ => request("DELETE", "/demo/x/below").send(server),
                    };
                    // 200, or a conflict, or nothing there; never the server's own failure.
                    assert!([200, 403, 404, 406].contains(&answer.status), "{answer:?}");
                }
            });
        }
    });
    let listed = get("/demo/").ok(&server);
    assert!(listed.text().split('\n').count() <= 1);
}
