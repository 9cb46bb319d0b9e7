//! Results are content like any other: ranges, conditions, and nothing stale.

use crate::kit::Send as _;

use super::*;

fn files(server: &MockServer) -> usize {
    let data = server.directory().join("..");
    std::fs::read_dir(data.join(".upyun-mock").join("results")).map_or(0, Iterator::count)
}

fn asked(target: &str) -> crate::kit::Request {
    get(target).unsigned().host("demo.b0.upaiyun.com")
}

#[test]
fn ranges_and_conditions_hold_for_results() {
    let server = gallery();
    let target = "/p.png!/fw/300/format/jpg";
    let whole = public(&server, target);
    let etag = whole.header("etag").unwrap().to_owned();
    assert_eq!(whole.header("accept-ranges"), Some("bytes"));
    let part = asked(target).header("Range", "bytes=10-19").send(&server);
    assert_eq!(part.status, 206);
    assert_eq!(part.body, whole.body[10..20]);
    assert_eq!(
        part.header("content-range"),
        Some(&*format!("bytes 10-19/{}", whole.body.len()))
    );
    assert_eq!(part.header("content-type"), Some("image/jpeg"));
    let same = asked(target).header("If-None-Match", &etag).send(&server);
    assert_eq!((same.status, same.body.len()), (304, 0));
    let other = asked(target).header("If-Match", "\"x\"").send(&server);
    assert_eq!(other.status, 412);
    let beyond = asked(target)
        .header("Range", "bytes=9999999-")
        .send(&server);
    assert_eq!(beyond.status, 400);
    assert_eq!(files(&server), 1);
}

#[test]
fn a_result_is_dropped_when_its_object_changes() {
    let server = gallery();
    assert_eq!(shown(&server, "/p.png!/fw/100").height(), 60);
    assert_eq!(shown(&server, "/p.png!/fw/100").height(), 60);
    assert_eq!(files(&server), 1);
    let square = encoded(quarters(400, 400), ImageFormat::Png);
    server.put_object("/p.png", &square).unwrap();
    assert_eq!(shown(&server, "/p.png!/fw/100").height(), 100);
    assert_eq!(files(&server), 1);
    // And when a watermark does.
    let mark = |shade| {
        let pixels = RgbaImage::from_pixel(50, 50, Rgba([shade, shade, shade, 255]));
        server
            .put_object("/m.png", encoded(pixels, ImageFormat::Png))
            .unwrap();
        let marked = shown(&server, "/p.png!/watermark/url/L20ucG5n");
        marked.into_rgba8().get_pixel(30, 30).0[0]
    };
    assert_eq!((mark(10), mark(200)), (10, 200));
    assert_eq!(files(&server), 2);
    server.put_object("/p.png", "no picture").unwrap();
    assert_eq!(public(&server, "/p.png!/fw/100").status, 405);
}

#[test]
fn nothing_is_kept_where_there_is_no_room() {
    let server = MockServer::builder()
        .configure(|config| config.limits.picture_cache_bytes = 0)
        .start_blocking()
        .unwrap();
    server
        .put_object("/p.png", encoded(quarters(100, 60), ImageFormat::Png))
        .unwrap();
    assert_eq!(shown(&server, "/p.png!/fw/50").height(), 30);
    assert_eq!(shown(&server, "/p.png!/fw/50").height(), 30);
    assert_eq!(files(&server), 0);
}

#[test]
fn what_takes_too_long_is_too_big() {
    let server = MockServer::builder()
        .configure(|config| config.limits.picture_timeout = std::time::Duration::from_millis(1))
        .start_blocking()
        .unwrap();
    let picture = encoded(quarters(1000, 1000), ImageFormat::Png);
    server.put_object("/p.png", &picture).unwrap();
    let answer = public(&server, "/p.png!/fw/50");
    assert_eq!(
        (answer.status, &answer.json()["msg"]),
        (413, &"A Big Image!".into())
    );
    put("/demo/x.png", &picture)
        .header("x-gmkerl-thumb", "/fw/50")
        .refused(&server, (503, 50300012, "service error in thumb"));
}
