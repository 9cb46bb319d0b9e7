//! Formats that pictures are read and written in.

use crate::kit::Send as _;

use super::*;

#[test]
fn formats_are_converted() {
    let server = gallery();
    for (format, kind) in [
        ("jpg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
    ] {
        let answer = public(&server, &format!("/p.png!/fw/50/format/{format}"));
        assert_eq!(answer.header("content-type"), Some(kind));
        assert_eq!(image::load_from_memory(&answer.body).unwrap().width(), 50);
    }
    let bmp = encoded(quarters(20, 20), ImageFormat::Bmp);
    server.put_object("/a.bmp", bmp).unwrap();
    let answer = public(&server, "/a.bmp!/fw/10");
    assert_eq!(answer.header("content-type"), Some("image/jpeg"));
    let low = public(&server, "/p.png!/format/jpg/quality/1").body.len();
    let high = public(&server, "/p.png!/format/jpg/quality/99").body.len();
    assert!(low < high, "{low} {high}");
    let asked = request("HEAD", "/p.png!/fw/50")
        .unsigned()
        .host("demo.b0.upaiyun.com");
    assert_eq!(
        asked.send(&server).header("content-type"),
        Some("image/png")
    );
}

#[test]
fn animations_stay_animations() {
    let server = gallery();
    let mut gif = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
        for shade in [0, 100, 200] {
            let pixels = RgbaImage::from_pixel(40, 20, Rgba([shade, shade, shade, 255]));
            encoder.encode_frame(image::Frame::new(pixels)).unwrap();
        }
    }
    server.put_object("/a.gif", gif).unwrap();
    let info = |target: &str| public(&server, target).text().to_owned();
    assert_eq!(
        info("/a.gif!/info"),
        r#"{"width":40,"height":20,"type":"GIF","frames":3}"#
    );
    let half = public(&server, "/a.gif!/fw/20");
    assert_eq!(half.header("content-type"), Some("image/gif"));
    server.put_object("/half.gif", half.body).unwrap();
    assert_eq!(
        info("/half.gif!/info"),
        r#"{"width":20,"height":10,"type":"GIF","frames":3}"#
    );
    server
        .put_object("/first.gif", public(&server, "/a.gif!/gifto/true").body)
        .unwrap();
    assert_eq!(
        info("/first.gif!/info"),
        r#"{"width":40,"height":20,"type":"GIF","frames":1}"#
    );
    assert_eq!(shown(&server, "/a.gif!/format/png").width(), 40);
    assert_eq!(info("/a.gif!exif.json"), info("/a.gif!/info"));
}

/// Width, height, format and frames.
fn facts(server: &MockServer, content: Vec<u8>) -> (u64, u64, String, u64) {
    server.put_object("/facts", content).unwrap();
    let info = public(server, "/facts!/info").json();
    let number = |name: &str| info[name].as_u64().unwrap();
    let kind = info["type"].as_str().unwrap().to_owned();
    (number("width"), number("height"), kind, number("frames"))
}

/// Three shades of grey, shown 40, 80 and 40 milliseconds.
fn animation() -> Vec<u8> {
    let mut gif = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
        encoder
            .set_repeat(image::codecs::gif::Repeat::Finite(3))
            .unwrap();
        for (shade, pause) in [(0, 40), (100, 80), (200, 40)] {
            let pixels = RgbaImage::from_fn(40, 20, |x, y| match x < 20 && y < 10 {
                true => Rgba([shade, shade, shade, 255]),
                false => Rgba([9, 9, 9, 255]),
            });
            let pause = image::Delay::from_numer_denom_ms(pause, 1);
            let frame = image::Frame::from_parts(pixels, 0, 0, pause);
            encoder.encode_frame(frame).unwrap();
        }
    }
    gif
}

#[test]
fn webp_with_and_without_loss() {
    let server = gallery();
    let noise = RgbaImage::from_fn(120, 80, |x, y| {
        let shade = u8::try_from((x * 7919 + y * 104_729) % 251).unwrap();
        Rgba([shade, shade.wrapping_mul(3), shade.wrapping_mul(7), 255])
    });
    let png = encoded(noise.clone(), ImageFormat::Png);
    server.put_object("/noise.png", png).unwrap();
    let exact = shown(&server, "/noise.png!/format/webp/lossless/true");
    assert_eq!(exact.into_rgba8(), noise);
    let size = |text: &str| {
        public(&server, &format!("/noise.png!/format/webp{text}"))
            .body
            .len()
    };
    let (low, middle, high) = (size("/quality/10"), size(""), size("/quality/95"));
    assert!(low < middle && middle < high, "{low} {middle} {high}");
    let lossy = shown(&server, "/noise.png!/format/webp").into_rgba8();
    assert_eq!(lossy.dimensions(), (120, 80));
    assert_ne!(lossy, noise);
}

#[test]
fn animations_change_their_format() {
    use image::AnimationDecoder as _;
    let server = gallery();
    server.put_object("/a.gif", animation()).unwrap();
    let webp = public(&server, "/a.gif!/fw/20/format/webp/lossless/true");
    assert_eq!(webp.header("content-type"), Some("image/webp"));
    assert_eq!(
        facts(&server, webp.body.clone()),
        (20, 10, "WEBP".into(), 3)
    );
    let decoder = image::codecs::webp::WebPDecoder::new(Cursor::new(&webp.body)).unwrap();
    let loops = decoder.loop_count();
    assert!(matches!(loops, image::metadata::LoopCount::Finite(times) if times.get() == 3));
    let frames = decoder.into_frames().collect_frames().unwrap();
    let pause = |frame: &image::Frame| frame.delay().numer_denom_ms().0;
    assert_eq!((pause(&frames[0]), pause(&frames[1])), (40, 80));
    // And on from there, all frames or one.
    server.put_object("/a.webp", webp.body).unwrap();
    let half = public(&server, "/a.webp!/fw/10").body;
    assert_eq!(facts(&server, half), (10, 5, "WEBP".into(), 3));
    let first = public(&server, "/a.webp!/gifto/true").body;
    assert_eq!(facts(&server, first), (20, 10, "WEBP".into(), 1));
    let jpeg = public(&server, "/a.webp!/format/jpg").body;
    assert_eq!(facts(&server, jpeg), (20, 10, "JPEG".into(), 1));
}

#[test]
fn what_frames_share_need_not_be_filled_in() {
    use image::AnimationDecoder as _;
    let server = gallery();
    server.put_object("/a.gif", animation()).unwrap();
    let frames = |text: &str| {
        let answer = public(&server, &format!("/a.gif!/fw/40{text}"));
        let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(&answer.body)).unwrap();
        let frames = decoder.into_frames().collect_frames().unwrap();
        let shade = |frame: &image::Frame| frame.buffer().get_pixel(5, 5).0[0];
        let shades: Vec<u8> = frames.iter().map(shade).collect();
        assert_eq!(frames[2].buffer().get_pixel(30, 15).0, [9, 9, 9, 255]);
        (answer.body.len(), shades)
    };
    let (whole, shades) = frames("");
    assert_eq!(shades, [0, 100, 200]);
    let (less, same) = frames("/coalesce/false");
    assert_eq!(same, shades);
    assert!(less <= whole, "{less} {whole}");
}

#[test]
fn drawings_become_png() {
    let server = gallery();
    let svg = r##"<?xml version="1.0"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="200" height="100">
        <rect width="100" height="100" fill="#ff0000"/>
        <image href="/etc/hostname" width="50" height="50"/>
        <text x="120" y="50" font-size="40">g</text></svg>"##;
    server.put_object("/d.svg", svg).unwrap();
    assert_eq!(
        public(&server, "/d.svg!/info").text(),
        r#"{"width":200,"height":100,"type":"SVG","frames":1}"#
    );
    let answer = public(&server, "/d.svg!/fw/100");
    assert_eq!(answer.header("content-type"), Some("image/png"));
    let drawn = image::load_from_memory(&answer.body).unwrap().into_rgba8();
    assert_eq!(drawn.dimensions(), (100, 50));
    assert_eq!(drawn.get_pixel(10, 10).0, [255, 0, 0, 255]);
    assert_eq!(drawn.get_pixel(95, 45).0, [0; 4]);
    let has_ink = |pixel: &Rgba<u8>| pixel.0[0] < 100 && pixel.0[3] > 200;
    assert!(drawn.pixels().any(has_ink), "the letter is there");
    let told = put("/demo/d.svg", svg).ok(&server);
    assert_eq!(told.header("x-upyun-file-type"), Some("SVG"));
    let large = svg.replace("width=\"200\"", "width=\"20001\"");
    server.put_object("/large.svg", large).unwrap();
    assert_eq!(public(&server, "/large.svg!/fw/10").status, 405);
    server.put_object("/cut.svg", &svg[..100]).unwrap();
    assert_eq!(public(&server, "/cut.svg!/fw/10").status, 405);
}

#[test]
fn smaller_files_of_the_same_picture() {
    let server = gallery();
    let photo = RgbaImage::from_fn(300, 200, |x, y| {
        let wave = f64::from(x) / 9.0 + (f64::from(y) / 7.0).sin() * 3.0;
        let shade = (wave.sin() * 100.0 + 120.0) as u8;
        Rgba([shade, shade / 2, 255 - shade, 255])
    });
    let png = encoded(photo, ImageFormat::Png);
    server.put_object("/w.png", png).unwrap();
    let body = |text: &str| public(&server, &format!("/w.png!{text}")).body;
    let is_progressive = |jpeg: &[u8]| jpeg.windows(2).any(|it| it == [0xff, 0xc2]);
    assert!(is_progressive(&body("/format/jpg/progressive/true")));
    assert!(!is_progressive(&body("/format/jpg")));
    assert!(body("/format/jpg/compress/true").len() < body("/format/jpg").len());
    let palette = body("/compress/true/fw/300");
    assert!(palette.len() < body("/fw/300").len());
    let near = image::load_from_memory(&palette).unwrap().into_rgb8();
    let exact = shown(&server, "/w.png!/fw/300").into_rgb8();
    let far = near
        .iter()
        .zip(exact.iter())
        .map(|(a, b)| u64::from(a.abs_diff(*b)));
    let mean = far.sum::<u64>() as f64 / (300.0 * 200.0 * 3.0);
    assert!(mean < 6.0, "{mean}");
    // Few colours are kept exactly.
    let few = shown(&server, "/p.png!/compress/true").into_rgba8();
    assert_eq!(few, quarters(1000, 600));
}
