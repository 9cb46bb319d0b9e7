//! The headers and members of old, and what uploads can ask.

use crate::kit::Send as _;

use serde_json::json;

use super::*;

fn upload(headers: &[(&str, &str)]) -> crate::kit::Request {
    let picture = encoded(quarters(1000, 600), ImageFormat::Png);
    let plain = put("/demo/o.png", picture);
    headers
        .iter()
        .fold(plain, |request, (name, value)| request.header(name, value))
}

#[track_caller]
fn stored(server: &MockServer, headers: &[(&str, &str)]) -> (u32, u32) {
    let answer = upload(headers).ok(server);
    let stored = image::load_from_memory(&server.get_object("/o.png").unwrap()).unwrap();
    let size = (stored.width(), stored.height());
    let told = |name| answer.header(name).unwrap().parse().unwrap();
    assert_eq!((told("x-upyun-width"), told("x-upyun-height")), size);
    size
}

#[test]
fn types_of_scaling() {
    let server = gallery();
    for (kind, value, size) in [
        ("fix_width", "300", (300, 180)),
        ("fix_height", "200", (333, 200)),
        ("fix_width_or_height", "300x200", (300, 180)),
        ("fix_width_or_height", "3000x2000", (1000, 600)),
        ("fix_both", "300x200", (300, 200)),
        ("fix_both", "1500x1000", (1500, 1000)),
        ("fix_max", "200", (200, 120)),
        ("fix_min", "200", (333, 200)),
        ("fix_scale", "50", (500, 300)),
        ("square", "300", (300, 300)),
    ] {
        let headers = [("x-gmkerl-type", kind), ("x-gmkerl-value", value)];
        assert_eq!(stored(&server, &headers), size, "{kind} {value}");
    }
    // The picture that is too small was stretched, not cut: its middle is where the quarters meet.
    stored(
        &server,
        &[
            ("x-gmkerl-type", "fix_both"),
            ("x-gmkerl-value", "1200x1200"),
        ],
    );
    let stretched = image::load_from_memory(&server.get_object("/o.png").unwrap()).unwrap();
    let stretched = stretched.into_rgb8();
    assert!(stretched.get_pixel(590, 100).0[0] > 250);
    assert!(stretched.get_pixel(620, 100).0[0] < 5);
}

#[test]
fn everything_else_of_old() {
    let server = gallery();
    let size = |headers: &[(&str, &str)]| stored(&server, headers);
    assert_eq!(size(&[("x-gmkerl-rotate", "90")]), (600, 1000));
    // The example of the Python SDK.
    assert_eq!(size(&[("x-gmkerl-rotate", "180")]), (1000, 600));
    assert_eq!(size(&[("x-gmkerl-crop", "0,0,100,200")]), (100, 200));
    assert_eq!(size(&[("x-gmkerl-crop", "300x200a80a60")]), (300, 200));
    assert_eq!(size(&[("x-gmkerl-thumbnail", "small")]), (100, 60));
    let both = [
        ("x-gmkerl-thumbnail", "small"),
        ("x-gmkerl-type", "fix_width"),
        ("x-gmkerl-value", "200"),
    ];
    assert_eq!(size(&both), (200, 120));
    assert_eq!(size(&[("x-gmkerl-canvas", "1200x700")]), (1200, 700));
    let new_wins = [
        ("x-gmkerl-thumb", "/fw/10"),
        ("x-gmkerl-type", "fix_nonsense"),
    ];
    assert_eq!(size(&new_wins), (10, 6));
    // A value without its type is useless, and unknown parameters are ignored.
    let useless = [("x-gmkerl-value", "300"), ("x-gmkerl-magic", "1")];
    assert_eq!(size(&useless), (1000, 600));
    size(&[("x-gmkerl-format", "jpg"), ("x-gmkerl-noicc", "true")]);
    let info = head("/demo/o.png").ok(&server);
    assert_eq!(info.header("content-type"), Some("image/jpeg"));
}

#[test]
fn watermarks_of_old_are_text() {
    let server = gallery();
    let headers = [
        ("x-gmkerl-watermark-text", "UPYUN%20%E4%BA%91"),
        ("x-gmkerl-watermark-align", "bottom,right"),
        ("x-gmkerl-watermark-color", "#0000ff"),
        ("x-gmkerl-watermark-size", "64"),
        ("x-gmkerl-watermark-margin", "10,10"),
    ];
    stored(&server, &headers);
    let marked = image::load_from_memory(&server.get_object("/o.png").unwrap()).unwrap();
    let marked = marked.into_rgb8();
    let blue = |x, y| marked.get_pixel(x, y).0 == [0, 0, 255];
    let near_corner = (600..990).any(|x| (500..590).any(|y| blue(x, y)));
    assert!(near_corner);
    assert!(!(500..1000).any(|x| (300..450).any(|y| blue(x, y))));
}

#[test]
fn wrong_values_of_old_have_their_codes() {
    let server = gallery();
    for (name, code) in [
        ("type", (400, 40011001, "invalid x-gmkerl-type")),
        ("unsharp", (400, 40011003, "invalid x-gmkerl-unsharp")),
        ("quality", (400, 40011004, "invalid x-gmkerl-quality")),
        (
            "exif-switch",
            (400, 40011005, "invalid x-gmkerl-exif-switch"),
        ),
        ("gifto", (400, 40011006, "invalid x-gmkerl-gifto")),
        ("webp", (400, 40011007, "invalid x-gmkerl-webp")),
        ("format", (400, 40011008, "invalid x-gmkerl-format")),
        ("crop", (400, 40011009, "invalid x-gmkerl-crop")),
        ("rotate", (400, 40011010, "invalid x-gmkerl-rotate")),
        ("gaussblur", (400, 40011011, "invalid x-gmkerl-gaussblur")),
        ("compress", (400, 40011012, "invalid x-gmkerl-compress")),
        (
            "progressive",
            (400, 40011013, "invalid x-gmkerl-progressive"),
        ),
        ("noicc", (400, 40011014, "invalid x-gmkerl-noicc")),
        (
            "watermark-switch",
            (400, 40011015, "invalid x-gmkerl-watermark-switch"),
        ),
        (
            "watermark-align",
            (400, 40011016, "invalid x-gmkerl-watermark-align"),
        ),
        (
            "watermark-margin",
            (400, 40011017, "invalid x-gmkerl-watermark-margin"),
        ),
        (
            "watermark-opacity",
            (400, 40011018, "invalid x-gmkerl-watermark-opacity"),
        ),
        (
            "watermark-animate",
            (400, 40011019, "invalid x-gmkerl-watermark-animate"),
        ),
        (
            "watermark-font",
            (400, 40011020, "invalid x-gmkerl-watermark-font"),
        ),
        (
            "watermark-color",
            (400, 40011022, "invalid x-gmkerl-watermark-color"),
        ),
        (
            "watermark-border",
            (400, 40011023, "invalid x-gmkerl-watermark-border"),
        ),
        (
            "watermark-size",
            (400, 40011024, "invalid x-gmkerl-watermark-size"),
        ),
        (
            "gradient-orientation",
            (400, 40011025, "invalid x-gmkerl-gradient-orientation"),
        ),
        (
            "gradient-pos",
            (400, 40011026, "invalid x-gmkerl-gradient-pos"),
        ),
        (
            "gradient-startcolor",
            (400, 40011027, "invalid x-gmkerl-gradient-startcolor"),
        ),
        (
            "gradient-stopcolor",
            (400, 40011028, "invalid x-gmkerl-gradient-stopcolor"),
        ),
        (
            "extract-func",
            (400, 40011029, "invalid x-gmkerl-extract-func"),
        ),
        (
            "extract-format",
            (400, 40011029, "invalid x-gmkerl-extract-func"),
        ),
        (
            "extract-color-count",
            (400, 40011030, "invalid x-gmkerl-extract-color-count"),
        ),
        ("canvas", (400, 40011033, "invalid x-gmkerl-canvas")),
        (
            "canvas-color",
            (400, 40011034, "invalid x-gmkerl-canvas-color"),
        ),
        (
            "thumbnail",
            (403, 40300017, "no thumb setting found for bucket"),
        ),
    ] {
        let name = format!("x-gmkerl-{name}");
        let refused = upload(&[(&name, "?")]).refused(&server, code);
        assert!(refused.entry.explanation.is_some(), "{name}");
    }
    let valueless = upload(&[("x-gmkerl-type", "fix_max")]);
    valueless.refused(&server, (400, 40011002, "invalid x-gmkerl-value"));
    upload(&[("x-gmkerl-watermark-text", "%ff")])
        .refused(&server, (400, 40011021, "invalid x-gmkerl-watermark-text"));
}

#[test]
fn uploads_can_ask() {
    let server = gallery();
    let colors = upload(&[
        ("x-gmkerl-type", "get_theme_color"),
        ("x-gmkerl-extract-color-count", "4"),
        ("x-gmkerl-thumb", "/fw/10"),
    ]);
    let answer = colors.ok(&server);
    assert_eq!(
        answer.json(),
        json!({"theme_color": ["0x0000ff", "0x00ff00", "0xff0000", "0xffff00"]})
    );
    assert_eq!(answer.header("x-upyun-width"), Some("10"));
    let photo = super::told::photograph(6);
    let meta = put("/demo/p.jpg", photo).header("x-gmkerl-type", "get_meta");
    assert_eq!(meta.ok(&server).json()["EXIF"]["Make"], "Canon");
    let text = put("/demo/a.txt", "hello").header("x-gmkerl-type", "get_meta");
    text.refused(&server, (403, 40300018, "not an image"));
}

#[test]
fn members_of_policies_are_texts() {
    let server = gallery();
    let picture = encoded(quarters(100, 60), ImageFormat::Png);
    let told = form("p.png", &picture)
        .with("x-gmkerl-type", "get_theme_color")
        .with("x-gmkerl-extract-color-count", "1")
        .accepted(&server);
    let colors = told["theme_color"].as_array().unwrap();
    assert!(colors.len() == 1 && colors[0].is_u64(), "{told}");
    let told = form("p.png", &picture)
        .with("x-gmkerl-type", "get_meta")
        .accepted(&server);
    assert_eq!(told["EXIF"], json!({}));
    let told = form("p.png", &picture)
        .with("x-gmkerl-type", "fix_width")
        .with("x-gmkerl-value", "50")
        .accepted(&server);
    assert_eq!(told["image-width"], 50);
    form("p.png", &picture)
        .with("x-gmkerl-unsharp", true)
        .refused(&server, (400, 40011003, "invalid x-gmkerl-unsharp"));
    form("p.png", &picture)
        .with("x-gmkerl-thumb", true)
        .refused(&server, (400, 40011035, "invalid param in thumb"));
    form("a.txt", b"hello")
        .with("x-gmkerl-rotate", "90")
        .refused(&server, (403, 40300018, "not an image"));
}

#[test]
fn what_cannot_be_processed_can_be_stored_as_it_is() {
    let server = gallery();
    let broken = claims(100, 100);
    let kept = put("/demo/x.png", &broken).header("x-gmkerl-thumb", "/fw/10/ignore-error/true");
    kept.ok(&server);
    assert_eq!(server.get_object("/x.png").unwrap(), broken);
}
