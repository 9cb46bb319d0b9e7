//! The memory that all pictures share.

use crate::kit::Send as _;

use super::*;

/// A server whose pictures may take so much.
fn with_memory(bytes: u64) -> MockServer {
    MockServer::builder()
        .configure(|config| {
            config.limits.picture_memory_bytes = bytes;
            config.limits.tasks_at_once = 4;
        })
        .start_blocking()
        .unwrap()
}

fn gif(frames: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for frame in 0..frames {
        let shade = u8::try_from(frame).unwrap();
        let pixels = RgbaImage::from_pixel(400, 400, Rgba([shade, 0, 0, 255]));
        encoder.encode_frame(image::Frame::new(pixels)).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn pictures_that_need_more_are_too_large() {
    let server = with_memory(16_000_000);
    let check = |target: &str, status: u16| {
        let answer = public(&server, target);
        assert_eq!(answer.status, status, "{target}");
        if status == 409 {
            assert_eq!(answer.json()["msg"], "Limit Exceeded");
        }
    };
    let picture = |width, height| encoded(quarters(width, height), ImageFormat::Png);
    server
        .put_object("/large.png", picture(2000, 1100))
        .unwrap();
    server.put_object("/p.png", picture(1000, 600)).unwrap();
    check("/large.png!/fw/10", 409);
    check("/large.png!/info", 200);
    check("/large.png!/excolor/1", 406);
    check("/p.png!/fw/10", 200);
    // Results count,
    check("/p.png!/fw/3000", 409);
    check("/p.png!/canvas/1500x1500", 409);
    // watermarks do,
    check("/p.png!/watermark/url/L3AucG5n", 409);
    check("/p.png!/border/1x1", 200);
    // and the results of all frames, which are read one by one.
    server.put_object("/a.gif", gif(40)).unwrap();
    check("/a.gif!/fw/10", 200);
    check("/a.gif!/fw/390", 409);
    check("/a.gif!/fw/10/gifto/true", 200);
    check("/a.gif!/fw/10/format/jpg", 200);
    server.put_object("/b.gif", gif(8)).unwrap();
    check("/b.gif!/fw/10", 200);
    let upload = put("/demo/x.png", picture(2000, 1100)).header("x-gmkerl-thumb", "/fw/10");
    upload.refused(&server, (403, 40300021, "image limit exceeded"));
}

#[test]
fn pictures_wait_for_one_another() {
    let server = with_memory(40_000_000);
    server
        .put_object("/p.png", encoded(quarters(1200, 1000), ImageFormat::Png))
        .unwrap();
    std::thread::scope(|scope| {
        for width in 100..108 {
            let server = &server;
            scope.spawn(move || {
                let picture = shown(server, &format!("/p.png!/fw/{width}"));
                assert_eq!(picture.width(), width);
            });
        }
    });
}
