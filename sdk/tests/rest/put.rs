//! Uploads on the wire.

use std::{
    io,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::stream;
use upyun_client::{Body, ErrorKind, protocol::Md5Digest};

use crate::support::{Server, error, ok, reply};

#[tokio::test]
async fn a_put_as_the_documentation_shows_it() {
    let server = Server::start([ok()]).await;
    let result = server
        .client()
        .put("/dir/a.txt")
        .content_type("text/plain")
        .checksum()
        .meta("Foo", "bar")
        .ttl_days(3)
        .secret("x1")
        .header("x-gmkerl-thumb", "/fw/200")
        .body("hello")
        .send()
        .await
        .unwrap();
    assert_eq!(result.request_id.as_deref(), Some("rid"));
    assert_eq!((result.image, result.md5), (None, None));

    let seen = server.only();
    assert_eq!((&*seen.method, &*seen.target), ("PUT", "/demo/dir/a.txt"));
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    for (name, value) in [
        ("content-md5", md5),
        ("content-type", "text/plain"),
        ("x-upyun-meta-foo", "bar"),
        ("x-upyun-meta-ttl", "3"),
        ("content-secret", "x1"),
        ("x-gmkerl-thumb", "/fw/200"),
        ("content-length", "5"),
    ] {
        assert_eq!(seen.header(name), Some(value), "{name}");
    }
    assert!(
        seen.header("user-agent")
            .unwrap()
            .starts_with("upyun-client-rust/")
    );
    assert_eq!(seen.header("transfer-encoding"), None);
    assert_eq!(seen.body, b"hello");
}

#[tokio::test]
async fn metadata_travel_as_raw_utf8() {
    let server = Server::start([ok()]).await;
    let put = server.client().put("/a").meta("who", "猫");
    put.send().await.unwrap();
    let seen = server.only();
    assert_eq!(seen.bytes("x-upyun-meta-who"), Some("猫".as_bytes()));
}

#[tokio::test]
async fn an_empty_body_has_a_length_once() {
    let server = Server::start([ok(), ok()]).await;
    let client = server.client();
    client.put("/empty").send().await.unwrap();
    client
        .put("/empty")
        .body(Vec::new())
        .checksum()
        .send()
        .await
        .unwrap();
    for seen in server.seen() {
        assert_eq!(seen.header("content-length"), Some("0"));
        assert_eq!(seen.header("transfer-encoding"), None);
    }
}

#[tokio::test]
async fn facts_of_a_picture() {
    let headers = [
        ("x-upyun-width", "10"),
        ("x-upyun-height", "20"),
        ("x-upyun-frames", "3"),
        ("x-upyun-file-type", "GIF"),
        ("etag", "\"5d41402abc4b2a76b9719d911017c592\""),
        ("x-upyun-content-length", "5"),
    ];
    let server = Server::start([reply(200, &headers, "")]).await;
    let result = server
        .client()
        .put("/a.gif")
        .body("hello")
        .send()
        .await
        .unwrap();
    let image = result.image.unwrap();
    assert_eq!((image.width, image.height, image.frames), (10, 20, 3));
    assert_eq!(image.file_type, "GIF");
    assert_eq!(result.md5, Some(Md5Digest::of("hello")));
    assert_eq!(result.size, Some(5));
}

/// More than a chunk, and not a multiple of one.
fn large() -> Vec<u8> {
    (0..300_001u32).map(|i| (i % 251) as u8).collect()
}

#[tokio::test]
async fn files_have_a_length_and_a_checksum() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("a.bin");
    std::fs::write(&path, large()).unwrap();
    let server = Server::start([ok(), ok(), ok()]).await;
    let client = server.client();
    client
        .put("/1")
        .checksum()
        .body(&*path)
        .send()
        .await
        .unwrap();
    let file = tokio::fs::File::open(&path).await.unwrap();
    client.put("/2").checksum().body(file).send().await.unwrap();
    let mut file = std::fs::File::open(&path).unwrap();
    io::Seek::seek(&mut file, io::SeekFrom::Start(1)).unwrap();
    client.put("/3").body(file).send().await.unwrap();

    let seen = server.seen();
    let md5 = Md5Digest::of(large()).to_string();
    for seen in &seen[..2] {
        assert_eq!(seen.header("content-length"), Some("300001"));
        assert_eq!(seen.header("content-md5"), Some(&*md5));
        assert!(seen.body == large());
    }
    assert!(seen[2].body == large()[1..], "from where the file stands");
}

#[tokio::test]
async fn streams_are_chunked_unless_their_length_is_given() {
    let server = Server::start([ok(), ok(), ok(), ok()]).await;
    let client = server.client();
    let parts = || stream::iter([Ok::<_, io::Error>("hel"), Ok("lo")]);
    let put = |body: Body| client.put("/a").body(body).send();
    put(Body::stream(parts())).await.unwrap();
    put(Body::stream(parts()).length(5)).await.unwrap();
    put(Body::reader(&b"hello"[..])).await.unwrap();
    put(Body::reader(&b"hello, and more"[..]).length(5))
        .await
        .unwrap();
    let seen = server.seen();
    for (seen, is_chunked) in seen.iter().zip([true, false, true, false]) {
        assert_eq!(seen.body, b"hello");
        assert_eq!(seen.header("transfer-encoding").is_some(), is_chunked);
        assert_eq!(seen.header("content-length").is_some(), !is_chunked);
    }
}

#[tokio::test]
async fn a_stream_has_no_checksum_beforehand() {
    let server = Server::start([ok()]).await;
    let client = server.client();
    let put = || client.put("/a").body(Body::reader(&b"hello"[..]));
    let refused = put().checksum().send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert!(refused.to_string().contains("content_md5"), "{refused}");
    put()
        .content_md5(Md5Digest::of("hello"))
        .send()
        .await
        .unwrap();
    let md5 = "5d41402abc4b2a76b9719d911017c592";
    assert_eq!(server.only().header("content-md5"), Some(md5));
}

#[tokio::test]
async fn a_source_that_fails_is_not_the_networks_fault() {
    let server = Server::start([]).await;
    let client = server.client();
    let parts = stream::iter([
        Ok(Bytes::from("hel")),
        Err(io::Error::other("disk on fire")),
    ]);
    let failed = client
        .put("/a")
        .body(Body::stream(parts))
        .send()
        .await
        .unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Io);
    assert!(!failed.is_retryable());
    let source = std::error::Error::source(&failed).unwrap();
    assert!(source.to_string().contains("disk on fire"), "{source}");

    let short = Body::reader(&b"hel"[..]).length(5);
    let failed = client.put("/a").body(short).send().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Io);

    let long = Body::stream(stream::iter([Ok::<_, io::Error>("hello")])).length(3);
    let failed = client.put("/a").body(long).send().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Io);

    let missing = Body::path("/no/such/file");
    let failed = client.put("/a").body(missing).send().await.unwrap_err();
    assert_eq!(failed.kind(), ErrorKind::Io);
    assert!(server.seen().iter().all(|seen| !seen.is_whole));
}

#[tokio::test]
async fn progress_never_goes_back() {
    let server = Server::start([error(50000000, "later"), ok()]).await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let record = Arc::clone(&seen);
    server
        .client()
        .put("/a")
        .body(large())
        .on_progress(move |progress| record.lock().unwrap().push(progress))
        .send()
        .await
        .unwrap();
    let seen = seen.lock().unwrap();
    assert!(seen.len() > 1);
    assert!(seen.is_sorted_by(|a, b| a.done < b.done), "{seen:?}");
    assert!(seen.iter().all(|p| p.total == Some(300_001)));
    assert_eq!(seen.last().map(|p| p.done), Some(300_001));
}

#[tokio::test]
async fn another_md5_is_recognised() {
    let server = Server::start([error(40000006, "content md5 not match")]).await;
    let put = server.client().put("/a").body("x").checksum();
    let refused = put.send().await.unwrap_err();
    assert!(refused.is_checksum_mismatch());
    assert!(!refused.is_retryable());
    assert_eq!(refused.status(), Some(400));
    server.only();
}
