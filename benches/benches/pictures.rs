//! A photograph of twelve megapixels made 800 pixels wide, over loopback, nothing kept. How other
//! programs fare is measured by `upyun-bench pictures`.

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};

#[path = "../src/gallery.rs"]
mod gallery;
#[path = "../src/photo.rs"]
mod photo;

fn pictures(criterion: &mut Criterion) {
    let gallery = gallery::Gallery::open(photo::jpeg()).expect("a server");
    let mut group = criterion.benchmark_group("12 megapixels");
    group
        .sample_size(20)
        .measurement_time(Duration::from_secs(8));
    for (name, parameters) in [
        ("to 800 pixels", "/fw/800"),
        ("to a square of 200", "/sq/200"),
        ("to 800 pixels, WebP", "/fw/800/format/webp"),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| gallery.fetch(parameters).expect("a picture"));
        });
    }
    group.finish();
}

criterion_group!(benches, pictures);
criterion_main!(benches);
