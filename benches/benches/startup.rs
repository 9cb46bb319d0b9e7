//! How long until a server answers.

use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use upyun_mock::MockServer;

fn startup(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let mut group = criterion.benchmark_group("startup");
    group
        .sample_size(20)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(3));
    // A client reads the machine's certificates when it is made, which says nothing of the server:
    // here the answer is asked for by hand.
    group.bench_function("until the first answer", |bencher| {
        bencher.to_async(&runtime).iter_batched(
            || {},
            |()| async {
                let server = MockServer::start().await;
                first_answer(&server).await;
                // Its end is not measured.
                server
            },
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

async fn first_answer(server: &MockServer) {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let stream = tokio::net::TcpStream::connect(server.address()).await;
    let mut stream = stream.expect("it listens");
    let request = "GET /_mock/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    stream
        .write_all(request.as_bytes())
        .await
        .expect("it reads");
    let mut answer = String::new();
    stream
        .read_to_string(&mut answer)
        .await
        .expect("it answers");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

criterion_group!(benches, startup);
criterion_main!(benches);
