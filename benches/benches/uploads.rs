//! Uploads: of one large stream, many at once, and of one file in the three ways.

use std::{io::Write as _, time::Duration};

use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use futures_util::{future, stream};
use tokio::runtime::Runtime;
use upyun_client::{Body, UploadMode};
use upyun_mock::MockServer;

const MIB: u64 = 1024 * 1024;

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}

/// A body of which only a chunk is ever in memory.
fn streaming(criterion: &mut Criterion) {
    const BYTES: u64 = 1024 * MIB;
    let runtime = runtime();
    let server = MockServer::builder().start_blocking().expect("a server");
    let client = server.client();
    let chunk = Bytes::from(vec![7; 256 * 1024]);
    let mut group = criterion.benchmark_group("stream");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_secs(20))
        .throughput(Throughput::Bytes(BYTES));
    group.bench_function("1 GiB", |bencher| {
        bencher.to_async(&runtime).iter(|| async {
            let count = (BYTES / chunk.len() as u64) as usize;
            let chunks = std::iter::repeat_n(chunk.clone(), count).map(Ok::<_, std::io::Error>);
            let body = Body::stream(stream::iter(chunks)).length(BYTES);
            client
                .put("/stream")
                .body(body)
                .send()
                .await
                .expect("stored")
        });
    });
    group.finish();
}

fn concurrent(criterion: &mut Criterion) {
    const BYTES: u64 = 256 * 1024;
    let runtime = runtime();
    let server = MockServer::builder().start_blocking().expect("a server");
    let client = server.client();
    let content = Bytes::from(vec![7; BYTES as usize]);
    let mut group = criterion.benchmark_group("256 KiB at once");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    for count in [1, 2, 4, 8, 16, 32, 64] {
        group.throughput(Throughput::Bytes(BYTES * count));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                let puts = (0..count).map(|number| {
                    let put = client.put(format!("/{number}")).body(content.clone());
                    put.send()
                });
                future::try_join_all(puts).await.expect("stored")
            });
        });
    }
    group.finish();
}

/// The same file in one request, in parts one after the other, and in parts at once.
fn file(criterion: &mut Criterion) {
    const BYTES: u64 = 128 * MIB;
    let runtime = runtime();
    let server = MockServer::builder().start_blocking().expect("a server");
    let client = server.client();
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let content = vec![7; MIB as usize];
    for _ in 0..BYTES / MIB {
        file.write_all(&content).expect("written");
    }
    let mut group = criterion.benchmark_group("file of 128 MiB");
    group
        .sample_size(10)
        .warm_up_time(Duration::from_millis(1))
        .measurement_time(Duration::from_secs(5))
        .throughput(Throughput::Bytes(BYTES));
    for (name, mode) in [
        ("whole", UploadMode::Whole),
        ("ordered", UploadMode::Ordered),
        ("parallel", UploadMode::Parallel),
    ] {
        // A resumable upload may not replace one: each has a key of its own.
        let mut number = 0;
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| {
                number += 1;
                let upload = client.upload_file(file.path(), format!("/{name}/{number}"));
                let upload = upload.mode(mode).part_size(4 * MIB);
                async move { upload.send().await.expect("stored") }
            });
        });
        server.reset().expect("emptied");
    }
    group.finish();
}

criterion_group!(benches, streaming, concurrent, file);
criterion_main!(benches);
