//! How parameters are written, and versions.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{
        RED, coded, is_problem, photograph, pixel, png, public, put_png, shown, sizes,
    },
    failure::same,
    target::fixtures::VERSION,
};

case! {
    compositions: images "3", tags Images NeedsDomain;
    "Keys and values follow each other in any order."
}
async fn compositions(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/fw/300/unsharp/true/quality/80/format/png", 300, 180),
        ("/format/png/quality/80/unsharp/true/fw/300", 300, 180),
        ("/crop/300x200a80a60/gravity/center/fw/150", 150, 100),
    ];
    sizes(&cx, &rows).await
}

case! {
    base64_with_bars: images "3", tags Images NeedsDomain;
    "In the Base64 of a parameter a slash is a bar; plus and equals signs stay, also percent-encoded."
}
async fn base64_with_bars(cx: Context) -> Outcome {
    put_png(&cx).await?;
    cx.put("a??o>?.png", png(20, 20)?).ok().await?;
    let mut padded = String::new();
    for fill in ["", "/", "//"] {
        padded = coded(&format!("{fill}{}", cx.key("a??o>?.png")));
        if padded.contains('|') && padded.ends_with('=') {
            break;
        }
    }
    for text in [
        padded.clone(),
        padded.replace('|', "%7C").replace('=', "%3D"),
    ] {
        sizes(&cx, &[(&format!("/watermark/url/{text}"), 1000, 600)]).await?;
    }
    Ok(())
}

case! {
    base64_without_padding: images "3", choice "I-2", tags Images NeedsDomain;
    "The padding may be missing."
}
async fn base64_without_padding(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let mark = |text| format!("/watermark/text/{}", coded(text));
    for text in ["a", "ab"] {
        let wish = mark(text);
        sizes(&cx, &[(wish.trim_end_matches('='), 1000, 600)]).await?;
    }
    Ok(())
}

case! {
    group_of_a_watermark: images "3", choice "I-2", codes 40011035, tags Images NeedsDomain;
    "What belongs to a watermark follows it; behind another key it is unknown."
}
async fn group_of_a_watermark(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let mark = format!("/watermark/text/{}", coded("a"));
    sizes(
        &cx,
        &[(&format!("{mark}/size/20/align/center/fw/100"), 100, 60)],
    )
    .await?;
    for wish in [format!("{mark}/fw/100/size/20"), "/align/center".to_owned()] {
        let answer = public(&cx, "p.png", &format!("!{wish}"))?.send().await?;
        answer.is_status(400).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    border_of_both_kinds: images "3", choice "I-2", tags Images NeedsDomain;
    "Behind a text, border is an outline if it is a colour, and a frame if it is a size."
}
async fn border_of_both_kinds(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let mark = format!("/watermark/text/{}", coded("a"));
    let rows = [
        (&*format!("{mark}/border/FF000000"), 1000, 600),
        (&*format!("{mark}/border/3x2"), 1006, 604),
    ];
    sizes(&cx, &rows).await
}

case! {
    case_matters: images "3", choice "I-2", codes 40011035, tags Images NeedsDomain;
    "Keys and values are case-sensitive, colours are not."
}
async fn case_matters(cx: Context) -> Outcome {
    put_png(&cx).await?;
    for wish in [
        "/FW/100",
        "/format/PNG",
        "/fw/100/force/TRUE",
        "/canvas/10X10",
    ] {
        let answer = public(&cx, "p.png", &format!("!{wish}"))?.send().await?;
        answer.is_status(400).map_err(|it| it.at(wish))?;
    }
    for wish in [
        "/border/1x1/brdcolor/ff000000",
        "/border/1x1/brdcolor/FF000000",
    ] {
        pixel(&cx, wish, (0, 0), RED).await?;
    }
    Ok(())
}

case! {
    broken: images "3" images "12.3", choice "I-2", codes 40011035, tags Images NeedsDomain;
    "Nothing, a key without a value and an unknown key are no parameters."
}
async fn broken(cx: Context) -> Outcome {
    put_png(&cx).await?;
    for wish in [
        "/",
        "/fw",
        "/fw/100/",
        "//fw/100",
        "/magic/1",
        "/watermark/video/YQ==",
        "/watermark/text",
    ] {
        let answer = public(&cx, "p.png", &format!("!{wish}"))?.send().await?;
        let text = "invalid param in thumb";
        is_problem(&answer, 400, 40011035, text).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    at_the_first_separator: images "4", choice "I-5", tags Images NeedsDomain;
    "The path is split at the first separator, which may be percent-encoded."
}
async fn at_the_first_separator(cx: Context) -> Outcome {
    put_png(&cx).await?;
    cx.put("a!b.png", "x").ok().await?;
    let answer = public(&cx, "p.png", "%21/fw/100")?.ok().await?;
    same(
        "the size",
        crate::cases::support::picture::decode(&answer.body)?.width(),
        100,
    )?;
    // The object with the separator in its name cannot be read.
    let path = format!("{}/a!b.png", cx.key("").trim_end_matches('/'));
    let answer = cx
        .request("GET", path)
        .to(cx.domain()?)
        .unsigned()
        .send()
        .await?;
    answer.is_status(404)?;
    Ok(())
}

case! {
    query: images "4", tags Images NeedsDomain Legacy;
    "A query stays behind the parameters."
}
async fn query(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(&cx, &[("/rotate/90?foo=1", 600, 1000)]).await
}

case! {
    answers: images "4" images "12.1", choice "I-5", tags Images NeedsDomain;
    "A processed picture has its type and length, and no x-upyun headers; HEAD tells the same."
}
async fn answers(cx: Context) -> Outcome {
    put_png(&cx).await?;
    for (format, kind) in [
        ("jpg", "image/jpeg"),
        ("png", "image/png"),
        ("webp", "image/webp"),
    ] {
        let wish = format!("!/fw/50/format/{format}");
        let answer = public(&cx, "p.png", &wish)?.ok().await?;
        answer.has("Content-Type", kind)?;
        answer.has("Content-Length", answer.body.len().to_string())?;
        same("the headers x-upyun-*", answer.headers_from("x-upyun-"), [])?;
        let path = format!("{}{wish}", crate::context::encode(&cx.key("p.png")));
        let head = cx
            .request("HEAD", path)
            .to(cx.domain()?)
            .unsigned()
            .ok()
            .await?;
        head.has("Content-Type", kind)?;
        head.has("Content-Length", answer.body.len().to_string())?;
    }
    Ok(())
}

case! {
    versions: images "4" images "5", tags Images NeedsControl;
    "A version stands for its parameters; what follows it comes on top."
}
async fn versions(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let (name, _) = VERSION;
    let rows = [
        (name, 500, 300),
        (&*format!("{name}/rotate/90"), 300, 500),
        (&*format!("{name}/fw/100"), 100, 60),
    ];
    sizes(&cx, &rows).await
}

case! {
    version_unknown: images "5" images "12.1", tags Images NeedsDomain;
    "A version that is not there is 404."
}
async fn version_unknown(cx: Context) -> Outcome {
    put_png(&cx).await?;
    for wish in ["!no-such-version", "!no-such-version/fw/100"] {
        let answer = public(&cx, "p.png", wish)?.send().await?;
        is_problem(&answer, 404, 404, "Not Profile").map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    version_with_a_slash: images "3", codes 40011035, tags Images NeedsControl Legacy;
    "A version with a slash before its name is a bad parameter."
}
async fn version_with_a_slash(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let answer = public(&cx, "p.png", &format!("!/{}", VERSION.0))?
        .send()
        .await?;
    is_problem(&answer, 400, 40011035, "invalid param in thumb")
}

case! {
    secret_and_parameters: images "5" images "4", tags Images NeedsControl;
    "A picture with a secret is read by it, by a version or by parameters, but not as it is."
}
async fn secret_and_parameters(cx: Context) -> Outcome {
    let content = png(100, 60)?;
    let (version, _) = VERSION;
    cx.put("p.png", &content)
        .header("Content-Secret", "abc")
        .ok()
        .await?;
    public(&cx, "p.png", "")?.send().await?.is_status(404)?;
    public(&cx, "p.png", "!abc")?
        .ok()
        .await?
        .is_body(&content)?;
    sizes(&cx, &[("/fw/50", 50, 30), (version, 50, 30)]).await?;
    cx.put("p.png", &content)
        .header("Content-Secret", version)
        .ok()
        .await?;
    public(&cx, "p.png", &format!("!{version}"))?
        .ok()
        .await?
        .is_body(&content)?;
    Ok(())
}

case! {
    where_nothing_is_processed: images "1", choice "I-5", tags Images;
    "On the API's hosts a separator is an ordinary character."
}
async fn where_nothing_is_processed(cx: Context) -> Outcome {
    put_png(&cx).await?;
    cx.get("p.png!/fw/100")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    cx.put("q.png!small", "x").ok().await?;
    cx.get("q.png!small").ok().await?.is_body("x")?;
    Ok(())
}

case! {
    object_is_unchanged: images "1", tags Images NeedsDomain;
    "Processing on a domain leaves the object as it is."
}
async fn object_is_unchanged(cx: Context) -> Outcome {
    let content = photograph(6)?;
    cx.put("p.png", &content).ok().await?;
    shown(&cx, "/fw/50/rotate/auto").await?;
    cx.get("p.png").ok().await?.is_body(&content)?;
    Ok(())
}
