//! How large pictures may be.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{is_problem, png, public, put_png},
};

/// A BMP of one bit a pixel that says how large it is, and has no pixels.
fn claims(width: u32, height: u32) -> Vec<u8> {
    let mut bmp = b"BM".to_vec();
    for number in [62_u32, 0, 62, 40, width, height] {
        bmp.extend(number.to_le_bytes());
    }
    bmp.extend([1, 0, 1, 0]);
    bmp.extend([0; 24]);
    bmp.extend([0, 0, 0, 0, 255, 255, 255, 0]);
    bmp
}

case! {
    of_a_side: images "13" images "12.1" images "12.2", choice "I-6", codes 40300021, tags Images NeedsDomain;
    "A side of more than 20000 pixels is 405 on a domain, and refused on upload."
}
async fn of_a_side(cx: Context) -> Outcome {
    for (name, content) in [("w.bmp", claims(20_001, 1)), ("h.bmp", claims(1, 20_001))] {
        cx.put(name, &content).ok().await?;
        let answer = public(&cx, name, "!/fw/100")?.send().await?;
        is_problem(&answer, 405, 405, "Image Width/Height Limit Error")?;
        let put = cx.put("x", content).header("x-gmkerl-thumb", "/fw/10");
        put.refused((403, 40300021, "image limit exceeded")).await?;
    }
    Ok(())
}

case! {
    of_all_pixels: images "13" images "12.1" images "12.2", choice "I-6", codes 40300021, tags Images NeedsDomain;
    "More than 200 million pixels are 409 on a domain, and refused on upload."
}
async fn of_all_pixels(cx: Context) -> Outcome {
    let content = claims(20_000, 10_001);
    cx.put("a.bmp", &content).ok().await?;
    let answer = public(&cx, "a.bmp", "!/fw/100")?.send().await?;
    is_problem(&answer, 409, 409, "Limit Exceeded")?;
    let put = cx.put("x", content).header("x-gmkerl-thumb", "/fw/10");
    put.refused((403, 40300021, "image limit exceeded")).await?;
    Ok(())
}

case! {
    of_results: images "13", choice "I-6", codes 40011035, tags Images NeedsDomain;
    "Results have the same limits."
}
async fn of_results(cx: Context) -> Outcome {
    put_png(&cx).await?;
    for wish in ["/canvas/20000x20000", "/border/10000x1", "/border/1x10000"] {
        let answer = public(&cx, "p.png", &format!("!{wish}"))?.send().await?;
        answer.is_status(400).map_err(|it| it.at(wish))?;
    }
    let put = cx
        .put("x", png(100, 60)?)
        .header("x-gmkerl-thumb", "/canvas/20000x20000");
    put.refused((400, 40011035, "invalid param in thumb"))
        .await?;
    Ok(())
}

case! {
    facts_of_what_is_too_large: images "13", choice "I-6", tags Images NeedsDomain;
    "The facts of a picture that is too large can be told."
}
async fn facts_of_what_is_too_large(cx: Context) -> Outcome {
    cx.put("w.bmp", claims(20_001, 1)).ok().await?;
    let told = public(&cx, "w.bmp", "!/info")?.ok().await?.json()?;
    crate::failure::same("width", told["width"].as_u64(), Some(20_001))
}
