//! The files of the store, and its sources.

use std::fs;

use upyun_client::protocol::Key;

use crate::{
    clock::Clock,
    store::{Attributes, Opened, Overwrite, Store, StoreError},
};

#[test]
fn the_schedule_holds_what_is_still_to_come() {
    let data = tempfile::tempdir().unwrap();
    let store = Store::open(data.path(), Clock::default(), "a test").unwrap();
    let service = store.service(&"demo".parse().unwrap()).unwrap();
    let schedule = data.path().join(".upyun-mock/schedule");
    let key = Key::parse("/a").unwrap();
    for n in 0..3000 {
        let attributes = Attributes {
            expires_at: Some(4_000_000_000 + n),
            ..Attributes::default()
        };
        service
            .put_now(&key, b"x", attributes, Overwrite::Anything)
            .unwrap();
    }
    let lines = fs::read_to_string(&schedule).unwrap().lines().count();
    assert!(lines < 2200, "{lines} lines for one object");
    drop((service, store));
    let store = Store::open(data.path(), Clock::default(), "a test").unwrap();
    assert_eq!(fs::read_to_string(&schedule).unwrap().lines().count(), 1);
    store.reset().unwrap();
    assert!(!schedule.exists());
}

/// Over HTTP a move onto itself is refused.
#[tokio::test]
async fn an_object_that_is_moved_onto_itself_keeps_its_metadata_over_a_restart() {
    let data = tempfile::tempdir().unwrap();
    let open = || {
        let store = Store::open(data.path(), Clock::default(), "a test").unwrap();
        store.service(&"demo".parse().unwrap()).unwrap()
    };
    let key = Key::parse("/a").unwrap();
    let meta = vec![("v".to_owned(), b"1".to_vec())];
    let attributes = Attributes {
        meta: meta.clone(),
        ..Attributes::default()
    };
    let service = open();
    let put = service.put_now(&key, b"x", attributes, Overwrite::Anything);
    put.unwrap();
    let moved = service.rename::<StoreError>(&key, &key, |_| Ok(())).await;
    moved.unwrap();
    drop(service);
    let Opened::File(object) = open().open(&key).await.unwrap() else {
        panic!("{key} is a folder");
    };
    assert_eq!(object.info().meta, meta);
}

/// What the documentation of the store says of its threads.
#[test]
fn only_the_facade_knows_of_the_runtime() {
    let mut files = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/store")];
    while let Some(path) = files.pop() {
        if path.ends_with("tests") || path.ends_with("tests.rs") {
            continue;
        }
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            files.extend(entries.map(|entry| entry.unwrap().path()));
        } else if !path.to_string_lossy().contains("facade") {
            let text = fs::read_to_string(&path).unwrap();
            for word in [
                "async fn",
                "async move",
                ".await",
                "tokio::task",
                "spawn_blocking",
            ] {
                assert!(!text.contains(word), "{} has {word:?}", path.display());
            }
        }
    }
}
