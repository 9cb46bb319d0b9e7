//! What pictures tell: EXIF, IPTC, colour profiles, theme colours, faces.

use serde_json::json;

use super::*;

/// A JPEG with an APP1 of EXIF: a maker, an orientation, an exposure time.
pub(super) fn photograph(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x03\0".to_vec();
    // Make, ASCII, 6 bytes at 50.
    tiff.extend([0x0f, 0x01, 2, 0, 6, 0, 0, 0, 50, 0, 0, 0]);
    // Orientation, SHORT.
    tiff.extend([0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    // XResolution, RATIONAL at 56.
    tiff.extend([0x1a, 0x01, 5, 0, 1, 0, 0, 0, 56, 0, 0, 0]);
    tiff.extend([0; 4]);
    tiff.extend(b"Canon\0");
    tiff.extend([72, 0, 0, 0, 1, 0, 0, 0]);
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(tiff);
    let length = u16::try_from(segment.len() + 2).unwrap();
    let jpeg = encoded(quarters(100, 60), ImageFormat::Jpeg);
    let mut photograph = jpeg[..2].to_vec();
    photograph.extend([0xff, 0xe1]);
    photograph.extend(length.to_be_bytes());
    photograph.extend(segment);
    photograph.extend(&jpeg[2..]);
    photograph
}

#[test]
fn photographs_tell_how_they_were_taken() {
    let server = gallery();
    server.put_object("/p.jpg", photograph(6)).unwrap();
    let meta = public(&server, "/p.jpg!/meta").json();
    assert_eq!(
        (&meta["width"], &meta["type"]),
        (&100.into(), &"JPEG".into())
    );
    assert_eq!(meta["EXIF"]["Make"], "Canon");
    assert_eq!(meta["EXIF"]["Orientation"], "6");
    assert_eq!(meta["EXIF"]["XResolution"], "72/1");
    assert_eq!(
        public(&server, "/p.png!/meta").json()["EXIF"],
        serde_json::json!({})
    );
    server.put_object("/a.txt", "hello").unwrap();
    assert_eq!(public(&server, "/a.txt!/meta").status, 406);
    // What is processed says nothing any more unless it is asked to.
    let stripped = public(&server, "/p.jpg!/fw/50").body;
    server.put_object("/stripped.jpg", stripped).unwrap();
    assert_eq!(
        public(&server, "/stripped.jpg!/meta").json()["EXIF"],
        serde_json::json!({})
    );
    let kept = public(&server, "/p.jpg!/fw/50/exifswitch/true").body;
    server.put_object("/kept.jpg", kept).unwrap();
    assert_eq!(
        public(&server, "/kept.jpg!/meta").json()["EXIF"]["Make"],
        "Canon"
    );
    let upright = shown(&server, "/p.jpg!/rotate/auto");
    assert_eq!((upright.width(), upright.height()), (60, 100));
    let [red, ..] = upright.into_rgba8().get_pixel(55, 5).0;
    assert!(red > 200, "the top left is at the top right now");
}

#[test]
fn an_upright_picture_says_that_it_is() {
    let server = gallery();
    server.put_object("/p.jpg", photograph(6)).unwrap();
    let upright = public(&server, "/p.jpg!/rotate/auto/exifswitch/true").body;
    server.put_object("/u.jpg", upright).unwrap();
    let meta = public(&server, "/u.jpg!/meta").json();
    assert_eq!((&meta["width"], &meta["height"]), (&60.into(), &100.into()));
    assert_eq!(meta["EXIF"]["Orientation"], "1");
    // Who strips keeps nothing.
    let stripped = public(&server, "/p.jpg!/fw/50/exifswitch/true/strip/true").body;
    server.put_object("/s.jpg", stripped).unwrap();
    assert_eq!(public(&server, "/s.jpg!/meta").json()["EXIF"], json!({}));
    for (format, turned) in [("png", "1"), ("webp", "1")] {
        let text = format!("/p.jpg!/rotate/auto/exifswitch/true/format/{format}");
        server
            .put_object("/f", public(&server, &text).body)
            .unwrap();
        let meta = public(&server, "/f!/meta").json();
        assert_eq!(meta["EXIF"]["Orientation"], turned, "{format}");
    }
}

/// A picture with a colour profile and IPTC.
fn press_photo() -> Vec<u8> {
    let jpeg = encoded(quarters(100, 60), ImageFormat::Jpeg);
    let mut icc = b"ICC_PROFILE\0\x01\x01".to_vec();
    let mut profile = vec![0; 200];
    profile[16..20].copy_from_slice(b"RGB ");
    profile[199] = 7;
    icc.extend(profile);
    let mut iptc = Vec::new();
    for (number, text) in [(25, "a"), (25, "b"), (90, "Hangzhou")] {
        iptc.extend([0x1c, 2, number, 0, u8::try_from(text.len()).unwrap()]);
        iptc.extend(text.as_bytes());
    }
    let mut block = b"Photoshop 3.0\08BIM\x04\x04\0\0\0\0\0".to_vec();
    block.push(u8::try_from(iptc.len()).unwrap());
    block.extend(iptc);
    let mut photo = jpeg[..2].to_vec();
    for (marker, content) in [(0xe2, icc), (0xed, block)] {
        photo.extend([0xff, marker]);
        photo.extend(u16::try_from(content.len() + 2).unwrap().to_be_bytes());
        photo.extend(content);
    }
    photo.extend(&jpeg[2..]);
    photo
}

#[test]
fn press_photos_tell_iptc() {
    let server = gallery();
    server.put_object("/n.jpg", press_photo()).unwrap();
    let iptc = json!({"Keywords": "a,b", "City": "Hangzhou"});
    assert_eq!(
        public(&server, "/n.jpg!/meta/iptc").json(),
        json!({"width": 100, "height": 60, "type": "JPEG", "frames": 1, "IPTC": iptc})
    );
    let all = public(&server, "/n.jpg!/meta/all").json();
    assert_eq!((&all["EXIF"], &all["IPTC"]), (&json!({}), &iptc));
    assert_eq!(
        public(&server, "/p.png!/meta/iptc").json()["IPTC"],
        json!({})
    );
    server.put_object("/a.txt", "hello").unwrap();
    assert_eq!(public(&server, "/a.txt!/meta/iptc").status, 406);
}

#[test]
fn colour_profiles_are_handed_on_unless_told_otherwise() {
    let server = gallery();
    server.put_object("/n.jpg", press_photo()).unwrap();
    let profile = |text: &str| {
        let body = public(&server, &format!("/n.jpg!/fw/50{text}")).body;
        let reader = image::ImageReader::new(Cursor::new(body));
        let mut decoder = reader
            .with_guessed_format()
            .unwrap()
            .into_decoder()
            .unwrap();
        image::ImageDecoder::icc_profile(&mut decoder).unwrap()
    };
    for format in [
        "",
        "/format/png",
        "/format/webp",
        "/format/webp/lossless/true",
    ] {
        assert_eq!(profile(format).map(|it| it[199]), Some(7), "{format}");
    }
    assert_eq!(profile("/noicc/true"), None);
    assert_eq!(profile("/strip/true"), None);
    // The result is no CMYK picture any more.
    let mut other = press_photo();
    let at = other.windows(4).position(|it| it == b"RGB ").unwrap();
    other[at..at + 4].copy_from_slice(b"CMYK");
    server.put_object("/n.jpg", other).unwrap();
    assert_eq!(profile(""), None);
}

#[test]
fn theme_colours_most_frequent_first() {
    let server = gallery();
    let mut flat = RgbaImage::from_pixel(10, 10, Rgba([0xff, 0, 0xaa, 255]));
    for x in 0..10 {
        flat.put_pixel(x, 0, Rgba([0x10, 0x20, 0x30, 255]));
    }
    server
        .put_object("/f.png", encoded(flat, ImageFormat::Png))
        .unwrap();
    let asked = |text: &str| public(&server, &format!("/f.png!{text}"));
    assert_eq!(
        asked("/excolor/2/exformat/hex").text(),
        r#"["0xff00aa","0x102030"]"#
    );
    assert_eq!(asked("/excolor/2").text(), "[16711850,1056816]");
    assert_eq!(asked("/exformat/dec").text(), "[16711850,1056816]");
    assert_eq!(asked("/excolor/1").json().as_array().unwrap().len(), 1);
    assert_eq!(
        asked("/excolor/2").header("content-type"),
        Some("application/json")
    );
    server.put_object("/a.txt", "hello").unwrap();
    assert_eq!(public(&server, "/a.txt!/excolor/2").status, 406);
}

#[test]
fn faces_are_looked_for_in_small_pictures_only() {
    let server = gallery();
    assert_eq!(
        public(&server, "/p.png!/face/detection").text(),
        r#"{"size":[1000,600],"face":[]}"#
    );
    let mut large = encoded(quarters(10, 10), ImageFormat::Png);
    large.resize(8 * 1024 * 1024 + 1, 0);
    server.put_object("/large.png", large).unwrap();
    assert_eq!(public(&server, "/large.png!/face/detection").status, 413);
    assert_eq!(public(&server, "/none.png!/face/detection").status, 404);
}
