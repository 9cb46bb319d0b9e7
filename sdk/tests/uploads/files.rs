//! `upload_file`: the way that a file travels.

use std::sync::{Arc, Mutex};

use upyun_client::{ErrorKind, UploadMode, protocol::ErrorCode};
use upyun_mock::MockServer;

use super::support::{MIB, content, file_of};

#[tokio::test]
async fn every_mode_carries_every_size() {
    let server = MockServer::start().await;
    let client = server.client();
    for size in [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB, 3 * MIB + 7] {
        let content = content(size);
        let file = file_of(&content);
        for mode in [UploadMode::Whole, UploadMode::Ordered, UploadMode::Parallel] {
            let key = format!("/{mode:?}/{size}");
            let upload = client.upload_file(file.path(), &key).mode(mode);
            upload.checksum().content_type("x/y").send().await.unwrap();
            assert!(server.get_object(&key).unwrap() == content, "{key}");
            let info = client.info(&key).send().await.unwrap();
            assert_eq!(info.content_type.as_deref(), Some("x/y"), "{key}");
        }
    }
}

#[tokio::test]
async fn the_size_decides_unless_told() {
    let server = MockServer::start().await;
    let client = server.client();
    let requests_of = async |size: usize, in_parts_from: u64| {
        let file = file_of(&content(size));
        server.clear_requests();
        let upload = client
            .upload_file(file.path(), "/x")
            .part_size(8 * MIB as u64);
        upload.in_parts_from(in_parts_from).send().await.unwrap();
        server.requests().len()
    };
    assert_eq!(requests_of(10 * MIB - 1, 10 * MIB as u64).await, 1);
    // A begin, two parts and an end.
    assert_eq!(requests_of(10 * MIB, 10 * MIB as u64).await, 4);
    assert_eq!(requests_of(3, 1).await, 3);
}

#[tokio::test]
async fn progress_never_goes_back_and_ends_at_the_total() {
    let server = MockServer::start().await;
    let client = server.client();
    let content = content(5 * MIB + 300_000);
    let file = file_of(&content);
    for mode in [UploadMode::Ordered, UploadMode::Parallel] {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let record = Arc::clone(&seen);
        client
            .upload_file(file.path(), "/progress")
            .meta("a", "1")
            .mode(mode)
            .concurrency(3)
            .on_progress(move |progress| record.lock().unwrap().push(progress.done))
            .send()
            .await
            .unwrap();
        let seen = seen.lock().unwrap().clone();
        assert!(seen.is_sorted(), "{seen:?}");
        assert_eq!(seen.last(), Some(&(content.len() as u64)));
        let info = client.info("/progress").send().await.unwrap();
        assert_eq!(info.metadata.get("a"), Some("1"));
        // The next mode makes its object anew: the service lets no plain upload replace this one.
        client.delete("/progress").send().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_changes_meanwhile_is_not_stored() {
    let server = MockServer::start().await;
    let client = server.client();
    for mode in [UploadMode::Ordered, UploadMode::Parallel] {
        let file = file_of(&content(3 * MIB));
        let path = file.path().to_owned();
        let append = move |_| {
            use std::io::Write as _;
            let mut file = std::fs::OpenOptions::new()
                .append(true)
                .open(&path)
                .unwrap();
            file.write_all(b"more").unwrap();
        };
        let upload = client.upload_file(file.path(), "/changing").mode(mode);
        let error = upload.on_progress(append).send().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(!client.exists("/changing").send().await.unwrap());
        let left = client.unfinished_uploads().send().await.unwrap();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_uploaded_is_told_at_once() {
    let server = MockServer::start().await;
    let client = server.client();
    let missing = client.upload_file("/nowhere/x", "/x").send().await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::Io);
    let file = file_of(b"x");
    let upload = client.upload_file(file.path(), "/x");
    let odd = upload.mode(UploadMode::Parallel).part_size(1000);
    assert_eq!(odd.send().await.unwrap_err().kind(), ErrorKind::Invalid);
    server.put_object("/folder/a", "x").unwrap();
    let onto = client.upload_file(file.path(), "/folder");
    let onto = onto.mode(UploadMode::Ordered).send().await.unwrap_err();
    assert_eq!(onto.kind(), ErrorKind::Conflict);
    assert_eq!(onto.code(), Some(ErrorCode::DIR_NOT_ACCEPTABLE));
}
