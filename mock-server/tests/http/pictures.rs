//! Pictures: processed on upload, and on access domains.

mod blur;
mod formats;
mod memory;
mod old;
mod results;
mod text;
mod told;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};
use upyun_mock::{MockServer, accounts::Service};

use crate::form::form;
use crate::kit::{Answer, Send as _, get, head, put, request, start};

/// A picture of four colours, one a quarter.
fn quarters(width: u32, height: u32) -> RgbaImage {
    RgbaImage::from_fn(width, height, |x, y| {
        match (x < width / 2, y < height / 2) {
            (true, true) => Rgba([255, 0, 0, 255]),
            (false, true) => Rgba([0, 255, 0, 255]),
            (true, false) => Rgba([0, 0, 255, 255]),
            (false, false) => Rgba([255, 255, 0, 255]),
        }
    })
}

fn encoded(pixels: RgbaImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = match format {
        ImageFormat::Jpeg => DynamicImage::ImageRgb8(DynamicImage::ImageRgba8(pixels).into_rgb8()),
        _ => DynamicImage::ImageRgba8(pixels),
    };
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A server with a version, and a picture of 1000 × 600 at `/p.png`.
fn gallery() -> MockServer {
    let server = MockServer::builder()
        .configure(|config| {
            let mut demo = Service::new("demo".parse().unwrap());
            demo.versions
                .insert("small".into(), "/fw/100/format/jpg".into());
            demo.versions.insert("exif.json".into(), "/info".into());
            config.services.push(demo);
        })
        .start_blocking()
        .unwrap();
    let picture = encoded(quarters(1000, 600), ImageFormat::Png);
    server.put_object("/p.png", picture).unwrap();
    server
}

fn public(server: &MockServer, target: &str) -> Answer {
    let host = "demo.b0.upaiyun.com";
    get(target).unsigned().host(host).send(server)
}

#[track_caller]
fn shown(server: &MockServer, target: &str) -> DynamicImage {
    let answer = public(server, target);
    assert_eq!(
        answer.status,
        200,
        "{target}: {:?}",
        String::from_utf8_lossy(&answer.body)
    );
    assert!(answer.all("x-upyun-").is_empty());
    image::load_from_memory(&answer.body).unwrap()
}

#[track_caller]
fn sized(server: &MockServer, parameters: &str, size: (u32, u32)) {
    let picture = shown(server, &format!("/p.png!{parameters}"));
    assert_eq!((picture.width(), picture.height()), size, "{parameters}");
}

#[test]
fn access_domains_resize() {
    let server = gallery();
    sized(&server, "/fw/300", (300, 180));
    sized(&server, "/both/300x200", (300, 200));
    sized(&server, "/crop/300x200a80a60/fw/150", (150, 100));
    sized(&server, "/fw/500/clip/600x400a80a60", (420, 240));
    sized(&server, "/rotate/45", (1132, 1132));
    sized(&server, "/rotate/90", (600, 1000));
    sized(&server, "/border/3x2", (1006, 604));
    sized(&server, "/canvas/600x400a50a20", (600, 400));
    sized(&server, "/gaussblur/5x2", (1000, 600));
    sized(&server, "small", (100, 60));
    sized(&server, "small/fw/500", (500, 300));
    let escaped = shown(&server, "/p.png%21/sq/30");
    assert_eq!((escaped.width(), escaped.height()), (30, 30));
    let query = shown(&server, "/p.png!/fw/20?x=1");
    assert_eq!(query.width(), 20);
}

#[test]
fn pixels_are_where_they_belong() {
    let server = gallery();
    let near = |parameters: &str, (x, y): (u32, u32), want: [u8; 4]| {
        let picture = shown(&server, &format!("/p.png!{parameters}")).into_rgba8();
        let got = picture.get_pixel(x, y).0;
        let is_near = got.iter().zip(want).all(|(a, b)| a.abs_diff(b) < 12);
        assert!(is_near, "{parameters} {x},{y}: {got:?}");
    };
    let (red, green, blue, yellow) = (
        [255, 0, 0, 255],
        [0, 255, 0, 255],
        [0, 0, 255, 255],
        [255, 255, 0, 255],
    );
    near("/fw/100", (5, 5), red);
    near("/flip/left,right", (5, 5), green);
    near("/flip/top,down", (5, 5), blue);
    near("/rotate/90", (595, 5), red);
    near("/rotate/180", (5, 5), yellow);
    near("/rotate/45", (2, 2), [0, 0, 0, 0]);
    near("/rotate/45/format/jpg", (2, 2), [255, 255, 255, 255]);
    near("/crop/10x10/gravity/southeast", (5, 5), yellow);
    near("/border/3x2/brdcolor/0000FF00", (1, 300), blue);
    near("/canvas/1200x600", (5, 5), [255, 255, 255, 255]);
    near("/roundrect/50", (0, 0), [255, 0, 0, 0]);
    near(
        "/gdori/top,down/gdpos/0,10/gdstartcolor/00000000/gdstopcolor/00000000",
        (500, 5),
        [0, 0, 0, 255],
    );
    server
        .put_object(
            "/mark.png",
            encoded(
                RgbaImage::from_pixel(100, 40, Rgba([9, 9, 9, 255])),
                ImageFormat::Png,
            ),
        )
        .unwrap();
    // "/mark.png"
    near(
        "/watermark/url/L21hcmsucG5n/align/southeast",
        (885, 545),
        [9, 9, 9, 255],
    );
    near(
        "/watermark/url/L21hcmsucG5n/align/southeast",
        (985, 545),
        yellow,
    );
    near(
        "/watermark/url/L21hcmsucG5n/opacity/50",
        (25, 25),
        [132, 4, 4, 255],
    );
    near(
        "/watermark/url/L21hcmsucG5n/percent/50/margin/0x0",
        (295, 115),
        [9, 9, 9, 255],
    );
    near(
        "/watermark/url/L21hcmsucG5n/repeat/true",
        (999, 599),
        [9, 9, 9, 255],
    );
}

#[test]
fn what_access_domains_refuse() {
    let server = gallery();
    server.put_object("/a.txt", "hello").unwrap();
    server
        .put_object(
            "/cut.png",
            &encoded(quarters(50, 50), ImageFormat::Png)[..100],
        )
        .unwrap();
    let check = |target: &str, status: u16, code: u32, text: &str| {
        let answer = public(&server, target);
        let body = answer.json();
        assert_eq!(answer.status, status, "{target}: {body}");
        assert_eq!(
            (&body["code"], &body["msg"]),
            (&code.into(), &text.into()),
            "{target}"
        );
        assert_eq!(body["id"], answer.header("x-request-id").unwrap());
    };
    check("/p.png!/fw/x", 400, 40_011_002, "invalid x-gmkerl-value");
    check("/p.png!/magic/1", 400, 40_011_035, "invalid param in thumb");
    check(
        "/p.png!/canvas/20000x20000",
        400,
        40_011_035,
        "invalid param in thumb",
    );
    // Nothing is made of what would be too large in the end.
    check(
        "/p.png!/scale/1000/border/5001x1",
        400,
        40_011_035,
        "invalid param in thumb",
    );
    check(
        "/p.png!/watermark/url/L25vbmU=",
        400,
        40_011_035,
        "invalid param in thumb",
    );
    check("/p.png!big", 404, 404, "Not Profile");
    check("/a.txt!/fw/100", 405, 405, "Not an image");
    check("/cut.png!/fw/100", 405, 405, "Not an image");
    check("/a.txt!/watermark/url/L25vbmU=", 405, 405, "Not an image");
    check("/a.txt!/info", 406, 406, "Not an image");
    check("/a.txt!/face/detection", 415, 415, "Not an image");
    let ignored = public(&server, "/a.txt!/fw/100/ignore-error/true");
    assert_eq!((ignored.status, ignored.text()), (200, "hello"));
    assert_eq!(ignored.header("x-gmkerl-err-code"), Some("405"));
}

/// The head of a PNG that says how large it is, and nothing else.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut png = encoded(RgbaImage::new(1, 1), ImageFormat::Png);
    png[16..20].copy_from_slice(&width.to_be_bytes());
    png[20..24].copy_from_slice(&height.to_be_bytes());
    let crc = crc32fast::hash(&png[12..29]);
    png[29..33].copy_from_slice(&crc.to_be_bytes());
    png
}

#[test]
fn pictures_beyond_the_limits_are_not_decoded() {
    let server = gallery();
    server.put_object("/long.png", claims(20_001, 1)).unwrap();
    server
        .put_object("/many.png", claims(20_000, 10_001))
        .unwrap();
    let answer = public(&server, "/long.png!/fw/100");
    assert_eq!(
        (answer.status, &answer.json()["msg"]),
        (405, &"Image Width/Height Limit Error".into())
    );
    let answer = public(&server, "/many.png!/fw/100");
    assert_eq!(
        (answer.status, &answer.json()["msg"]),
        (409, &"Limit Exceeded".into())
    );
    let thumb = |content: Vec<u8>| put("/demo/x", content).header("x-gmkerl-thumb", "/fw/10");
    thumb(claims(20_001, 1)).refused(&server, (403, 40300021, "image limit exceeded"));
    thumb(claims(20_000, 10_001)).refused(&server, (403, 40300021, "image limit exceeded"));
    thumb(claims(100, 100)).refused(&server, (503, 50300015, "decode image info error"));
}

#[test]
fn uploads_are_processed_before_they_are_stored() {
    let server = gallery();
    let picture = encoded(quarters(1000, 600), ImageFormat::Png);
    let with = |text: &str| put("/demo/u.png", &picture).header("x-gmkerl-thumb", text);
    let answer = with("/fw/300/format/jpg")
        .header("Content-Type", "image/png")
        .ok(&server);
    let facts = [
        ("x-upyun-file-type", "JPEG"),
        ("x-upyun-frames", "1"),
        ("x-upyun-height", "180"),
        ("x-upyun-width", "300"),
    ];
    assert_eq!(answer.all("x-upyun-"), facts);
    let info = head("/demo/u.png").ok(&server);
    assert_eq!(info.header("content-type"), Some("image/jpeg"));
    let stored = image::load_from_memory(&server.get_object("/u.png").unwrap()).unwrap();
    assert_eq!((stored.width(), stored.height()), (300, 180));
    assert_eq!(
        with("small").ok(&server).header("x-upyun-width"),
        Some("100")
    );
    with("/fw/x")
        .refused(&server, (400, 40011002, "invalid x-gmkerl-value"))
        .says("fw is \"x\"");
    with("/info").refused(&server, (400, 40011035, "invalid param in thumb"));
    with("big").refused(
        &server,
        (403, 40300017, "no thumb setting found for bucket"),
    );
}

#[test]
fn forms_process_pictures_too() {
    let server = gallery();
    let picture = encoded(quarters(100, 60), ImageFormat::Png);
    let told = form("p.png", &picture)
        .with("x-gmkerl-thumb", "/fw/50/format/jpg")
        .accepted(&server);
    assert_eq!(
        (&told["image-width"], &told["image-type"]),
        (&50.into(), &"JPEG".into())
    );
    assert_eq!(told["mimetype"], "image/jpeg");
    let wrong = form("p.png", &picture).with("x-gmkerl-thumb", "/quality/0");
    wrong.refused(&server, (400, 40011004, "invalid x-gmkerl-quality"));
}

#[test]
fn services_have_separators_of_their_own() {
    let server = MockServer::builder()
        .configure(|config| {
            let mut demo = Service::new("demo".parse().unwrap());
            demo.separator = '_';
            config.services.push(demo);
        })
        .start_blocking()
        .unwrap();
    server
        .put_object("/p!.png", encoded(quarters(10, 10), ImageFormat::Png))
        .unwrap();
    assert_eq!(shown(&server, "/p!.png_/fw/5").width(), 5);
    assert_eq!(shown(&server, "/p!.png").width(), 10);
    let other = start();
    assert_eq!(public(&other, "/p.png_/fw/5").status, 404);
}
