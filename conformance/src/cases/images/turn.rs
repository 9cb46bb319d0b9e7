//! Turning, mirrors, sharpness and blur.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{
        BLUE, GREEN, RED, WHITE, YELLOW, near, photograph, pixel, put_png, shown, shown_of, sizes,
    },
    failure::{holds, same},
};

case! {
    by_right_angles: images "7.4", tags Images NeedsDomain;
    "rotate turns clockwise."
}
async fn by_right_angles(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/rotate/90", 600, 1000),
        ("/rotate/180", 1000, 600),
        ("/rotate/270", 600, 1000),
        ("/rotate/360", 1000, 600),
    ];
    sizes(&cx, &rows).await?;
    pixel(&cx, "/rotate/90", (590, 10), RED).await?;
    pixel(&cx, "/rotate/180", (10, 10), YELLOW).await?;
    pixel(&cx, "/rotate/270", (10, 990), RED).await
}

case! {
    by_other_angles: images "7.4", choice "I-1", tags Images NeedsDomain;
    "Other angles enlarge the picture to what holds it, with transparent or white corners."
}
async fn by_other_angles(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(
        &cx,
        &[("/rotate/45", 1132, 1132), ("/rotate/0.5", 1006, 609)],
    )
    .await?;
    let alpha = shown(&cx, "/rotate/45").await?.get_pixel(2, 2).0[3];
    same("the opacity of a corner", alpha, 0)?;
    pixel(&cx, "/rotate/45/format/jpg", (2, 2), WHITE).await
}

case! {
    by_exif: images "7.4", tags Images NeedsDomain;
    "rotate/auto sets a photograph upright by its orientation."
}
async fn by_exif(cx: Context) -> Outcome {
    // Where the red quarter comes to lie.
    for (orientation, width, height, red) in [
        (1, 100, 60, (10, 10)),
        (3, 100, 60, (90, 50)),
        (6, 60, 100, (50, 10)),
        (8, 60, 100, (10, 90)),
    ] {
        cx.put("p.jpg", photograph(orientation)?).ok().await?;
        let shown = shown_of(&cx, "p.jpg", "/rotate/auto").await?;
        same("a size of", shown.dimensions(), (width, height)).map_err(|it| it.at(orientation))?;
        near(&shown, red, RED).map_err(|it| it.at(orientation))?;
    }
    Ok(())
}

case! {
    mirrors: images "7.4", tags Images NeedsDomain;
    "flip mirrors from left to right or from top to bottom."
}
async fn mirrors(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(
        &cx,
        &[
            ("/flip/left,right", 1000, 600),
            ("/flip/top,down", 1000, 600),
        ],
    )
    .await?;
    pixel(&cx, "/flip/left,right", (10, 10), GREEN).await?;
    pixel(&cx, "/flip/top,down", (10, 10), BLUE).await
}

case! {
    sharpness_and_blur: images "7.4", tags Images NeedsDomain;
    "unsharp and gaussblur keep the size, and change what lies between the colours."
}
async fn sharpness_and_blur(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/unsharp/true", 1000, 600),
        ("/unsharp/false", 1000, 600),
        ("/gaussblur/5x2", 1000, 600),
        ("/gaussblur/0x3", 1000, 600),
        ("/gaussblur/50x1", 1000, 600),
    ];
    sizes(&cx, &rows).await?;
    let [red, green, ..] = shown(&cx, "/gaussblur/5x2").await?.get_pixel(499, 100).0;
    holds(
        (40..220).contains(&red) && (40..220).contains(&green),
        "a mixture",
        (red, green),
    )
}

case! {
    order_of_turn_and_crop: images "6", choice "I-3", tags Images NeedsDomain;
    "Whatever their order in the text, crop comes before scaling, clip, turn, mirror, border and canvas."
}
async fn order_of_turn_and_crop(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/rotate/90/crop/300x200", 200, 300),
        ("/canvas/500x500/rotate/90/fw/100", 500, 500),
        ("/border/10x20/rotate/90/fw/100", 80, 140),
        ("/border/10x20/canvas/50x60/fw/100", 50, 60),
        ("/clip/50x40/fw/100/rotate/90", 40, 50),
    ];
    sizes(&cx, &rows).await?;
    pixel(&cx, "/flip/left,right/crop/100x100", (50, 50), RED).await?;
    pixel(&cx, "/flip/left,right/rotate/90/fw/100", (5, 5), RED).await
}
