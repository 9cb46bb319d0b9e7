//! Cropping.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{BLUE, GREEN, RED, WHITE, YELLOW, pixel, put_png, shown, sizes},
    failure::same,
};

case! {
    sizes_of_crops: images "7.2" images "6", tags Images NeedsDomain;
    "crop cuts before scaling, clip after it; what sticks out is cut at the edge."
}
async fn sizes_of_crops(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/crop/300x200a80a60", 300, 200),
        ("/crop/300x200a80a60/fw/150", 150, 100),
        ("/fw/150/crop/300x200a80a60", 150, 100),
        ("/fw/500/clip/300x200a80a60", 300, 200),
        ("/clip/300x200a80a60/fw/500", 300, 200),
        ("/fw/500/clip/600x400a80a60", 420, 240),
        ("/crop/0x0a80a60", 920, 540),
        ("/crop/300x200a0a0/gravity/center", 300, 200),
        ("/crop/300x200s20s10/gravity/southeast", 300, 200),
        ("/crop/300x200a900a500", 100, 100),
    ];
    sizes(&cx, &rows).await
}

case! {
    gravity: images "7.2", tags Images NeedsDomain;
    "gravity is the place where a crop stands; without it that is the top left."
}
async fn gravity(cx: Context) -> Outcome {
    put_png(&cx).await?;
    for (gravity, colour) in [
        ("northwest", RED),
        ("northeast", GREEN),
        ("southwest", BLUE),
        ("southeast", YELLOW),
    ] {
        for key in ["crop", "clip"] {
            let wish = format!("/{key}/100x100/gravity/{gravity}");
            pixel(&cx, &wish, (50, 50), colour).await?;
        }
    }
    pixel(&cx, "/crop/100x100", (50, 50), RED).await?;
    let half = |gravity| format!("/crop/100x100/gravity/{gravity}");
    for (gravity, left, right) in [("north", RED, GREEN), ("south", BLUE, YELLOW)] {
        pixel(&cx, &half(gravity), (40, 50), left).await?;
        pixel(&cx, &half(gravity), (60, 50), right).await?;
    }
    for (gravity, above, below) in [("west", RED, BLUE), ("east", GREEN, YELLOW)] {
        pixel(&cx, &half(gravity), (50, 40), above).await?;
        pixel(&cx, &half(gravity), (50, 60), below).await?;
    }
    pixel(&cx, &half("center"), (40, 40), RED).await?;
    pixel(&cx, &half("center"), (60, 60), YELLOW).await
}

case! {
    offsets: images "7.2", tags Images NeedsDomain;
    "Offsets go east and south whatever the gravity; s goes the other way."
}
async fn offsets(cx: Context) -> Outcome {
    put_png(&cx).await?;
    // The colours meet at 500,300.
    pixel(&cx, "/crop/20x20a480a280", (19, 19), RED).await?;
    pixel(&cx, "/crop/20x20a500a300", (0, 0), YELLOW).await?;
    let from_corner = "/crop/500x300s500s0/gravity/southeast";
    pixel(&cx, from_corner, (499, 299), BLUE).await?;
    pixel(&cx, "/crop/20x20a10s10/gravity/center", (0, 0), GREEN).await?;
    let found = shown(&cx, "/crop/300x200a0a0/gravity/center").await?;
    same("a colour", found.get_pixel(149, 99).0, RED)?;
    same("a colour", found.get_pixel(150, 100).0, YELLOW)
}

case! {
    offsets_left_out: images "7.2", choice "I-1", tags Images NeedsDomain;
    "Without offsets they are 0."
}
async fn offsets_left_out(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(
        &cx,
        &[("/crop/300x200", 300, 200), ("/crop/0x0", 1000, 600)],
    )
    .await
}

case! {
    out_of_range: images "7.2", choice "I-1", tags Images NeedsDomain;
    "A crop whose offset is beyond the picture starts at its corner; a negative start is cut at 0."
}
async fn out_of_range(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let rows = [
        ("/crop/300x200a1200a0", 300, 200),
        ("/crop/300x200s100s50", 200, 150),
    ];
    sizes(&cx, &rows).await?;
    pixel(&cx, "/crop/300x200a1200a0", (0, 0), RED).await
}

case! {
    round_corners: images "7.2", tags Images NeedsDomain;
    "roundrect rounds the corners: transparent, and white where the format knows no transparency."
}
async fn round_corners(cx: Context) -> Outcome {
    put_png(&cx).await?;
    sizes(&cx, &[("/sq/300/roundrect/20", 300, 300)]).await?;
    for wish in ["/sq/300/roundrect/20", "/roundrect/10"] {
        let alpha = shown(&cx, wish).await?.get_pixel(0, 0).0[3];
        same("the opacity of a corner", alpha, 0).map_err(|it| it.at(wish))?;
    }
    pixel(&cx, "/sq/300/roundrect/20", (20, 20), RED).await?;
    pixel(&cx, "/sq/300/roundrect/60/format/jpg", (1, 1), WHITE).await
}
