//! Info, folders, deletion, usage, copies and metadata on the wire.

use std::time::{Duration, UNIX_EPOCH};

use upyun_client::{
    ErrorKind,
    protocol::{Directive, ErrorCode, Md5Digest},
};

use crate::support::{Reply, Server, ok, reply};

#[tokio::test]
async fn info_of_a_file_and_of_a_folder() {
    let file = [
        ("x-upyun-file-type", "file"),
        ("x-upyun-file-size", "5"),
        ("x-upyun-file-date", "1414549618"),
        ("content-md5", "5d41402abc4b2a76b9719d911017c592"),
        ("content-type", "text/plain"),
        ("x-upyun-meta-a", "1"),
    ];
    let folder = [
        ("x-upyun-file-type", "folder"),
        ("x-upyun-file-date", "1414549618"),
    ];
    let server = Server::start([
        reply(200, &file, ""),
        reply(200, &folder, ""),
        reply(200, &[], ""),
    ])
    .await;
    let client = server.client();
    let info = client.info("/a.txt").send().await.unwrap();
    assert!(info.is_file());
    assert_eq!(info.size, 5);
    assert_eq!(
        info.modified,
        Some(UNIX_EPOCH + Duration::from_secs(1_414_549_618))
    );
    assert_eq!(info.md5, Some(Md5Digest::of("hello")));
    assert_eq!(info.metadata.get("a"), Some("1"));
    let info = client.info("/dir/").send().await.unwrap();
    assert!(info.is_folder());
    assert_eq!((info.size, info.content_type), (0, None));
    let neither = client.info("/x").send().await.unwrap_err();
    assert_eq!(neither.kind(), ErrorKind::Malformed);
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.method == "HEAD"));
    assert_eq!(seen[1].target, "/demo/dir/");
}

#[tokio::test]
async fn head_errors_come_from_headers() {
    let head = |status: &str, code: &str| {
        let text = format!(
            "HTTP/1.1 {status} X\r\nx-request-id: rid\r\nx-error-code: {code}\r\n\
             content-length: 90\r\n\r\n"
        );
        Reply::Write(text.into_bytes())
    };
    let server = Server::start([
        head("404", "40400001"),
        head("404", "40400001"),
        head("401", "40100006"),
    ])
    .await;
    let client = server.client();
    let missing = client.info("/a").send().await.unwrap_err();
    assert!(missing.is_not_found());
    assert_eq!(missing.code(), Some(ErrorCode::FILE_NOT_FOUND));
    assert_eq!(missing.message(), "file or directory not found");
    assert!(!client.exists("/a").send().await.unwrap());
    let denied = client.exists("/a").send().await.unwrap_err();
    assert_eq!(denied.kind(), ErrorKind::Denied);
    assert_eq!(denied.message(), "user not exists");
}

#[tokio::test]
async fn folders_and_deletion() {
    let server = Server::start([ok(), ok(), ok(), ok()]).await;
    let client = server.client();
    client.make_folder("/dir").send().await.unwrap();
    client.delete("/a").send().await.unwrap();
    client.delete("/dir/").later().send().await.unwrap();
    client.delete_folder("/dir").send().await.unwrap();
    let seen = server.seen();
    assert_eq!((&*seen[0].method, &*seen[0].target), ("POST", "/demo/dir/"));
    assert_eq!(seen[0].header("folder"), Some("true"));
    assert_eq!(seen[0].header("content-length"), Some("0"));
    assert_eq!((&*seen[1].method, &*seen[1].target), ("DELETE", "/demo/a"));
    assert_eq!(seen[1].header("x-upyun-async"), None);
    assert_eq!(seen[1].header("x-upyun-folder"), None);
    assert_eq!(seen[2].target, "/demo/dir/");
    assert_eq!(seen[2].header("x-upyun-async"), Some("true"));
    assert_eq!(seen[3].header("x-upyun-folder"), Some("true"));
}

#[tokio::test]
async fn usage_is_a_number() {
    let server = Server::start([
        reply(200, &[], "477908"),
        reply(200, &[], "12 potatoes"),
        reply(200, &[], "1".repeat(100)),
    ])
    .await;
    let client = server.client();
    assert_eq!(client.usage("/").send().await.unwrap(), 477_908);
    for _ in 0..2 {
        let failed = client.usage("/dir/").send().await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Malformed);
    }
    let seen = server.seen();
    assert_eq!(seen[0].target, "/demo/?usage");
    assert_eq!(seen[1].target, "/demo/dir/?usage");
}

#[tokio::test]
async fn copies_say_what_becomes_of_metadata() {
    let server = Server::start([ok()]).await;
    let client = server.client();
    let ignored = client
        .copy("/a", "/b")
        .meta("x", "1")
        .send()
        .await
        .unwrap_err();
    assert_eq!(ignored.kind(), ErrorKind::Invalid);
    client
        .copy("/a", "/b")
        .metadata_directive(Directive::Replace)
        .meta("x", "1")
        .send()
        .await
        .unwrap();
    let seen = server.only();
    assert_eq!((&*seen.method, &*seen.target), ("PUT", "/demo/b"));
    assert_eq!(seen.header("x-upyun-metadata-directive"), Some("replace"));
    assert_eq!(seen.header("x-upyun-meta-x"), Some("1"));
}

#[tokio::test]
async fn metadata_changes() {
    let server = Server::start([ok(), ok(), ok()]).await;
    let client = server.client();
    let update = || client.update_metadata("/a");
    update().meta("A", "2").ttl_days(7).send().await.unwrap();
    update()
        .replace()
        .secret("abc")
        .touch()
        .send()
        .await
        .unwrap();
    update().delete(["a", "b"]).send().await.unwrap();
    for wrong in [update(), update().meta("a", "1").delete(["b"])] {
        assert_eq!(wrong.send().await.unwrap_err().kind(), ErrorKind::Invalid);
    }
    let mistake = update().meta("", "1").send().await.unwrap_err();
    assert!(mistake.to_string().contains("empty"), "{mistake}");
    let seen = server.seen();
    assert!(seen.iter().all(|seen| seen.method == "PATCH"));
    assert!(
        seen.iter()
            .all(|seen| seen.header("content-length") == Some("0"))
    );
    assert_eq!(seen[0].target, "/demo/a?metadata=merge");
    assert_eq!(seen[0].header("x-upyun-meta-a"), Some("2"));
    assert_eq!(seen[0].header("x-upyun-meta-ttl"), Some("7"));
    assert_eq!(
        seen[1].target,
        "/demo/a?metadata=replace&update_last_modified=true"
    );
    assert_eq!(seen[1].header("x-upyun-meta-secret"), Some("abc"));
    assert_eq!(seen[2].target, "/demo/a?metadata=delete");
    assert!(seen[2].header("x-upyun-meta-a").is_some());
    assert!(seen[2].header("x-upyun-meta-b").is_some());
}
