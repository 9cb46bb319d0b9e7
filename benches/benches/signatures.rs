//! What it costs to make and to verify each form of signature.

use std::{hint::black_box, time::Duration};

use criterion::{
    BenchmarkGroup, Criterion, criterion_group, criterion_main, measurement::WallTime,
};
use upyun_client::protocol::{
    PasswordMd5,
    sign::{
        Authorization, CdnToken, FormCallback, FormSignature, HeaderSignature, LegacySignature,
        PurgeSignature, TokenSignature, basic, block_legacy, encode_policy, form_legacy,
        media_callback_legacy, media_legacy,
    },
};

const DATE: &str = "Tue, 24 Nov 2026 00:00:00 GMT";
const URI: &str = "/demo/photos/2026/11/24/0123456789abcdef.jpg";
const SECRET: &str = "vp0pSWHT+l3fZPUmLs0LgqpFOLk=";

fn signatures(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signatures");
    group
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1));
    rest(&mut group);
    forms(&mut group);
    others(&mut group);
    group.finish();
}

/// Measures something as `name`.
fn bench<T>(group: &mut BenchmarkGroup<'_, WallTime>, name: &str, mut work: impl FnMut() -> T) {
    group.bench_function(name, |bencher| bencher.iter(&mut work));
}

fn rest(group: &mut BenchmarkGroup<'_, WallTime>) {
    let key = PasswordMd5::of("password");
    bench(group, "password/md5", || {
        PasswordMd5::of(black_box("password"))
    });
    bench(group, "basic/sign", || {
        basic("operator", black_box("password"))
    });
    let authorization = basic("operator", "password");
    bench(group, "basic/verify", || {
        match Authorization::parse(&authorization) {
            Ok(Authorization::Basic { password, .. }) => PasswordMd5::of(&password) == key,
            _ => unreachable!("it is Basic"),
        }
    });
    let header = HeaderSignature {
        method: "PUT",
        uri: URI,
        date: DATE,
        content_md5: Some("5d41402abc4b2a76b9719d911017c592"),
    };
    bench(group, "header/sign", || black_box(&header).sign(&key));
    let given = header.sign(&key);
    bench(group, "header/verify", || {
        black_box(&header).verify(&key, &given)
    });
    let legacy = LegacySignature {
        method: "PUT",
        uri: URI,
        date: DATE,
        content_length: 4096,
    };
    bench(group, "legacy/sign", || black_box(&legacy).sign(&key));
    let given = legacy.sign(&key);
    bench(group, "legacy/verify", || {
        black_box(&legacy).verify(&key, &given)
    });
    let token = TokenSignature {
        method: "GET",
        prefix: Some("/demo/photos/"),
        postfix: None,
        expire: "1795478400",
    };
    bench(group, "token/sign", || black_box(&token).sign(&key));
    let given = token.sign(&key);
    bench(group, "token/verify", || {
        black_box(&token).verify(&key, &given)
    });
}

fn forms(group: &mut BenchmarkGroup<'_, WallTime>) {
    let key = PasswordMd5::of("password");
    let json = r#"{"bucket":"demo","save-key":"/{year}/{mon}/{random}{.suffix}","expiration":1795478400,"content-length-range":"0,10485760"}"#;
    bench(group, "policy/encode", || encode_policy(black_box(json)));
    let policy = encode_policy(json);
    let form = FormSignature {
        uri: "/demo",
        date: Some(DATE),
        policy: &policy,
        content_md5: None,
    };
    bench(group, "form/sign", || black_box(&form).sign(&key));
    let given = form.sign(&key);
    bench(group, "form/verify", || {
        black_box(&form).verify(&key, &given)
    });
    bench(group, "form-legacy/sign", || {
        form_legacy(black_box(&policy), SECRET)
    });
    let callback = FormCallback {
        code: "200",
        message: "ok",
        url: "/2026/11/0123456789abcdef.jpg",
        time: "1795478400",
        ext_param: Some("order=17"),
    };
    bench(group, "form-callback/sign", || {
        black_box(&callback).sign(SECRET)
    });
    let given = callback.sign(SECRET);
    bench(group, "form-callback/verify", || {
        black_box(&callback).verify(SECRET, &given)
    });
    let parameters = [
        ("path", "/a.bin"),
        ("expiration", "1795478400"),
        ("file_size", "1048576"),
    ];
    bench(group, "block/sign", || {
        block_legacy(black_box(parameters), SECRET)
    });
}

fn others(group: &mut BenchmarkGroup<'_, WallTime>) {
    let key = PasswordMd5::of("password");
    let purge = PurgeSignature {
        purge: "http://demo.b0.upaiyun.com/a.jpg\nhttp://demo.b0.upaiyun.com/b.jpg",
        service: "demo",
        date: DATE,
    };
    bench(group, "purge/sign", || black_box(&purge).sign(&key));
    let given = purge.sign(&key);
    bench(group, "purge/verify", || {
        black_box(&purge).verify(&key, &given)
    });
    let parameters = [
        ("bucket_name", "demo"),
        ("source", "/a.mp4"),
        ("tasks", "W10="),
    ];
    bench(group, "media/sign", || {
        media_legacy("operator", black_box(parameters), &key)
    });
    bench(group, "media-callback/sign", || {
        media_callback_legacy(
            "operator",
            black_box("0123456789abcdef"),
            "1795478400",
            &key,
        )
    });
    let link = CdnToken {
        secret: "secret",
        etime: 1_795_478_400,
        uri: "/photos/a.jpg",
    };
    bench(group, "access/sign", || black_box(&link).upt());
    let given = link.upt();
    bench(group, "access/verify", || {
        CdnToken::verify("secret", black_box(link.uri), &given, 1_795_478_399)
    });
}

criterion_group!(benches, signatures);
criterion_main!(benches);
