//! PUT and GET through the SDK and the emulator, over loopback, in one process.

use std::time::Duration;

use bytes::Bytes;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use upyun_mock::MockServer;

const SIZES: [(&str, usize); 3] = [
    ("4 KiB", 4 * 1024),
    ("1 MiB", 1024 * 1024),
    ("64 MiB", 64 * 1024 * 1024),
];

fn objects(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let server = MockServer::builder().start_blocking().expect("a server");
    let client = server.client();
    for (name, bytes) in SIZES {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(bytes as u64));
        group
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(3));
        if bytes >= 1024 * 1024 {
            group.sample_size(10);
        }
        let content = Bytes::from(vec![7; bytes]);
        group.bench_function("put", |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                let put = client.put("/object").body(content.clone());
                put.send().await.expect("stored")
            });
        });
        // Whichever benches run.
        server.put_object("/object", content).expect("stored");
        group.bench_function("get", |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                let mut download = client.get("/object").send().await.expect("there");
                let mut read = 0;
                while let Some(chunk) = download.chunk().await.expect("whole") {
                    read += chunk.len();
                }
                assert_eq!(read, bytes);
            });
        });
        group.finish();
    }
}

criterion_group!(benches, objects);
criterion_main!(benches);
