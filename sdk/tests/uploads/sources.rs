//! What can be uploaded, and what the result says.

use std::{io::Seek as _, sync::Arc};

use bytes::Bytes;
use futures_util::stream;
use upyun_client::{
    Body, CheckpointStore, ErrorKind, ImageParams, MemoryCheckpoints, UploadMode, UploadSource,
    protocol::Md5Digest,
};
use upyun_mock::MockServer;

use super::support::{MIB, content, file_of, parts_taken};

/// Chunks that do not fit into parts.
fn reader(content: &[u8]) -> UploadSource {
    let chunks: Vec<_> = content
        .chunks(333_333)
        .map(Bytes::copy_from_slice)
        .collect();
    let chunks = chunks.into_iter().map(Ok::<_, std::io::Error>);
    Body::stream(stream::iter(chunks)).into()
}

#[tokio::test]
async fn every_source_arrives_and_the_result_describes_it() {
    let server = MockServer::start().await;
    let client = server.client();
    for size in [0, 5, MIB, 3 * MIB, 3 * MIB + 7] {
        let content = content(size);
        let file = file_of(&content);
        let open = || std::fs::File::open(file.path()).unwrap();
        let sources: [UploadSource; 7] = [
            file.path().into(),
            open().into(),
            tokio::fs::File::from_std(open()).into(),
            content.clone().into(),
            reader(&content),
            reader(&content).length(size as u64),
            UploadSource::sync_reader(open()),
        ];
        for (number, source) in sources.into_iter().enumerate() {
            let key = format!("/{size}/{number}");
            let upload = client.upload_file(source, &key).meta("a", "1").ttl_days(3);
            let upload = upload.content_type("x/y").in_parts_from(2 * MIB as u64);
            let stored = upload.checksum().send().await.unwrap();
            assert!(server.get_object(&key).unwrap() == content, "{key}");
            let info = client.info(&key).send().await.unwrap();
            assert_eq!(info.content_type.as_deref(), Some("x/y"), "{key}");
            assert_eq!(info.metadata.get("a"), Some("1"), "{key}");
            assert_eq!(info.metadata.ttl_days(), Some(3), "{key}");
            assert_eq!(stored.size, Some(size as u64), "{key}");
            assert_eq!(stored.md5, Some(Md5Digest::of(&content)), "{key}");
            // Not all deployments report it of uploads in one request.
            assert!(stored.etag.is_none() || stored.etag == info.etag, "{key}");
            assert!(stored.request_id.is_some(), "{key}");
        }
    }
}

#[tokio::test]
async fn an_open_file_is_uploaded_from_where_it_stands() {
    let server = MockServer::start().await;
    let client = server.client();
    let content = content(3 * MIB);
    let file = file_of(&content);
    for mode in [UploadMode::Whole, UploadMode::Ordered, UploadMode::Parallel] {
        let mut open = std::fs::File::open(file.path()).unwrap();
        open.seek(std::io::SeekFrom::Start(1000)).unwrap();
        let key = format!("/{mode:?}");
        let stored = client.upload_file(open, &key).mode(mode).checksum().send();
        assert_eq!(stored.await.unwrap().size, Some(3 * MIB as u64 - 1000));
        assert!(server.get_object(&key).unwrap() == content[1000..]);
    }
}

#[tokio::test]
async fn checkpoints_resume_at_any_size_and_from_any_file() {
    let content = content(2 * MIB + 5);
    let file = file_of(&content);
    let sources: [fn(&std::path::Path) -> UploadSource; 3] = [
        |path| path.into(),
        |path| std::fs::File::open(path).unwrap().into(),
        |path| std::fs::read(path).unwrap().into(),
    ];
    for source in sources {
        let server = MockServer::start().await;
        let client = server.client();
        let store: Arc<dyn CheckpointStore> = Arc::new(MemoryCheckpoints::new());
        let (sent, mut notice) = tokio::sync::mpsc::unbounded_channel();
        let upload = client.upload_file(source(file.path()), "/a");
        let upload = upload.checkpoints(Arc::clone(&store));
        let upload = upload.on_progress(move |_| {
            let _ = sent.send(());
        });
        tokio::select! {
            outcome = upload.send() => panic!("not interrupted: {outcome:?}"),
            _ = notice.recv() => {}
        }
        let again = client.upload_file(source(file.path()), "/a");
        again.checkpoints(store).send().await.unwrap();
        assert!(server.get_object("/a").unwrap() == content);
        // The one under way when it was dropped may have been taken or not.
        assert!((3..=4).contains(&parts_taken(&server)));
    }
}

#[tokio::test]
async fn what_a_reader_cannot_do_is_refused() {
    let server = MockServer::start().await;
    let client = server.client();
    let bytes = content(3 * MIB);
    let ordered = client.upload_file(reader(&bytes), "/x");
    let ordered = ordered.mode(UploadMode::Ordered).send().await;
    assert_eq!(ordered.unwrap_err().kind(), ErrorKind::Invalid);
    for length in [3 * MIB as u64 + 1, 3 * MIB as u64 - 1] {
        let source = reader(&bytes).length(length);
        let wrong = client.upload_file(source, "/x").mode(UploadMode::Parallel);
        assert_eq!(wrong.send().await.unwrap_err().kind(), ErrorKind::Io);
    }
    assert!(!client.exists("/x").send().await.unwrap());
    assert_eq!(client.unfinished_uploads().send().await.unwrap(), []);
    let picture = ImageParams::builder().width(5).build().unwrap();
    let parts = client.upload_file(bytes, "/x").image(&picture);
    let parts = parts.mode(UploadMode::Parallel).send().await;
    assert_eq!(parts.unwrap_err().kind(), ErrorKind::Invalid);
}
