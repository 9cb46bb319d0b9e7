//! Scaling.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{BLUE, RED, YELLOW, pixel, png, put_png, shown_of, sizes},
    failure::{Failure, same},
};

/// Expects sizes of a picture of 600 × 1000 with each of these parameters.
async fn upright(cx: &Context, rows: &[(&str, u32, u32)]) -> Result<(), Failure> {
    cx.put("u.png", png(600, 1000)?).ok().await?;
    for (wish, width, height) in rows {
        let found = shown_of(cx, "u.png", wish).await?.dimensions();
        same("a size of", found, (*width, *height)).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    width_and_height: images "7.1", tags Images NeedsDomain;
    "fw and fh set one side and keep the proportion; nothing is enlarged without force."
}
async fn width_and_height(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/fw/300", 300, 180),
        ("/fw/2000", 1000, 600),
        ("/fw/2000/force/true", 2000, 1200),
        ("/fh/200", 333, 200),
        ("/fh/900", 1000, 600),
        ("/fh/900/force/true", 1500, 900),
        ("/fw/300/force/false", 300, 180),
    ];
    sizes(&cx, &rows).await
}

case! {
    longer_and_shorter: images "7.1", tags Images NeedsDomain;
    "max sets the longer side, min the shorter one."
}
async fn longer_and_shorter(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/max/200", 200, 120),
        ("/min/200", 333, 200),
        ("/max/2000", 1000, 600),
        ("/max/2000/force/true", 2000, 1200),
        ("/min/900", 1000, 600),
        ("/min/900/force/true", 1500, 900),
    ];
    sizes(&cx, &rows).await?;
    upright(&cx, &[("/max/200", 120, 200), ("/min/200", 200, 333)]).await
}

case! {
    fit_inside: images "7.1", tags Images NeedsDomain;
    "fwfh fits the picture into a box."
}
async fn fit_inside(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/fwfh/300x200", 300, 180),
        ("/fwfh/300x100", 167, 100),
        ("/fwfh/2000x900", 1000, 600),
        ("/fwfh/2000x900/force/true", 1500, 900),
    ];
    sizes(&cx, &rows).await?;
    upright(&cx, &[("/fwfh/300x200", 120, 200)]).await
}

case! {
    cover: images "7.1", tags Images NeedsDomain;
    "fwfh2 covers a box, without cutting and without enlarging."
}
async fn cover(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [("/fwfh2/300x200", 333, 200), ("/fwfh2/2000x900", 1000, 600)];
    sizes(&cx, &rows).await?;
    upright(&cx, &[("/fwfh2/300x200", 300, 500)]).await
}

case! {
    exactly: images "7.1", tags Images NeedsDomain;
    "both makes exactly this size: cut in the middle to the aspect, and enlarged if need be."
}
async fn exactly(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/both/300x200", 300, 200),
        ("/both/300x200/force/true", 300, 200),
        ("/both/100x300", 100, 300),
        ("/both/1500x1000", 1500, 1000),
        ("/both/1500x1000/force/true", 1500, 1000),
    ];
    sizes(&cx, &rows).await?;
    // What is cut is cut on both sides: the colours meet in the middle.
    pixel(&cx, "/both/100x300", (45, 10), RED).await?;
    pixel(&cx, "/both/100x300", (55, 290), YELLOW).await?;
    pixel(&cx, "/both/1500x1000", (740, 990), BLUE).await
}

case! {
    square: images "7.1", choice "I-1", tags Images NeedsDomain;
    "sq makes a square, cut from the middle, and enlarges by itself."
}
async fn square(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(&cx, &[("/sq/300", 300, 300), ("/sq/700", 700, 700)]).await?;
    cx.put("small.png", png(200, 100)?).ok().await?;
    let found = shown_of(&cx, "small.png", "/sq/300").await?.dimensions();
    same("a size of", found, (300, 300))?;
    pixel(&cx, "/sq/300", (145, 10), RED).await
}

case! {
    percent: images "7.1", tags Images NeedsDomain;
    "scale is a percentage of both sides, wscale of the width, hscale of the height; they enlarge too."
}
async fn percent(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/scale/20", 200, 120),
        ("/scale/1", 10, 6),
        ("/scale/200", 2000, 1200),
        ("/wscale/200", 2000, 600),
        ("/wscale/50", 500, 600),
        ("/hscale/200", 1000, 1200),
        ("/hscale/50", 1000, 300),
    ];
    sizes(&cx, &rows).await
}

case! {
    sides_in_any_position: images "7.1", tags Images NeedsDomain;
    "fxfn fits into a longer and a shorter side, however the picture stands; fxfn2 covers them."
}
async fn sides_in_any_position(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(
        &cx,
        &[("/fxfn/300x200", 300, 180), ("/fxfn2/300x200", 333, 200)],
    )
    .await?;
    upright(
        &cx,
        &[("/fxfn/300x200", 180, 300), ("/fxfn2/300x200", 200, 333)],
    )
    .await
}

case! {
    force_for_the_others: images "7.1", choice "I-1", tags Images NeedsDomain;
    "force lets fwfh2, fxfn and fxfn2 enlarge too."
}
async fn force_for_the_others(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/fwfh2/2000x900", 1000, 600),
        ("/fwfh2/2000x900/force/true", 2000, 1200),
        ("/fxfn/2000x900", 1000, 600),
        ("/fxfn/2000x900/force/true", 1500, 900),
        ("/fxfn2/2000x900/force/true", 2000, 1200),
    ];
    sizes(&cx, &rows).await
}

case! {
    pixels: images "7.1", choice "I-1", tags Images NeedsDomain;
    "fp shrinks to as many pixels as fit, sides rounded down."
}
async fn pixels(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/fp/200000", 577, 346),
        ("/fp/600000", 1000, 600),
        ("/fp/25000000", 1000, 600),
    ];
    sizes(&cx, &rows).await
}

case! {
    rounding: images "7", choice "I-1", tags Images NeedsDomain;
    "Computed sides are rounded half up, and are at least 1."
}
async fn rounding(cx: Context) -> Outcome {
    cx.put("p.png", png(1000, 3)?).ok().await?;
    sizes(
        &cx,
        &[
            ("/fw/500", 500, 2),
            ("/fw/100", 100, 1),
            ("/fw/400", 400, 1),
        ],
    )
    .await
}

case! {
    last_counts: images "7.1" images "3", choice "I-2", tags Images NeedsDomain;
    "Of several scaling keys, and of one key twice, the last counts."
}
async fn last_counts(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [("/fw/300/fh/200", 333, 200), ("/fw/300/fw/100", 100, 60)];
    sizes(&cx, &rows).await
}

case! {
    documented_example: images "7", tags Images NeedsDomain;
    "A picture of 400 × 320 with /fw/200/unsharp/true is 200 × 160."
}
async fn documented_example(cx: Context) -> Outcome {
    cx.put("p.png", png(400, 320)?).ok().await?;
    sizes(&cx, &[("/fw/200/unsharp/true", 200, 160)]).await
}
