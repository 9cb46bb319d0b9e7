//! Lists of folders: their two formats, and the server's work for a large folder.

use std::{
    fs,
    hint::black_box,
    time::{Duration, UNIX_EPOCH},
};

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use upyun_client::protocol::list::{
    Cursor, EntryKind, ListEntry, parse_json, parse_text, to_json, to_text,
};
use upyun_mock::MockServer;

fn formats(criterion: &mut Criterion) {
    for count in [100, 10_000] {
        let entries: Vec<ListEntry> = (0..count).map(entry).collect();
        let text = to_text(&entries);
        let json = to_json(entries.clone(), &Cursor::End);
        let mut group = criterion.benchmark_group(format!("list of {count}"));
        group
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2))
            .sample_size(30);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("text/encode", |bencher| {
            bencher.iter(|| to_text(black_box(&entries)));
        });
        group.bench_function("text/parse", |bencher| {
            bencher.iter(|| parse_text(black_box(&text)).expect("a list"));
        });
        group.throughput(Throughput::Bytes(json.len() as u64));
        group.bench_function("json/encode", |bencher| {
            let entries = || entries.clone();
            bencher.iter_batched(
                entries,
                |entries| to_json(entries, &Cursor::End),
                BatchSize::LargeInput,
            );
        });
        group.bench_function("json/parse", |bencher| {
            bencher.iter(|| parse_json(black_box(json.as_bytes())).expect("a list"));
        });
        group.finish();
    }
}

fn entry(number: u32) -> ListEntry {
    let is_folder = number.is_multiple_of(50);
    ListEntry {
        name: format!("photo-{number:06}.jpg"),
        kind: match is_folder {
            true => EntryKind::Folder,
            false => EntryKind::File,
        },
        size: if is_folder { 0 } else { 4237 },
        modified: UNIX_EPOCH + Duration::from_secs(1_795_478_400),
        content_type: (!is_folder).then(|| "image/jpeg".to_owned()),
    }
}

const MANY: u32 = 100_000;
const PAGE: u32 = 1000;

/// A folder that was filled behind the server's back, so that the first list has to read it.
fn many(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let data = tempfile::tempdir().expect("a directory");
    let folder = data.path().join("demo").join("many");
    fs::create_dir_all(&folder).expect("a folder");
    for number in 0..MANY {
        fs::write(folder.join(format!("{number:06}.txt")), "").expect("a file");
    }
    let start = || {
        let server = MockServer::builder().data(data.path()).start_blocking();
        server.expect("a server")
    };
    let mut group = criterion.benchmark_group(format!("folder of {MANY}"));
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(5))
        .sample_size(10);
    group.throughput(Throughput::Elements(PAGE.into()));
    group.bench_function("first page, cold", |bencher| {
        bencher.to_async(&runtime).iter_batched(
            || {
                let server = start();
                (server.client(), server)
            },
            |(client, server)| async move {
                let page = client.list("/many/").limit(PAGE).send().await;
                assert_eq!(page.expect("a page").entries.len(), PAGE as usize);
                // Its end is not measured.
                server
            },
            BatchSize::PerIteration,
        );
    });
    let server = start();
    let client = server.client();
    let first = runtime.block_on(client.list("/many/").limit(PAGE).send());
    let next = first.expect("a page").next.expect("more pages");
    for (name, iter) in [("first page", None), ("a later page", Some(next))] {
        group.bench_function(name, |bencher| {
            bencher.to_async(&runtime).iter(|| async {
                let mut list = client.list("/many/").limit(PAGE);
                if let Some(iter) = &iter {
                    list = list.iter(iter);
                }
                list.send().await.expect("a page")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, formats, many);
criterion_main!(benches);
