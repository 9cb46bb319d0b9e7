use proptest::prelude::*;

use super::*;
use crate::image::recipe::{Format, Region, Scaling};

#[track_caller]
fn look(text: &str) -> Recipe {
    match parse(text) {
        Ok(Wanted::Look(recipe)) => *recipe,
        other => panic!("{text}: {other:?}"),
    }
}

#[track_caller]
fn refused(text: &str, code: ErrorCode) {
    assert_eq!(parse(text).map_err(|wrong| wrong.code), Err(code), "{text}");
}

#[test]
fn the_documented_compositions() {
    let recipe = look("/fw/300/unsharp/true/quality/80/format/png");
    assert_eq!(recipe.scaling, Some(Scaling::Width(300)));
    assert!(recipe.unsharp);
    assert_eq!(
        (recipe.output.quality, recipe.output.format),
        (Some(80), Some(Format::Png))
    );
    let recipe = look("/crop/300x200a80s60/gravity/center/fw/150");
    let region = Region {
        width: 300,
        height: 200,
        offset: (80, -60),
        gravity: Gravity::Center,
    };
    assert_eq!(recipe.crop, Some(region));
    let two = "/watermark/text/5L2g5aW977yB/font/simhei/watermark/url/L2RvY3MvY2xvdWQvdXB5dW4tbG9nby5wbmc=/align/southeast";
    let [text, picture] = &look(two).watermarks[..] else {
        panic!("two watermarks");
    };
    assert!(
        matches!(&text.what, Mark::Text { text, font, .. } if text == "你好！" && font == "simhei")
    );
    assert!(
        matches!(&picture.what, Mark::Picture { path, .. } if path == "/docs/cloud/upyun-logo.png")
    );
    assert_eq!(
        (text.align, picture.align),
        (Gravity::NorthWest, Gravity::SouthEast)
    );
    let coded = "/watermark/text/YT8|bz4|";
    assert!(matches!(&look(coded).watermarks[0].what, Mark::Text { text, .. } if text == "a??o>?"));
}

#[test]
fn a_border_is_a_frame_or_an_outline() {
    let recipe = look("/watermark/text/YQ==/border/FF000000/border/3x2/brdcolor/00FF007F");
    assert_eq!(recipe.border, Some((3, 2)));
    assert_eq!(recipe.border_color, Some(Color([0, 255, 0, 128])));
    let outline = Some(Color([255, 0, 0, 255]));
    assert!(matches!(&recipe.watermarks[0].what, Mark::Text { outline: it, .. } if *it == outline));
    let none = look("/watermark/text/YQ==/border/FFFFFFFF");
    assert!(matches!(
        &none.watermarks[0].what,
        Mark::Text { outline: None, .. }
    ));
    refused("/border/FF000000", ErrorCode::INVALID_CANVAS);
    // The group has ended with another key.
    refused(
        "/watermark/text/YQ==/fw/10/size/20",
        ErrorCode::INVALID_PARAM_IN_THUMB,
    );
}

#[test]
fn the_last_counts_and_versions_give_way() {
    assert_eq!(look("/fw/1/fh/2").scaling, Some(Scaling::Height(2)));
    let version = look("/fw/100/quality/50");
    let Ok(Wanted::Look(both)) = parse_onto(version, "/fw/500") else {
        panic!("a look");
    };
    assert_eq!(both.scaling, Some(Scaling::Width(500)));
    assert_eq!(both.output.quality, Some(50));
}

#[test]
fn questions_stand_alone() {
    let asked = |text: &str| match parse(text) {
        Ok(Wanted::Answer(question)) => question,
        other => panic!("{text}: {other:?}"),
    };
    assert_eq!(asked("/info"), Question::Info);
    assert_eq!(asked("/meta"), Question::Exif);
    assert_eq!(asked("/meta/iptc"), Question::Iptc);
    assert_eq!(asked("/meta/all"), Question::All);
    assert_eq!(asked("/face/detection"), Question::Faces);
    let two = Question::Colors {
        count: 2,
        is_hex: true,
    };
    assert_eq!(asked("/excolor/2/exformat/hex"), two);
    let default = Question::Colors {
        count: 256,
        is_hex: false,
    };
    assert_eq!(asked("/exformat/dec"), default);
    refused("/info/fw/100", ErrorCode::INVALID_PARAM_IN_THUMB);
    refused("/excolor/2/fw/100", ErrorCode::INVALID_PARAM_IN_THUMB);
    refused("/fw/100/info", ErrorCode::INVALID_PARAM_IN_THUMB);
}

#[test]
fn every_parameter_has_its_own_code() {
    use ErrorCode as Code;
    for (text, code) in [
        ("", Code::INVALID_PARAM_IN_THUMB),
        ("/", Code::INVALID_PARAM_IN_THUMB),
        ("fw/100", Code::INVALID_PARAM_IN_THUMB),
        ("/fw", Code::INVALID_PARAM_IN_THUMB),
        ("/fw/100/", Code::INVALID_PARAM_IN_THUMB),
        ("/magic/1", Code::INVALID_PARAM_IN_THUMB),
        ("/FW/100", Code::INVALID_PARAM_IN_THUMB),
        ("/fw/0", Code::INVALID_VALUE),
        ("/fw/+1", Code::INVALID_VALUE),
        ("/fw/20001", Code::INVALID_VALUE),
        ("/scale/1001", Code::INVALID_VALUE),
        ("/fp/25000001", Code::INVALID_VALUE),
        ("/both/100", Code::INVALID_VALUE),
        ("/both/100X100", Code::INVALID_VALUE),
        ("/force/1", Code::INVALID_VALUE),
        ("/unsharp/True", Code::INVALID_UNSHARP),
        ("/quality/100", Code::INVALID_QUALITY),
        ("/exifswitch/x", Code::INVALID_EXIF_SWITCH),
        ("/gifto/x", Code::INVALID_GIFTO),
        ("/lossless/x", Code::INVALID_WEBP),
        ("/format/gif", Code::INVALID_FORMAT),
        ("/crop/300", Code::INVALID_CROP),
        ("/crop/300x200a1", Code::INVALID_CROP),
        ("/crop/300x200a1a", Code::INVALID_CROP),
        ("/crop/300x200a1a2a3", Code::INVALID_CROP),
        ("/gravity/center", Code::INVALID_CROP),
        ("/crop/1x1/fw/2/gravity/center", Code::INVALID_CROP),
        ("/crop/1x1/gravity/middle", Code::INVALID_CROP),
        ("/roundrect/x", Code::INVALID_CROP),
        ("/rotate/0", Code::INVALID_ROTATE),
        ("/rotate/361", Code::INVALID_ROTATE),
        ("/rotate/NaN", Code::INVALID_ROTATE),
        ("/flip/left-right", Code::INVALID_ROTATE),
        ("/gaussblur/51x1", Code::INVALID_GAUSSBLUR),
        ("/gaussblur/5x0", Code::INVALID_GAUSSBLUR),
        ("/compress/x", Code::INVALID_COMPRESS),
        ("/coalesce/x", Code::INVALID_COMPRESS),
        ("/progressive/x", Code::INVALID_PROGRESSIVE),
        ("/noicc/x", Code::INVALID_NOICC),
        ("/strip/x", Code::INVALID_NOICC),
        (
            "/watermark/url/YQ==/repeat/x",
            Code::INVALID_WATERMARK_SWITCH,
        ),
        (
            "/watermark/url/YQ==/percent/101",
            Code::INVALID_WATERMARK_SWITCH,
        ),
        ("/watermark/url/YQ==/align/x", Code::INVALID_WATERMARK_ALIGN),
        (
            "/watermark/url/YQ==/margin/5",
            Code::INVALID_WATERMARK_MARGIN,
        ),
        (
            "/watermark/url/YQ==/opacity/101",
            Code::INVALID_WATERMARK_OPACITY,
        ),
        (
            "/watermark/url/YQ==/animate/x",
            Code::INVALID_WATERMARK_ANIMATE,
        ),
        (
            "/watermark/text/YQ==/font/comic",
            Code::INVALID_WATERMARK_FONT,
        ),
        ("/watermark/text/!", Code::INVALID_WATERMARK_TEXT),
        (
            "/watermark/text/YQ==/color/#000",
            Code::INVALID_WATERMARK_COLOR,
        ),
        ("/watermark/text/YQ==/border/xyz", Code::INVALID_CANVAS),
        (
            "/watermark/text/YQ==/border/zz",
            Code::INVALID_WATERMARK_BORDER,
        ),
        ("/watermark/text/YQ==/size/0", Code::INVALID_WATERMARK_SIZE),
        ("/watermark/video/YQ==", Code::INVALID_PARAM_IN_THUMB),
        ("/watermark/text", Code::INVALID_PARAM_IN_THUMB),
        ("/gdori/up", Code::INVALID_GRADIENT_ORIENTATION),
        ("/gdpos/9,1", Code::INVALID_GRADIENT_POS),
        ("/gdstartcolor/x", Code::INVALID_GRADIENT_STARTCOLOR),
        ("/gdstopcolor/x", Code::INVALID_GRADIENT_STOPCOLOR),
        ("/gdori/top,down", Code::INVALID_PARAM_IN_THUMB),
        ("/exformat/x", Code::INVALID_EXTRACT_FUNC),
        ("/excolor/0", Code::INVALID_EXTRACT_COLOR_COUNT),
        ("/canvas/0x5", Code::INVALID_CANVAS),
        ("/cvscolor/x", Code::INVALID_CANVAS_COLOR),
        ("/brdcolor/x", Code::INVALID_CANVAS_COLOR),
        ("/ignore-error/x", Code::INVALID_PARAM_IN_THUMB),
    ] {
        refused(text, code);
    }
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "(/[a-z]{0,9}(/[a-z0-9x,=|]{0,9})?){0,9}|\\PC{0,40}") {
        let _ = parse(&text);
    }
}
