//! Watermarks of text.

use base64::Engine as _;

use super::*;

/// Where the ink of a text of this colour begins and ends: left, top, right, bottom.
fn box_of(picture: &RgbaImage, color: [u8; 3]) -> (u32, u32, u32, u32) {
    let inked = picture
        .enumerate_pixels()
        .filter(|(_, _, pixel)| pixel.0[..3] == color);
    let start = (u32::MAX, u32::MAX, 0, 0);
    inked.fold(start, |(left, top, right, bottom), (x, y, _)| {
        (left.min(x), top.min(y), right.max(x), bottom.max(y))
    })
}

fn marked(server: &MockServer, text: &str, parameters: &str) -> RgbaImage {
    let text = base64::prelude::BASE64_STANDARD
        .encode(text)
        .replace('/', "|");
    let target = format!("/white.png!/watermark/text/{text}/color/ff0000{parameters}");
    shown(server, &target).into_rgba8()
}

fn white() -> MockServer {
    let server = gallery();
    let white = RgbaImage::from_pixel(1000, 600, Rgba([255; 4]));
    server
        .put_object("/white.png", encoded(white, ImageFormat::Png))
        .unwrap();
    server
}

const RED: [u8; 3] = [255, 0, 0];

#[test]
fn text_stands_where_it_is_put() {
    let server = white();
    let at = |parameters: &str| box_of(&marked(&server, "HHH", parameters), RED);
    let (left, top, right, bottom) = at("");
    assert!(
        (20..30).contains(&left) && (20..35).contains(&top),
        "{left},{top}"
    );
    assert!(right < 130 && bottom < 60, "{right},{bottom}");
    let (_, _, right, bottom) = at("/align/southeast/margin/30x40");
    assert!((955..970).contains(&right) && (545..560).contains(&bottom));
    let (left, _, right, _) = at("/align/center/margin/0x0");
    assert!((left + right).abs_diff(1000) < 8, "{left} {right}");
    let (_, top, _, bottom) = at("/size/64");
    let (_, low, _, high) = at("/size/32");
    let double = f64::from(bottom - top + 1) / f64::from(high - low + 1);
    assert!((1.8..2.2).contains(&double), "{double}");
    // Fainter ink is pink.
    let faint = marked(&server, "HHH", "/opacity/50");
    assert_eq!(box_of(&faint, RED).0, u32::MAX);
    let is_pink = |pixel: &&Rgba<u8>| (126..=129).contains(&pixel.0[1]) && pixel.0[0] == 255;
    assert!(faint.pixels().filter(is_pink).count() > 20);
    let outlined = marked(&server, "HHH", "/border/00ff0000");
    assert_ne!(box_of(&outlined, [0, 255, 0]).0, u32::MAX);
}

#[test]
fn every_font_of_the_service_can_be_named() {
    let server = white();
    for font in [
        "simsun",
        "simhei",
        "simkai",
        "simli",
        "simyou",
        "simfang",
        "sc",
        "tc",
        "arial",
        "georgia",
        "helvetica",
        "roman",
    ] {
        let picture = marked(&server, "又拍云 a", &format!("/font/{font}"));
        let (left, _, right, _) = box_of(&picture, RED);
        assert!(right > left, "{font}");
    }
}

#[test]
fn animations_are_marked_only_if_that_is_asked_for() {
    let server = white();
    let mut gif = Vec::new();
    {
        let mut encoder = image::codecs::gif::GifEncoder::new(&mut gif);
        for shade in [200, 220] {
            let pixels = RgbaImage::from_pixel(200, 100, Rgba([shade, shade, shade, 255]));
            encoder.encode_frame(image::Frame::new(pixels)).unwrap();
        }
    }
    server.put_object("/white.png", gif).unwrap();
    let dark = |picture: RgbaImage| picture.pixels().filter(|it| it.0[1] < 100).count();
    assert_eq!(dark(marked(&server, "HHH", "")), 0);
    assert!(dark(marked(&server, "HHH", "/animate/true")) > 20);
}
