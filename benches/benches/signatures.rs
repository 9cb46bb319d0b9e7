//! What it costs to make and to verify a signature.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use upyun_client::protocol::{
    PasswordMd5,
    sign::{HeaderSignature, LegacySignature, TokenSignature},
};

const DATE: &str = "Tue, 24 Nov 2026 00:00:00 GMT";

fn signatures(criterion: &mut Criterion) {
    let key = PasswordMd5::of("password");
    let mut group = criterion.benchmark_group("signatures");
    let header = HeaderSignature {
        method: "PUT",
        uri: "/demo/photos/2026/11/24/0123456789abcdef.jpg",
        date: DATE,
        content_md5: Some("5d41402abc4b2a76b9719d911017c592"),
    };
    group.bench_function("header/sign", |bencher| {
        bencher.iter(|| black_box(&header).sign(&key));
    });
    let signature = header.sign(&key);
    group.bench_function("header/verify", |bencher| {
        bencher.iter(|| black_box(&header).verify(&key, &signature));
    });
    let legacy = LegacySignature {
        method: "PUT",
        uri: header.uri,
        date: DATE,
        content_length: 4096,
    };
    group.bench_function("legacy/sign", |bencher| {
        bencher.iter(|| black_box(&legacy).sign(&key));
    });
    let token = TokenSignature {
        method: "GET",
        prefix: Some("/demo/photos/"),
        postfix: None,
        expire: "1795478400",
    };
    group.bench_function("token/sign", |bencher| {
        bencher.iter(|| black_box(&token).sign(&key));
    });
    group.bench_function("password/md5", |bencher| {
        bencher.iter(|| PasswordMd5::of(black_box("password")));
    });
    group.finish();
}

criterion_group!(benches, signatures);
criterion_main!(benches);
