//! Snapshots, restores, forks and resets, by how much is stored.

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use upyun_client::protocol::ServiceName;
use upyun_mock::{
    Clock,
    store::{Attributes, Overwrite, Store},
};

const STORED: [u32; 3] = [10, 1_000, 20_000];

struct Stored {
    // It goes with this.
    _directory: tempfile::TempDir,
    store: Store,
    full: ServiceName,
    other: ServiceName,
}

/// A store with so many objects, a thousand in each folder.
fn filled(objects: u32) -> Stored {
    let directory = tempfile::tempdir().expect("a directory");
    let store = Store::open(directory.path(), Clock::default(), "the bench").expect("a store");
    let full = ServiceName::parse("full").expect("a name");
    let service = store.service(&full).expect("a service");
    for n in 0..objects {
        put(&service, &format!("/{}/{n}", n / 1000));
    }
    Stored {
        _directory: directory,
        store,
        full,
        other: ServiceName::parse("other").expect("a name"),
    }
}

fn put(service: &upyun_mock::store::Service, key: &str) {
    let key = key.parse().expect("a key");
    let put = service.put_now(&key, b"x", Attributes::default(), Overwrite::Anything);
    put.expect("room");
}

fn state(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("state");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    for objects in STORED {
        let Stored {
            store,
            full,
            other,
            _directory,
        } = filled(objects);
        let service = store.service(&full).expect("a service");
        group.bench_function(
            BenchmarkId::new("snapshot, 10 puts, restore", objects),
            |bencher| {
                bencher.iter(|| {
                    let snapshot = store.snapshot().expect("a snapshot");
                    for n in 0..10 {
                        put(&service, &format!("/0/{n}"));
                    }
                    store.restore(&snapshot).expect("as before");
                });
            },
        );
        group.bench_function(BenchmarkId::new("fork, 10 puts", objects), |bencher| {
            bencher.iter(|| {
                store.fork(&full, &other).expect("a fork");
                let fork = store.service(&other).expect("a service");
                for n in 0..10 {
                    put(&fork, &format!("/0/{n}"));
                }
            });
        });
        // What was there is removed by another thread, which is not measured.
        let fork = || store.fork(&full, &other);
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("empty", objects), |bencher| {
            bencher.iter_batched(
                || fork().expect("a fork"),
                |()| store.empty(&other).expect("nothing"),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, state);
criterion_main!(benches);
