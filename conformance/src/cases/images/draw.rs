//! Frames, canvases, gradients.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{BLUE, RED, WHITE, pixel, put_png, sizes},
};

case! {
    frame: images "7.5", tags Images NeedsDomain;
    "border puts a frame around the picture, white unless brdcolor says otherwise."
}
async fn frame(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(
        &cx,
        &[("/border/3x2", 1006, 604), ("/border/0x5", 1000, 610)],
    )
    .await?;
    pixel(&cx, "/border/3x2", (1, 1), WHITE).await?;
    pixel(&cx, "/border/3x2/brdcolor/0000FF00", (1, 300), BLUE).await?;
    pixel(&cx, "/border/3x2/brdcolor/0000ff00", (1, 300), BLUE).await?;
    pixel(&cx, "/border/3x2", (3, 2), RED).await
}

case! {
    canvas: images "7.5", tags Images NeedsDomain;
    "canvas puts the picture on a ground, with its top left at the offsets, or in the middle."
}
async fn canvas(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(
        &cx,
        &[
            ("/fw/500/canvas/600x400a50a20", 600, 400),
            ("/canvas/1200x700", 1200, 700),
        ],
    )
    .await?;
    let placed = "/fw/500/canvas/600x400a50a20";
    pixel(&cx, placed, (48, 30), WHITE).await?;
    pixel(&cx, placed, (52, 22), RED).await?;
    pixel(&cx, placed, (52, 18), WHITE).await?;
    let centred = "/fw/500/canvas/600x400/cvscolor/0000FF00";
    pixel(&cx, centred, (48, 100), BLUE).await?;
    pixel(&cx, centred, (52, 52), RED).await?;
    pixel(&cx, centred, (100, 48), BLUE).await
}

case! {
    canvas_that_is_smaller: images "7.5", choice "I-1", tags Images NeedsDomain;
    "What sticks out of a canvas is cut."
}
async fn canvas_that_is_smaller(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(
        &cx,
        &[
            ("/canvas/300x200a0a0", 300, 200),
            ("/canvas/300x200s10s10", 300, 200),
        ],
    )
    .await?;
    pixel(&cx, "/canvas/300x200a100a100", (150, 150), RED).await
}

case! {
    transparency_is_inverted: images "7.3" images "7.5", tags Images NeedsDomain;
    "The last two digits of a colour are 00 for opaque and FF for transparent."
}
async fn transparency_is_inverted(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let clear = [0, 0, 255, 0];
    pixel(&cx, "/border/5x5/brdcolor/0000FFFF", (1, 1), clear).await?;
    pixel(
        &cx,
        "/border/5x5/brdcolor/0000FF7F",
        (1, 1),
        [0, 0, 255, 128],
    )
    .await
}

case! {
    gradient: images "7.5", tags Images NeedsDomain;
    "A gradient goes from one colour to another along a direction, between two places."
}
async fn gradient(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let with = |direction: &str| {
        format!("/gdori/{direction}/gdpos/100,200/gdstartcolor/00000000/gdstopcolor/FFFFFF00")
    };
    let black = [0, 0, 0, 255];
    for (direction, start, middle, stop) in [
        ("top,down", (250, 101), (250, 150), (250, 199)),
        ("bottom,up", (250, 498), (250, 450), (250, 401)),
        ("left,right", (101, 150), (150, 150), (199, 150)),
        ("right,left", (898, 150), (850, 150), (801, 150)),
    ] {
        let wish = with(direction);
        pixel(&cx, &wish, start, black).await?;
        pixel(&cx, &wish, middle, [128, 128, 128, 255]).await?;
        pixel(&cx, &wish, stop, WHITE).await?;
    }
    Ok(())
}

case! {
    gradient_is_a_band: images "7.5", choice "I-1", tags Images NeedsDomain;
    "Before and behind the band of a gradient the picture stays."
}
async fn gradient_is_a_band(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let wish = "/gdori/top,down/gdpos/100,200/gdstartcolor/00000000/gdstopcolor/FFFFFF00";
    pixel(&cx, wish, (250, 50), RED).await?;
    pixel(&cx, wish, (250, 250), RED).await
}
