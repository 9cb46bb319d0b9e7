//! The code of each parameter.

use upyun_test_kit::Refusal;

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{coded, is_problem, png, public, put_png},
    failure::Failure,
};

/// Expects each of these parameters to be refused with its code: on a domain by JSON that says so,
/// on upload by a refusal that stores nothing.
async fn refused(cx: &Context, rows: &[(&str, Refusal)]) -> Result<(), Failure> {
    put_png(cx).await?;
    let content = png(20, 10)?;
    for (wish, code) in rows {
        let at = |failure: Failure| failure.at(wish);
        let (status, number, text) = *code;
        let answer = public(cx, "p.png", &format!("!{wish}"))?.send().await?;
        is_problem(&answer, status, number, text).map_err(at)?;
        let put = cx.put("q.png", &content).header("x-gmkerl-thumb", wish);
        put.refused(*code).await.map_err(at)?;
    }
    Ok(())
}

case! {
    of_scaling: images "12.3" images "7.1" images "9", choice "I-2", codes 40011002, tags Images NeedsDomain;
    "Bad values of scaling keys and of force."
}
async fn of_scaling(cx: Context) -> Outcome {
    let wishes = [
        "/fw/x",
        "/fw/0",
        "/fw/-1",
        "/fw/1.5",
        "/fh/x",
        "/max/x",
        "/min/x",
        "/fwfh/100",
        "/fwfh2/100",
        "/both/100",
        "/both/100x0",
        "/both/ax100",
        "/sq/x",
        "/scale/0",
        "/scale/1001",
        "/wscale/1001",
        "/hscale/0",
        "/fxfn/100",
        "/fxfn2/100",
        "/fp/0",
        "/fp/25000001",
        "/force/1",
        "/force/yes",
    ];
    refused(
        &cx,
        &wishes.map(|wish| (wish, (400, 40011002, "invalid x-gmkerl-value"))),
    )
    .await
}

case! {
    of_crops: images "12.3" images "7.2", choice "I-2", codes 40011009, tags Images NeedsDomain;
    "Bad crops, clips, gravities and corners; a gravity without its crop."
}
async fn of_crops(cx: Context) -> Outcome {
    let wishes = [
        "/crop/300",
        "/crop/300x200a1",
        "/crop/300x200a1a",
        "/crop/300x200a1a2a3",
        "/crop/x",
        "/clip/300",
        "/gravity/center",
        "/crop/1x1/fw/2/gravity/center",
        "/crop/1x1/gravity/middle",
        "/roundrect/x",
    ];
    refused(
        &cx,
        &wishes.map(|wish| (wish, (400, 40011009, "invalid x-gmkerl-crop"))),
    )
    .await
}

case! {
    of_turns: images "12.3" images "7.4", choice "I-2", codes 40011003 40011010 40011011, tags Images NeedsDomain;
    "Bad turns, mirrors, sharpness and blur."
}
async fn of_turns(cx: Context) -> Outcome {
    let rows = [
        ("/unsharp/x", (400, 40011003, "invalid x-gmkerl-unsharp")),
        ("/unsharp/1", (400, 40011003, "invalid x-gmkerl-unsharp")),
        ("/rotate/0", (400, 40011010, "invalid x-gmkerl-rotate")),
        ("/rotate/361", (400, 40011010, "invalid x-gmkerl-rotate")),
        ("/rotate/-90", (400, 40011010, "invalid x-gmkerl-rotate")),
        ("/rotate/x", (400, 40011010, "invalid x-gmkerl-rotate")),
        (
            "/flip/left-right",
            (400, 40011010, "invalid x-gmkerl-rotate"),
        ),
        ("/flip/x", (400, 40011010, "invalid x-gmkerl-rotate")),
        (
            "/gaussblur/51x1",
            (400, 40011011, "invalid x-gmkerl-gaussblur"),
        ),
        (
            "/gaussblur/5x0",
            (400, 40011011, "invalid x-gmkerl-gaussblur"),
        ),
        (
            "/gaussblur/5",
            (400, 40011011, "invalid x-gmkerl-gaussblur"),
        ),
    ];
    refused(&cx, &rows).await
}

case! {
    of_output: images "12.3" images "7.6", choice "I-2", codes 40011004 40011005 40011006 40011007 40011008 40011012 40011013 40011014 40011035, tags Images NeedsDomain;
    "Bad formats and qualities."
}
async fn of_output(cx: Context) -> Outcome {
    let rows = [
        ("/quality/0", (400, 40011004, "invalid x-gmkerl-quality")),
        ("/quality/100", (400, 40011004, "invalid x-gmkerl-quality")),
        ("/quality/x", (400, 40011004, "invalid x-gmkerl-quality")),
        (
            "/exifswitch/x",
            (400, 40011005, "invalid x-gmkerl-exif-switch"),
        ),
        ("/gifto/x", (400, 40011006, "invalid x-gmkerl-gifto")),
        ("/lossless/x", (400, 40011007, "invalid x-gmkerl-webp")),
        ("/format/gif", (400, 40011008, "invalid x-gmkerl-format")),
        ("/format/bmp", (400, 40011008, "invalid x-gmkerl-format")),
        ("/compress/x", (400, 40011012, "invalid x-gmkerl-compress")),
        ("/coalesce/x", (400, 40011012, "invalid x-gmkerl-compress")),
        (
            "/progressive/x",
            (400, 40011013, "invalid x-gmkerl-progressive"),
        ),
        ("/noicc/x", (400, 40011014, "invalid x-gmkerl-noicc")),
        ("/strip/x", (400, 40011014, "invalid x-gmkerl-noicc")),
        ("/ignore-error/x", (400, 40011035, "invalid param in thumb")),
    ];
    refused(&cx, &rows).await
}

case! {
    of_watermarks: images "12.3" images "7.3", choice "I-2", codes 40011015 40011016 40011017 40011018 40011019 40011020 40011021 40011022 40011023 40011024, tags Images NeedsDomain;
    "Bad values of watermarks."
}
async fn of_watermarks(cx: Context) -> Outcome {
    let (url, text) = (coded(&cx.key("p.png")), coded("a"));
    let picture = |tail: &str| format!("/watermark/url/{url}{tail}");
    let text = |tail: &str| format!("/watermark/text/{text}{tail}");
    let rows = [
        (
            picture("/repeat/x"),
            (400, 40011015, "invalid x-gmkerl-watermark-switch"),
        ),
        (
            picture("/percent/101"),
            (400, 40011015, "invalid x-gmkerl-watermark-switch"),
        ),
        (
            picture("/percent/x"),
            (400, 40011015, "invalid x-gmkerl-watermark-switch"),
        ),
        (
            picture("/align/middle"),
            (400, 40011016, "invalid x-gmkerl-watermark-align"),
        ),
        (
            text("/align/x"),
            (400, 40011016, "invalid x-gmkerl-watermark-align"),
        ),
        (
            picture("/margin/5"),
            (400, 40011017, "invalid x-gmkerl-watermark-margin"),
        ),
        (
            text("/margin/x"),
            (400, 40011017, "invalid x-gmkerl-watermark-margin"),
        ),
        (
            picture("/opacity/101"),
            (400, 40011018, "invalid x-gmkerl-watermark-opacity"),
        ),
        (
            text("/opacity/x"),
            (400, 40011018, "invalid x-gmkerl-watermark-opacity"),
        ),
        (
            picture("/animate/x"),
            (400, 40011019, "invalid x-gmkerl-watermark-animate"),
        ),
        (
            text("/font/comic"),
            (400, 40011020, "invalid x-gmkerl-watermark-font"),
        ),
        (
            "/watermark/text/!!".to_owned(),
            (400, 40011021, "invalid x-gmkerl-watermark-text"),
        ),
        (
            "/watermark/url/!!".to_owned(),
            (400, 40011021, "invalid x-gmkerl-watermark-text"),
        ),
        (
            text("/color/000"),
            (400, 40011022, "invalid x-gmkerl-watermark-color"),
        ),
        (
            text("/color/xxxxxx"),
            (400, 40011022, "invalid x-gmkerl-watermark-color"),
        ),
        (
            text("/border/zz"),
            (400, 40011023, "invalid x-gmkerl-watermark-border"),
        ),
        (
            text("/size/0"),
            (400, 40011024, "invalid x-gmkerl-watermark-size"),
        ),
        (
            text("/size/x"),
            (400, 40011024, "invalid x-gmkerl-watermark-size"),
        ),
    ];
    let rows: Vec<_> = rows.iter().map(|(wish, code)| (&**wish, *code)).collect();
    refused(&cx, &rows).await
}

case! {
    of_frames: images "12.3" images "7.5", choice "I-2", codes 40011025 40011026 40011027 40011028 40011033 40011034 40011035, tags Images NeedsDomain;
    "Bad frames, canvases and gradients; a gradient needs all of its four keys."
}
async fn of_frames(cx: Context) -> Outcome {
    let rows = [
        (
            "/gdori/up",
            (400, 40011025, "invalid x-gmkerl-gradient-orientation"),
        ),
        ("/gdpos/9", (400, 40011026, "invalid x-gmkerl-gradient-pos")),
        (
            "/gdpos/9,1",
            (400, 40011026, "invalid x-gmkerl-gradient-pos"),
        ),
        (
            "/gdstartcolor/x",
            (400, 40011027, "invalid x-gmkerl-gradient-startcolor"),
        ),
        (
            "/gdstopcolor/x",
            (400, 40011028, "invalid x-gmkerl-gradient-stopcolor"),
        ),
        ("/gdori/top,down", (400, 40011035, "invalid param in thumb")),
        (
            "/gdori/top,down/gdpos/1,2/gdstartcolor/00000000",
            (400, 40011035, "invalid param in thumb"),
        ),
        ("/canvas/0x5", (400, 40011033, "invalid x-gmkerl-canvas")),
        ("/canvas/5", (400, 40011033, "invalid x-gmkerl-canvas")),
        ("/border/x", (400, 40011033, "invalid x-gmkerl-canvas")),
        (
            "/border/FF000000",
            (400, 40011033, "invalid x-gmkerl-canvas"),
        ),
        (
            "/cvscolor/x",
            (400, 40011034, "invalid x-gmkerl-canvas-color"),
        ),
        (
            "/brdcolor/000000",
            (400, 40011034, "invalid x-gmkerl-canvas-color"),
        ),
    ];
    refused(&cx, &rows).await
}

case! {
    of_colours: images "12.3" images "8", choice "I-2", codes 40011029 40011030, tags Images NeedsDomain;
    "Bad numbers and formats of theme colours."
}
async fn of_colours(cx: Context) -> Outcome {
    let rows = [
        (
            "/exformat/x",
            (400, 40011029, "invalid x-gmkerl-extract-func"),
        ),
        (
            "/excolor/0",
            (400, 40011030, "invalid x-gmkerl-extract-color-count"),
        ),
        (
            "/excolor/4097",
            (400, 40011030, "invalid x-gmkerl-extract-color-count"),
        ),
        (
            "/excolor/x",
            (400, 40011030, "invalid x-gmkerl-extract-color-count"),
        ),
    ];
    refused(&cx, &rows).await
}
