//! The client and the emulator agree, over a socket, on every operation.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    io::Write as _,
    sync::{Arc, Mutex},
    time::Duration,
};

use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use upyun_client::{
    Body, Client, Endpoint, ErrorKind, Order, Progress, RetryPolicy,
    protocol::{Directive, ErrorCode, FormPolicy},
};
use upyun_mock::MockServer;

/// The smallest GIF.
const GIF: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[tokio::test]
async fn objects_come_back_as_they_went() {
    let server = MockServer::start().await;
    let client = server.client();
    let put = client
        .put("/文件 夹/a+b%41.txt")
        .content_type("text/x-test")
        .checksum()
        .meta("author", "Ann")
        .secret("s3cret")
        .body("hello")
        .send()
        .await
        .unwrap();
    assert_eq!(put.image, None);
    assert_eq!(server.get_object("/文件 夹/a+b%41.txt").unwrap(), b"hello");
    let download = client
        .get("/文件 夹/a+b%41.txt")
        .verify_md5()
        .send()
        .await
        .unwrap();
    assert_eq!(download.text().await.unwrap(), "hello");
    let info = client.info("/文件 夹/a+b%41.txt").send().await.unwrap();
    assert_eq!(info.size, 5);
    assert_eq!(info.content_type.as_deref(), Some("text/x-test"));
    assert_eq!(info.metadata.get("author"), Some("Ann"));
    assert!(client.info("/文件 夹").send().await.unwrap().is_folder());
    let gone = client.get("/none").send().await.unwrap_err();
    assert_eq!(gone.code(), Some(ErrorCode::FILE_NOT_FOUND));
    assert!(gone.is_not_found() && !gone.is_retryable());
    assert!(gone.request_id().is_some());
}

#[tokio::test]
async fn a_client_with_the_servers_clock_is_not_refused_when_that_is_moved() {
    let server = MockServer::start().await;
    server.clock().advance(Duration::from_secs(86_400));
    let client = server.client();
    client.put("/a.txt").body("a").send().await.unwrap();
    let policy = FormPolicy::new("/b.txt");
    let form = client.form(&policy).file("b", "b");
    form.send().await.unwrap();
    let others = Client::builder("demo", "operator", "password")
        .endpoint(Endpoint::url(server.url()))
        .build()
        .unwrap();
    let refused = others.get("/a.txt").send().await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::DATE_OFFSET_ERROR));
}

#[tokio::test]
async fn pictures_tell_what_they_are() {
    let server = MockServer::start().await;
    let put = server
        .client()
        .put("/a.gif")
        .body(GIF)
        .send()
        .await
        .unwrap();
    let image = put.image.unwrap();
    assert_eq!((image.width, image.height, image.frames), (1, 1, 1));
    assert_eq!(image.file_type, "GIF");
}

#[tokio::test]
async fn bodies_of_every_kind() {
    let server = MockServer::start().await;
    let client = server.client();
    let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&content).unwrap();
    let chunks: Vec<Vec<u8>> = content.chunks(70_000).map(<[u8]>::to_vec).collect();
    let stream = move || stream::iter(chunks.clone()).map(Ok::<_, std::io::Error>);
    let cursor = std::io::Cursor::new(content.clone());
    for (name, body) in [
        ("bytes", Body::from(content.clone())),
        ("path", Body::path(file.path())),
        (
            "reader",
            Body::reader(tokio::fs::File::open(file.path()).await.unwrap()),
        ),
        (
            "sync",
            Body::sync_reader(cursor).length(content.len() as u64),
        ),
        ("stream", Body::stream(stream())),
        ("sized", Body::stream(stream()).length(content.len() as u64)),
    ] {
        client.put(name).body(body).send().await.unwrap();
        assert!(
            server.get_object(&format!("/{name}")).unwrap() == content,
            "{name}"
        );
    }
    let short = Body::stream(stream()).length(content.len() as u64 + 1);
    client.put("/short").body(short).send().await.unwrap_err();
    assert!(!client.exists("/short").send().await.unwrap());
    let directory = tempfile::tempdir().unwrap();
    let to = directory.path().join("copy");
    let download = client.get("/path").send().await.unwrap();
    assert_eq!(download.into_file(&to).await.unwrap(), content.len() as u64);
    assert!(std::fs::read(&to).unwrap() == content);
    let part = client.get("/path").range(1000..2000).send().await.unwrap();
    assert!(part.bytes().await.unwrap() == content[1000..2000]);
    let end = client.get("/path").last_bytes(7).send().await.unwrap();
    assert!(end.bytes().await.unwrap() == content[content.len() - 7..]);
}

#[tokio::test]
async fn progress_ends_at_the_total() {
    let server = MockServer::start().await;
    let client = server.client();
    let seen = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let record = |seen: &Arc<Mutex<Vec<Progress>>>| {
        let seen = Arc::clone(seen);
        move |progress| seen.lock().unwrap().push(progress)
    };
    let up = client.put("/a").body(vec![7; 3_000_000]);
    up.on_progress(record(&seen)).send().await.unwrap();
    let down = client.get("/a").on_progress(record(&seen));
    down.send().await.unwrap().bytes().await.unwrap();
    let seen = seen.lock().unwrap();
    let ends = seen.iter().filter(|it| it.done == 3_000_000);
    assert_eq!(ends.count(), 2);
    assert!(seen.iter().all(|it| it.total == Some(3_000_000)));
}

#[tokio::test]
async fn lists_are_pages_and_a_stream() {
    let server = MockServer::start().await;
    let client = server.client();
    for n in 0..25 {
        server.put_object(&format!("/list/{n:02}"), "x").unwrap();
    }
    let names = |order| {
        let entries = client.list("/list").limit(10).order(order).entries();
        entries.map_ok(|entry| entry.name).try_collect::<Vec<_>>()
    };
    let forth = names(Order::Ascending).await.unwrap();
    let mut back = names(Order::Descending).await.unwrap();
    back.reverse();
    assert_eq!(forth.len(), 25);
    assert_eq!(forth, back);
    let page = client.list("/list").limit(10).send().await.unwrap();
    assert_eq!(page.entries.len(), 10);
    let second = client.list("/list").iter(page.next.unwrap()).text();
    let second = second.send().await.unwrap();
    assert_eq!(second.entries[0].name, "10");
    assert_eq!(second.next, None);
    assert_eq!(client.usage("/list").send().await.unwrap(), 25);
}

#[tokio::test]
async fn everything_else() {
    let server = MockServer::start().await;
    let client = server.client();
    client
        .put("/a")
        .meta("a", "1")
        .body("x")
        .send()
        .await
        .unwrap();
    client
        .copy("/a", "/dir/b c")
        .metadata_directive(Directive::Merge)
        .meta("b", "2")
        .send()
        .await
        .unwrap();
    client.rename("/dir/b c", "/c").send().await.unwrap();
    client
        .update_metadata("/c")
        .delete(["a"])
        .send()
        .await
        .unwrap();
    let info = client.info("/c").send().await.unwrap();
    assert_eq!(
        (info.metadata.get("a"), info.metadata.get("b")),
        (None, Some("2"))
    );
    client.make_folder("/empty").send().await.unwrap();
    let full = client.delete_folder("/").send().await.unwrap_err();
    assert_eq!(full.code(), Some(ErrorCode::WRONG_URI));
    client.delete_folder("/empty").send().await.unwrap();
    client.delete("/a").later().send().await.unwrap();
    server.clock().advance(Duration::from_secs(1));
    assert!(!client.exists("/a").send().await.unwrap());
    client.delete("/c").send().await.unwrap();
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_explained() {
    let server = MockServer::start().await;
    let client = Client::builder("demo", "operator", "wrong")
        .endpoint(Endpoint::url(server.url()))
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let refused = client.usage("/").send().await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Denied);
    assert_eq!(refused.code(), Some(ErrorCode::SIGNATURE_ERROR));
    let entry = server.requests().pop().unwrap();
    assert_eq!(refused.request_id(), Some(entry.id.to_string().as_str()));
    let why = entry.explanation.as_ref().unwrap().to_string();
    assert!(why.contains("the password is another one"), "{why}");
}

#[tokio::test]
async fn parts_by_hand_resumed_by_another() {
    let server = MockServer::start().await;
    let client = server.client();
    let upload = client
        .begin_multipart("/big")
        .part_size(2 * 1024 * 1024)
        .meta("a", "1")
        .send()
        .await
        .unwrap();
    let first = vec![1; 2 * 1024 * 1024];
    upload.upload(1, "end").send().await.unwrap();
    let early = upload.complete().send().await.unwrap_err();
    assert_eq!(early.code(), Some(ErrorCode::INCOMPLETE_MULTIPART_PARTS));
    let unfinished = client
        .unfinished_uploads()
        .prefix("b")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (&*unfinished[0].key, &*unfinished[0].id),
        ("/big", upload.id())
    );
    assert!(
        client
            .unfinished_uploads()
            .prefix("c")
            .send()
            .await
            .unwrap()
            .is_empty()
    );
    let resumed = client.resume_multipart("/big", &*unfinished[0].id).unwrap();
    resumed.upload(1, "end").send().await.unwrap();
    resumed.upload(0, first.clone()).send().await.unwrap();
    let parts = resumed.parts().send().await.unwrap();
    let parts: Vec<_> = parts.iter().map(|part| (part.id, part.size)).collect();
    assert_eq!(parts, [(0, first.len() as u64), (1, 3)]);
    let done = resumed.complete().send().await.unwrap();
    assert_eq!(done.size, Some(first.len() as u64 + 3));
    // An answer that was lost: completing again is no error.
    upload.complete().send().await.unwrap();
    let other = client.begin_multipart("/other").send().await.unwrap();
    other.upload(0, "x").send().await.unwrap();
    other.cancel().send().await.unwrap();
    let gone = other.parts().send().await.unwrap_err();
    assert_eq!(gone.code(), Some(ErrorCode::MULTI_UUID_NOT_FOUND));
    let wrong = client
        .begin_multipart("/x")
        .part_size(1000)
        .send()
        .await
        .unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Invalid);
}
