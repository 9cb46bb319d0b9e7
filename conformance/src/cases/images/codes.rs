//! The code of each parameter.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{coded, is_problem, png, public, put_png},
    failure::Failure,
};

/// Expects each of these parameters to be refused with its code: on a domain by JSON that says so,
/// on upload by a refusal that stores nothing.
async fn refused(cx: &Context, rows: &[(&str, u32)]) -> Result<(), Failure> {
    put_png(cx).await?;
    let content = png(20, 10)?;
    for (wish, code) in rows {
        let at = |failure: Failure| failure.at(wish);
        let known = upyun_client::protocol::ErrorCode::new(*code);
        let text = known.message().unwrap_or_default();
        let answer = public(cx, "p.png", &format!("!{wish}"))?.send().await?;
        is_problem(&answer, 400, *code, text).map_err(at)?;
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
    refused(&cx, &wishes.map(|wish| (wish, 40011002))).await
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
    refused(&cx, &wishes.map(|wish| (wish, 40011009))).await
}

case! {
    of_turns: images "12.3" images "7.4", choice "I-2", codes 40011003 40011010 40011011, tags Images NeedsDomain;
    "Bad turns, mirrors, sharpness and blur."
}
async fn of_turns(cx: Context) -> Outcome {
    let rows = [
        ("/unsharp/x", 40011003),
        ("/unsharp/1", 40011003),
        ("/rotate/0", 40011010),
        ("/rotate/361", 40011010),
        ("/rotate/-90", 40011010),
        ("/rotate/x", 40011010),
        ("/flip/left-right", 40011010),
        ("/flip/x", 40011010),
        ("/gaussblur/51x1", 40011011),
        ("/gaussblur/5x0", 40011011),
        ("/gaussblur/5", 40011011),
    ];
    refused(&cx, &rows).await
}

case! {
    of_output: images "12.3" images "7.6", choice "I-2", codes 40011004 40011005 40011006 40011007 40011008 40011012 40011013 40011014 40011035, tags Images NeedsDomain;
    "Bad formats and qualities."
}
async fn of_output(cx: Context) -> Outcome {
    let rows = [
        ("/quality/0", 40011004),
        ("/quality/100", 40011004),
        ("/quality/x", 40011004),
        ("/exifswitch/x", 40011005),
        ("/gifto/x", 40011006),
        ("/lossless/x", 40011007),
        ("/format/gif", 40011008),
        ("/format/bmp", 40011008),
        ("/compress/x", 40011012),
        ("/coalesce/x", 40011012),
        ("/progressive/x", 40011013),
        ("/noicc/x", 40011014),
        ("/strip/x", 40011014),
        ("/ignore-error/x", 40011035),
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
        (picture("/repeat/x"), 40011015),
        (picture("/percent/101"), 40011015),
        (picture("/percent/x"), 40011015),
        (picture("/align/middle"), 40011016),
        (text("/align/x"), 40011016),
        (picture("/margin/5"), 40011017),
        (text("/margin/x"), 40011017),
        (picture("/opacity/101"), 40011018),
        (text("/opacity/x"), 40011018),
        (picture("/animate/x"), 40011019),
        (text("/font/comic"), 40011020),
        ("/watermark/text/!!".to_owned(), 40011021),
        ("/watermark/url/!!".to_owned(), 40011021),
        (text("/color/000"), 40011022),
        (text("/color/xxxxxx"), 40011022),
        (text("/border/zz"), 40011023),
        (text("/size/0"), 40011024),
        (text("/size/x"), 40011024),
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
        ("/gdori/up", 40011025),
        ("/gdpos/9", 40011026),
        ("/gdpos/9,1", 40011026),
        ("/gdstartcolor/x", 40011027),
        ("/gdstopcolor/x", 40011028),
        ("/gdori/top,down", 40011035),
        ("/gdori/top,down/gdpos/1,2/gdstartcolor/00000000", 40011035),
        ("/canvas/0x5", 40011033),
        ("/canvas/5", 40011033),
        ("/border/x", 40011033),
        ("/border/FF000000", 40011033),
        ("/cvscolor/x", 40011034),
        ("/brdcolor/000000", 40011034),
    ];
    refused(&cx, &rows).await
}

case! {
    of_colours: images "12.3" images "8", choice "I-2", codes 40011029 40011030, tags Images NeedsDomain;
    "Bad numbers and formats of theme colours."
}
async fn of_colours(cx: Context) -> Outcome {
    let rows = [
        ("/exformat/x", 40011029),
        ("/excolor/0", 40011030),
        ("/excolor/4097", 40011030),
        ("/excolor/x", 40011030),
    ];
    refused(&cx, &rows).await
}
