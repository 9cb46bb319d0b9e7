//! Snapshots, restores, forks and resets, by how much is stored.

use std::time::Duration;

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use upyun_mock::MockServer;

const STORED: [u32; 3] = [10, 1_000, 20_000];

/// A server whose service `full` has so many objects, a thousand in each folder.
fn filled(objects: u32) -> MockServer {
    let builder = MockServer::builder().service("full");
    let server = builder.start_blocking().expect("a server");
    for n in 0..objects {
        put(&server, "full", &format!("/{}/{n}", n / 1000));
    }
    server
}

fn put(server: &MockServer, service: &str, key: &str) {
    let service = server.service(service).expect("a service");
    service.put_object(key, b"x").expect("room");
}

/// Copies the full service, and replaces an earlier copy.
fn fork(server: &MockServer) {
    let other = "other".parse().expect("a name");
    server.accounts().remove_service(&other);
    server.fork("full", "other").expect("a fork");
}

fn state(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("state");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    for objects in STORED {
        let server = filled(objects);
        group.bench_function(
            BenchmarkId::new("snapshot, 10 puts, restore", objects),
            |bencher| {
                bencher.iter(|| {
                    let snapshot = server.snapshot().expect("a snapshot");
                    for n in 0..10 {
                        put(&server, "full", &format!("/0/{n}"));
                    }
                    server.restore(&snapshot).expect("as before");
                });
            },
        );
        group.bench_function(BenchmarkId::new("fork, 10 puts", objects), |bencher| {
            bencher.iter(|| {
                fork(&server);
                for n in 0..10 {
                    put(&server, "other", &format!("/0/{n}"));
                }
            });
        });
        // What was there is removed by another thread, which is not measured.
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("empty", objects), |bencher| {
            bencher.iter_batched(
                || {
                    fork(&server);
                    server.service("other").expect("a service")
                },
                |other| other.clear().expect("nothing"),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

criterion_group!(benches, state);
criterion_main!(benches);
