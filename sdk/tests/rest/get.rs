//! Downloads on the wire.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, UNIX_EPOCH},
};

use futures_util::TryStreamExt as _;
use upyun_client::{
    ErrorKind,
    protocol::{ErrorCode, Md5Digest},
};

use crate::support::{Reply, Server, error, reply};

const ETAG: (&str, &str) = ("etag", "\"5d41402abc4b2a76b9719d911017c592\"");

/// Headers promise more than the body keeps.
fn short() -> Reply {
    let Reply::Write(bytes) = reply(200, &[ETAG, ("content-length", "10")], "hello") else {
        unreachable!()
    };
    Reply::WriteAndClose(bytes)
}

#[tokio::test]
async fn what_the_headers_say() {
    let headers = [
        ETAG,
        ("content-type", "text/plain"),
        ("last-modified", "Wed, 29 Oct 2014 02:26:58 GMT"),
        ("x-upyun-meta-who", "猫"),
        ("x-upyun-meta-secret", "hush"),
    ];
    let server = Server::start([reply(200, &headers, "hello")]).await;
    let download = server.client().get("/a.txt").send().await.unwrap();
    let info = download.info().clone();
    assert_eq!(info.size, Some(5));
    assert_eq!(info.content_type.as_deref(), Some("text/plain"));
    assert_eq!(info.md5, Some(Md5Digest::of("hello")));
    assert_eq!(
        info.modified,
        Some(UNIX_EPOCH + Duration::from_secs(1_414_549_618))
    );
    assert_eq!(info.metadata.get("WHO"), Some("猫"));
    assert_eq!(info.metadata.secret(), Some("hush"));
    assert!(!format!("{info:?}").contains("hush"));
    assert_eq!(download.text().await.unwrap(), "hello");
    let seen = server.only();
    assert_eq!((&*seen.method, &*seen.target), ("GET", "/demo/a.txt"));
    assert_eq!(seen.header("accept-encoding"), None);
    assert_eq!(seen.header("content-length"), None);
}

#[tokio::test]
async fn ranges() {
    let part = |range, body| reply(206, &[("content-range", range)], body);
    let server = Server::start([
        part("bytes 1-3/5", "ell"),
        part("bytes 2-4/5", "llo"),
        part("bytes 4-4/5", "o"),
        part("bytes 0-1/5", "he"),
        reply(200, &[], "hello"),
    ])
    .await;
    let client = server.client();
    let download = client.get("/a").range(1..4).send().await.unwrap();
    assert_eq!(download.info().range, Some(1..4));
    assert_eq!(download.info().size, Some(5));
    assert_eq!(download.bytes().await.unwrap(), "ell");
    client
        .get("/a")
        .range(2..)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    client
        .get("/a")
        .last_bytes(1)
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap();
    let wrong = client.get("/a").range(1..=2).send().await.unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Malformed);
    let ignored = client.get("/a").range(..2).send().await.unwrap_err();
    assert_eq!(ignored.kind(), ErrorKind::Malformed);
    let empty = client.get("/a").range(3..3).send().await.unwrap_err();
    assert_eq!(empty.kind(), ErrorKind::Invalid);
    let want = [
        "bytes=1-3",
        "bytes=2-",
        "bytes=-1",
        "bytes=1-2",
        "bytes=0-1",
    ];
    for (seen, want) in server.seen().iter().zip(want) {
        assert_eq!(seen.header("range"), Some(want));
    }
}

#[tokio::test]
async fn conditions() {
    let server = Server::start([
        Reply::Write(b"HTTP/1.1 304 Not Modified\r\nx-request-id: rid\r\n\r\n".to_vec()),
        error(41200001, "precondition failed"),
    ])
    .await;
    let client = server.client();
    let time = UNIX_EPOCH + Duration::from_secs(1_414_549_618);
    let get = client
        .get("/a")
        .if_none_match("abc")
        .if_modified_since(time);
    let unchanged = get.send().await.unwrap_err();
    assert!(unchanged.is_not_modified());
    assert_eq!(unchanged.request_id(), Some("rid"));
    let changed = client
        .get("/a")
        .if_match("\"abc\"")
        .send()
        .await
        .unwrap_err();
    assert_eq!(changed.kind(), ErrorKind::Precondition);
    let seen = server.seen();
    assert_eq!(seen[0].header("if-none-match"), Some("\"abc\""));
    assert_eq!(
        seen[0].header("if-modified-since"),
        Some("Wed, 29 Oct 2014 02:26:58 GMT")
    );
    assert_eq!(seen[1].header("if-match"), Some("\"abc\""));
}

#[tokio::test]
async fn a_short_body_is_an_error() {
    let server = Server::start([short(), short(), short()]).await;
    let client = server.client();
    let failed = client
        .get("/a")
        .send()
        .await
        .unwrap()
        .bytes()
        .await
        .unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Transport);
    assert!(failed.to_string().starts_with("GET /demo/a: "), "{failed}");
    let stream = client.get("/a").send().await.unwrap().stream();
    let failed = stream.try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Transport);
    let sink = Vec::new();
    let failed = client
        .get("/a")
        .send()
        .await
        .unwrap()
        .write_to(sink)
        .await
        .unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Transport);
}

fn names(dir: &std::path::Path) -> Vec<String> {
    std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn a_file_appears_whole_or_not_at_all() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.txt");
    let server = Server::start([short(), reply(200, &[], "hello"), short()]).await;
    let client = server.client();
    let get = || client.get("/a").send();
    get().await.unwrap().into_file(&path).await.unwrap_err();
    assert!(names(dir.path()).is_empty());
    assert_eq!(get().await.unwrap().into_file(&path).await.unwrap(), 5);
    assert_eq!(std::fs::read(&path).unwrap(), b"hello");
    get().await.unwrap().into_file(&path).await.unwrap_err();
    assert_eq!(std::fs::read(&path).unwrap(), b"hello");
    assert_eq!(names(dir.path()), ["a.txt"]);
}

#[tokio::test]
async fn a_cancelled_download_leaves_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let Reply::Write(bytes) = reply(200, &[("content-length", "10")], "hello") else {
        unreachable!()
    };
    let server = Server::start([Reply::Write(bytes)]).await;
    let download = server.client().get("/a").send().await.unwrap();
    let saving = download.into_file(dir.path().join("a"));
    let cancelled = tokio::time::timeout(Duration::from_millis(50), saving).await;
    assert!(cancelled.is_err());
    assert!(names(dir.path()).is_empty());
}

#[tokio::test]
async fn a_verified_body_is_the_announced_one() {
    let server = Server::start([
        reply(200, &[ETAG], "hello"),
        reply(200, &[ETAG], "hallo"),
        reply(200, &[], "hello"),
    ])
    .await;
    let client = server.client();
    let get = || client.get("/a").verify_md5().send();
    assert_eq!(get().await.unwrap().text().await.unwrap(), "hello");
    let failed = get().await.unwrap().text().await.unwrap_err();
    assert!(failed.is_checksum_mismatch() && failed.kind() == ErrorKind::Transport);
    assert_eq!(get().await.unwrap_err().kind(), ErrorKind::Malformed);
    server.seen();
}

#[tokio::test]
async fn progress_of_a_download() {
    let body = vec![1; 200_000];
    let server = Server::start([reply(200, &[], &body)]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    let get = server.client().get("/a");
    let get = get.on_progress(move |p| record.lock().unwrap().push(p));
    assert_eq!(get.send().await.unwrap().bytes().await.unwrap(), body);
    let seen = seen.lock().unwrap();
    assert!(seen.is_sorted_by(|a, b| a.done < b.done));
    assert!(seen.iter().all(|p| p.total == Some(200_000)));
    assert_eq!(seen.last().map(|p| p.done), Some(200_000));
}

#[tokio::test]
async fn errors_survive_any_body() {
    let html = [("content-type", "text/html")];
    let server = Server::start([
        error(40400001, "file or directory not found"),
        reply(403, &html, "<h1>No</h1>"),
        reply(
            403,
            &[],
            r#"{"code":"40310002","msg":"region is forbidden"}"#,
        ),
        reply(400, &[("x-error-code", "40001161")], ""),
        reply(400, &[], b"\xff\xfe\x00"),
        reply(301, &[("location", "http://elsewhere/")], ""),
    ])
    .await;
    let client = server.client();
    let get = || async { client.get("/a").send().await.unwrap_err() };
    let missing = get().await;
    assert!(missing.is_not_found());
    assert_eq!(missing.code(), Some(ErrorCode::FILE_NOT_FOUND));
    assert_eq!(missing.request_id(), Some("rid"));
    let html = get().await;
    assert_eq!((html.kind(), html.code()), (ErrorKind::Denied, None));
    assert!(html.message().contains("<h1>No</h1>"), "{html}");
    assert_eq!(get().await.code(), Some(ErrorCode::new(40310002)));
    let range = get().await;
    assert_eq!(range.code(), Some(ErrorCode::WRONG_RANGE));
    assert_eq!(range.message(), "wrong range");
    assert_eq!(get().await.kind(), ErrorKind::Refused);
    let moved = get().await;
    assert_eq!(moved.kind(), ErrorKind::Malformed);
    assert!(moved.to_string().contains("http://elsewhere/"), "{moved}");
}

#[tokio::test]
async fn a_folder_is_not_downloaded_as_its_list() {
    let headers = [("x-upyun-list-iter", "g2gCZAAEbmV4dGQAA2VvZg")];
    let server = Server::start([reply(200, &headers, "a\tN\t1\t2")]).await;
    let failed = server.client().get("/dir").send().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Malformed);
    assert_eq!(server.only().header("x-upyun-folder"), Some("false"));
}
