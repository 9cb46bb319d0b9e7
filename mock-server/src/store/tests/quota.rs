//! The room of a service, over operations, restarts and failures.

use std::{collections::BTreeMap, fs, path::Path};

use proptest::{collection, prelude::*, sample::select};
use upyun_client::protocol::{Key, Md5Digest, ServiceName};

use crate::{
    clock::Clock,
    store::{Attributes, Kind, Overwrite, Service, Store, StoreError},
};

const CAPACITY: u64 = 1000;
const KEYS: [&str; 3] = ["/a", "/b", "/d/c"];

#[derive(Clone, Debug)]
enum Step {
    Put(&'static str, usize),
    /// A put whose record cannot be written.
    FailingPut(&'static str, usize),
    Delete(&'static str),
    Move(&'static str, &'static str),
    /// To another process, which does not know how much is stored.
    Restart,
    Limit,
    SnapshotAndRestore,
}

fn step() -> impl Strategy<Value = Step> {
    let key = || select(&KEYS[..]);
    let size = || select(&[0_usize, 100, 250, 600, 1000][..]);
    prop_oneof![
        6 => (key(), size()).prop_map(|(key, size)| Step::Put(key, size)),
        2 => (key(), size()).prop_map(|(key, size)| Step::FailingPut(key, size)),
        3 => key().prop_map(Step::Delete),
        2 => (key(), key()).prop_map(|(from, to)| Step::Move(from, to)),
        2 => Just(Step::Restart),
        1 => Just(Step::Limit),
        1 => Just(Step::SnapshotAndRestore),
    ]
}

fn open(root: &Path) -> (Store, Service) {
    let store = Store::open(root, Clock::default(), "a test").unwrap();
    let service = store.service(&"demo".parse::<ServiceName>().unwrap());
    let service = service.unwrap();
    service.set_capacity(Some(CAPACITY));
    (store, service)
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

fn put(service: &Service, at: &str, size: usize) -> Result<(), StoreError> {
    let content = vec![b'x'; size];
    let put = service.put_now(
        &key(at),
        &content,
        Attributes::default(),
        Overwrite::Anything,
    );
    put.map(|_| ())
}

/// Where the sidecar of an object of `demo` is.
fn sidecar(root: &Path, at: &str) -> std::path::PathBuf {
    let name = Md5Digest::of(format!("demo{at}")).to_string();
    root.join(".upyun-mock/meta/demo").join(name)
}

/// Puts an object while a directory stands where its records are to be written.
fn failing_put(root: &Path, service: &Service, at: &str, size: usize) -> Result<(), StoreError> {
    let sidecar = sidecar(root, at);
    let hidden = sidecar.with_extension("hidden");
    let was_there = fs::rename(&sidecar, &hidden).is_ok();
    fs::create_dir(&sidecar).unwrap();
    let put = put(service, at, size);
    fs::remove_dir(&sidecar).unwrap();
    if was_there {
        fs::rename(&hidden, &sidecar).unwrap();
    }
    put
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_service_is_full_when_its_objects_fill_it(steps in collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let (mut store, mut service) = open(root);
        let mut sizes = BTreeMap::new();
        for step in &steps {
            match *step {
                Step::Put(at, size) | Step::FailingPut(at, size) => {
                    let old: u64 = sizes.get(at).copied().unwrap_or(0);
                    let used: u64 = sizes.values().sum();
                    let size_bytes = size as u64;
                    let fits = size_bytes <= old || used - old + size_bytes <= CAPACITY;
                    let fails = matches!(step, Step::FailingPut(..));
                    let put = match fails {
                        true => failing_put(root, &service, at, size),
                        false => put(&service, at, size),
                    };
                    match put {
                        Ok(()) => {
                            prop_assert!(fits && !fails, "{:?} of {:?}", step, steps);
                            sizes.insert(at, size_bytes);
                        }
                        Err(StoreError::Full { .. }) => prop_assert!(!fits, "{:?} of {:?}", step, steps),
                        Err(error) => prop_assert!(fails && fits, "{} at {:?} of {:?}", error, step, steps),
                    }
                }
                Step::Delete(at) => {
                    let deleted = runtime.block_on(service.delete(&key(at), Kind::File));
                    prop_assert_eq!(deleted.is_ok(), sizes.remove(at).is_some());
                }
                Step::Move(from, to) => {
                    let moved = runtime.block_on(service.rename::<StoreError>(&key(from), &key(to), |_| Ok(())));
                    if let Some(size) = moved.ok().and_then(|_| sizes.remove(from)) {
                        sizes.insert(to, size);
                    }
                }
                Step::Restart => {
                    drop((service, store));
                    (store, service) = open(root);
                }
                Step::Limit => service.set_capacity(Some(CAPACITY)),
                Step::SnapshotAndRestore => {
                    let snapshot = store.snapshot().unwrap();
                    let _ = put(&service, "/later", 300);
                    store.restore(&snapshot).unwrap();
                }
            }
            let usage = runtime.block_on(service.usage(&Key::root())).unwrap();
            prop_assert_eq!(usage, sizes.values().sum::<u64>(), "{:?} of {:?}", step, steps);
        }
    }
}
