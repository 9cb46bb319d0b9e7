//! Uploads that were interrupted, and go on.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use upyun_client::{CheckpointStore, Client, FileCheckpoints, MemoryCheckpoints, UploadMode};
use upyun_mock::MockServer;

use upyun_test_kit::tree;

use super::support::{MIB, content, file_of, leftovers, parts_taken, settled, until};

const PARTS: usize = 8;

/// Uploads until some parts are there, and is then dropped in the middle.
async fn interrupted(
    client: &Client,
    path: &std::path::Path,
    mode: UploadMode,
    store: &Arc<dyn CheckpointStore>,
) {
    let done = Arc::new(AtomicU64::new(0));
    let seen = Arc::clone(&done);
    let upload = client
        .upload_file(path, "/resumed")
        .mode(mode)
        .checkpoints(Arc::clone(store))
        .concurrency(2)
        .on_progress(move |progress| seen.store(progress.done, Ordering::SeqCst))
        .send();
    tokio::select! {
        outcome = upload => panic!("not interrupted: {outcome:?}"),
        () = async {
            while done.load(Ordering::SeqCst) < 3 * MIB as u64 {
                tokio::task::yield_now().await;
            }
        } => {}
    }
}

#[tokio::test]
async fn only_what_is_missing_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    for mode in [UploadMode::Ordered, UploadMode::Parallel] {
        let stores: [Arc<dyn CheckpointStore>; 2] = [
            Arc::new(MemoryCheckpoints::new()),
            Arc::new(FileCheckpoints::new(
                folder.path().join(format!("{mode:?}")),
            )),
        ];
        for store in stores {
            let server = MockServer::start().await;
            let client = server.client();
            let content = content(PARTS * MIB);
            let file = file_of(&content);
            interrupted(&client, file.path(), mode, &store).await;
            let again = client.upload_file(file.path(), "/resumed").mode(mode);
            again.checkpoints(Arc::clone(&store)).send().await.unwrap();
            assert!(server.get_object("/resumed").unwrap() == content);
            // One that was under way when it was dropped, or two, may have been taken or not.
            let taken = parts_taken(&server);
            assert!((PARTS..=PARTS + 2).contains(&taken), "{mode:?}: {taken}");
            assert_eq!(client.unfinished_uploads().send().await.unwrap(), []);
            settled(&server).await;
        }
    }
    let left: Vec<_> = tree(folder.path()).into_values().flatten().collect();
    assert_eq!(left, [], "checkpoints are removed when the upload is done");
}

#[tokio::test]
async fn a_changed_file_begins_anew() {
    for mode in [UploadMode::Ordered, UploadMode::Parallel] {
        let server = MockServer::start().await;
        let client = server.client();
        let store: Arc<dyn CheckpointStore> = Arc::new(MemoryCheckpoints::new());
        let file = file_of(&content(PARTS * MIB));
        interrupted(&client, file.path(), mode, &store).await;
        let mut other = content(PARTS * MIB);
        other.reverse();
        std::fs::write(file.path(), &other).unwrap();
        let again = client.upload_file(file.path(), "/resumed").mode(mode);
        again.checkpoints(Arc::clone(&store)).send().await.unwrap();
        assert!(server.get_object("/resumed").unwrap() == other);
    }
}

#[tokio::test]
async fn an_upload_that_the_service_forgot_begins_anew() {
    for mode in [UploadMode::Ordered, UploadMode::Parallel] {
        let server = MockServer::start().await;
        let client = server.client();
        let store: Arc<dyn CheckpointStore> = Arc::new(MemoryCheckpoints::new());
        let content = content(PARTS * MIB);
        let file = file_of(&content);
        interrupted(&client, file.path(), mode, &store).await;
        for unfinished in client.unfinished_uploads().send().await.unwrap() {
            let upload = client.resume_multipart(&unfinished.key, unfinished.id);
            upload.unwrap().cancel().send().await.unwrap();
        }
        let again = client.upload_file(file.path(), "/resumed").mode(mode);
        again.checkpoints(Arc::clone(&store)).send().await.unwrap();
        assert!(server.get_object("/resumed").unwrap() == content);
    }
}

#[tokio::test]
async fn an_upload_that_nobody_ends_leaves_nothing_behind() {
    let server = MockServer::start().await;
    let client = server.client();
    let store: Arc<dyn CheckpointStore> = Arc::new(MemoryCheckpoints::new());
    let file = file_of(&content(PARTS * MIB));
    interrupted(&client, file.path(), UploadMode::Parallel, &store).await;
    assert_eq!(client.unfinished_uploads().send().await.unwrap().len(), 1);
    assert!(!leftovers(&server).is_empty());
    server.clock().advance(Duration::from_secs(24 * 3600 + 1));
    until(|| leftovers(&server).is_empty()).await;
}
