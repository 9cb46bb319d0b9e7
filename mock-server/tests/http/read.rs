//! Download and info: headers, ranges, conditions.

use std::time::{Duration, SystemTime};

use upyun_client::protocol::{ErrorCode, Md5Digest, date};

use crate::kit::{get, head, make_folder, put, request, start};

#[test]
fn a_download_tells_what_it_is() {
    let server = start();
    put("/demo/a.txt", "hello").ok(&server);
    let answer = get("/demo/a.txt").ok(&server);
    let md5 = Md5Digest::of("hello").to_string();
    assert_eq!(answer.header("etag"), Some(&*format!("\"{md5}\"")));
    assert_eq!(answer.header("content-length"), Some("5"));
    assert_eq!(answer.header("accept-ranges"), Some("bytes"));
    let modified = date::parse(answer.header("last-modified").unwrap()).unwrap();
    assert!(modified.elapsed().unwrap() < Duration::from_secs(60));
    assert!(answer.header("x-request-id").is_some());
}

#[test]
fn info_of_a_file_and_of_a_folder() {
    let server = start();
    put("/demo/dir/a.txt", "hello").ok(&server);
    let answer = head("/demo/dir/a.txt").ok(&server);
    let modified = date::parse(answer.header("last-modified").unwrap()).unwrap();
    let unix = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    assert_eq!(answer.header("x-upyun-file-type"), Some("file"));
    assert_eq!(answer.header("x-upyun-file-size"), Some("5"));
    assert_eq!(
        answer.header("x-upyun-file-date"),
        Some(&*unix.as_secs().to_string())
    );
    let md5 = Md5Digest::of("hello").to_string();
    assert_eq!(answer.header("content-md5"), Some(&*md5));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    assert_eq!(answer.header("content-length"), Some("0"));
    for folder in ["/demo/dir", "/demo/dir/", "/demo", "/demo/"] {
        let answer = head(folder).ok(&server);
        assert_eq!(answer.header("x-upyun-file-type"), Some("folder"));
        assert!(answer.header("x-upyun-file-date").is_some());
        for absent in ["x-upyun-file-size", "content-md5", "etag", "last-modified"] {
            assert_eq!(answer.header(absent), None, "{folder}: {absent}");
        }
    }
    head("/demo/none").refused(&server, ErrorCode::FILE_NOT_FOUND);
    get("/demo/none").refused(&server, ErrorCode::FILE_NOT_FOUND);
    get("/demo/none/").refused(&server, ErrorCode::FILE_NOT_FOUND);
}

#[test]
fn ranges() {
    let server = start();
    put("/demo/a", "0123456789").ok(&server);
    let part = |range: &str| get("/demo/a").header("Range", range).send(&server);
    for (range, text, content_range) in [
        ("bytes=0-3", "0123", "bytes 0-3/10"),
        ("bytes=4-", "456789", "bytes 4-9/10"),
        ("bytes=8-100", "89", "bytes 8-9/10"),
        ("bytes=-3", "789", "bytes 7-9/10"),
        ("bytes=-30", "0123456789", "bytes 0-9/10"),
    ] {
        let answer = part(range);
        assert_eq!((answer.status, answer.text()), (206, text), "{range}");
        assert_eq!(answer.header("content-range"), Some(content_range));
    }
    let all = part("bytes=0-1,4-5");
    assert_eq!((all.status, all.text()), (200, "0123456789"));
    for wrong in [
        "bytes=10-",
        "bytes=5-4",
        "bytes=-0",
        "bytes=x-y",
        "bytes=",
        "lines=1-2",
    ] {
        get("/demo/a")
            .header("Range", wrong)
            .refused(&server, ErrorCode::WRONG_RANGE);
    }
    put("/demo/empty", "").ok(&server);
    get("/demo/empty")
        .header("Range", "bytes=0-")
        .refused(&server, ErrorCode::WRONG_RANGE);
}

#[test]
fn conditions() {
    let server = start();
    put("/demo/a", "hello").ok(&server);
    let answer = get("/demo/a").ok(&server);
    let etag = answer.header("etag").unwrap();
    let modified = answer.header("last-modified").unwrap();
    let earlier = "Mon, 02 Jan 2006 15:04:05 GMT";
    for method in ["GET", "HEAD"] {
        let ask = |headers: &[(&str, &str)]| {
            let mut ask = request(method, "/demo/a");
            for (name, value) in headers {
                ask = ask.header(name, value);
            }
            ask
        };
        for headers in [
            &[("If-None-Match", etag)][..],
            &[("If-None-Match", "*")],
            &[("If-None-Match", &format!("\"x\", W/{etag}"))],
            &[("If-Modified-Since", modified)],
            &[("If-None-Match", etag), ("If-Modified-Since", earlier)],
        ] {
            let answer = ask(headers).send(&server);
            assert_eq!(answer.status, 304, "{method} {headers:?}");
            assert_eq!(answer.header("etag"), Some(etag));
        }
        for headers in [
            &[("If-Match", "\"x\"")][..],
            &[("If-Unmodified-Since", earlier)],
        ] {
            ask(headers).refused(&server, ErrorCode::PRECONDITION_FAILED);
        }
        for headers in [
            &[("If-None-Match", "\"x\"")][..],
            &[("If-Modified-Since", earlier)],
            &[("If-Match", etag)],
            &[("If-Match", "*")],
            &[("If-Unmodified-Since", modified)],
            &[("If-None-Match", "\"x\""), ("If-Modified-Since", modified)],
            &[("If-Match", etag), ("If-Unmodified-Since", earlier)],
            &[("If-Modified-Since", "yesterday")],
        ] {
            ask(headers).ok(&server);
        }
    }
    let part = |condition: &str| {
        get("/demo/a")
            .header("Range", "bytes=0-0")
            .header("If-Range", condition)
            .send(&server)
            .status
    };
    assert_eq!(part(etag), 206);
    assert_eq!(part(modified), 206);
    assert_eq!(part("\"x\""), 200);
    assert_eq!(part(earlier), 200);
}

#[test]
fn large_downloads_come_whole() {
    let server = start();
    let content: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
    put("/demo/big", &content).ok(&server);
    assert_eq!(get("/demo/big").ok(&server).body, content);
    let part = get("/demo/big")
        .header("Range", "bytes=1000000-1999999")
        .send(&server);
    assert_eq!(part.body, content[1_000_000..2_000_000]);
}

#[test]
fn usage_is_a_number_and_nothing_else() {
    let server = start();
    put("/demo/a", "12345").ok(&server);
    put("/demo/dir/b", "123").ok(&server);
    make_folder("/demo/empty").ok(&server);
    for (target, want) in [
        ("/demo/?usage", "8"),
        ("/demo?usage=", "8"),
        ("/demo//?usage", "8"),
        ("/demo/dir?usage=1", "3"),
        ("/demo/dir/?usage", "3"),
        ("/demo/empty/?usage", "0"),
        ("/demo/a?usage", "5"),
    ] {
        assert_eq!(get(target).ok(&server).text(), want, "{target}");
    }
    get("/demo/none?usage").refused(&server, ErrorCode::FILE_NOT_FOUND);
}
