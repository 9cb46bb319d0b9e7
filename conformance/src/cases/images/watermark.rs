//! Watermarks.

use image::{ImageFormat, RgbaImage};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{
        BLUE, GREEN, RED, YELLOW, coded, encode, flat, near, pixel, put_png, shown, sizes,
    },
    failure::{Failure, holds, same},
};

const GREY: [u8; 4] = [90, 90, 90, 255];

/// Stores `p.png` and a grey watermark; gives the parameter that asks for it.
async fn marked(cx: &Context, width: u32, height: u32) -> Result<String, Failure> {
    put_png(cx).await?;
    let mark = encode(flat(width, height, GREY), ImageFormat::Png)?;
    cx.put("mark.png", mark).ok().await?;
    Ok(format!("/watermark/url/{}", coded(&cx.key("mark.png"))))
}

case! {
    place: images "7.3", tags Images NeedsDomain;
    "A watermark is a picture of the same service, 20 pixels from the top left unless told otherwise."
}
async fn place(cx: Context) -> Outcome {
    let mark = marked(&cx, 100, 40).await?;
    sizes(&cx, &[(&mark, 1000, 600)]).await?;
    pixel(&cx, &mark, (22, 22), GREY).await?;
    pixel(&cx, &mark, (118, 58), GREY).await?;
    for outside in [(17, 22), (22, 17), (122, 30), (30, 62)] {
        pixel(&cx, &mark, outside, RED).await?;
    }
    Ok(())
}

case! {
    margins: images "7.3", choice "I-1", tags Images NeedsDomain;
    "Margins point inwards from the aligned edge, and are added on a centred axis."
}
async fn margins(cx: Context) -> Outcome {
    let mark = marked(&cx, 100, 40).await?;
    for (tail, left, top) in [
        ("", 20, 20),
        ("/align/southeast", 880, 540),
        ("/align/center/margin/0x0", 450, 280),
        ("/align/north", 470, 20),
        ("/align/west/margin/5x7", 5, 287),
        ("/align/northeast/margin/0x0", 900, 0),
        ("/align/southwest/margin/3x4", 3, 556),
    ] {
        let shown = shown(&cx, &format!("{mark}{tail}")).await?;
        let at = |failure: Failure| failure.at(tail);
        near(&shown, (left, top), GREY).map_err(at)?;
        near(&shown, (left + 99, top + 39), GREY).map_err(at)?;
        if left > 0 {
            let before = shown.get_pixel(left - 1, top).0;
            holds(before != GREY, "no watermark left of it", before).map_err(at)?;
        }
        if top > 0 {
            let before = shown.get_pixel(left, top - 1).0;
            holds(before != GREY, "no watermark above it", before).map_err(at)?;
        }
    }
    Ok(())
}

case! {
    opacity: images "7.3", tags Images NeedsDomain;
    "opacity goes from 0, transparent, to 100."
}
async fn opacity(cx: Context) -> Outcome {
    let mark = marked(&cx, 100, 40).await?;
    pixel(&cx, &format!("{mark}/opacity/0"), (50, 40), RED).await?;
    pixel(
        &cx,
        &format!("{mark}/opacity/50"),
        (50, 40),
        [172, 45, 45, 255],
    )
    .await?;
    pixel(&cx, &format!("{mark}/opacity/100"), (50, 40), GREY).await
}

case! {
    percent: images "7.3", choice "I-1", tags Images NeedsDomain;
    "percent makes the watermark's longer side so much of the picture's shorter one; 0 leaves it."
}
async fn percent(cx: Context) -> Outcome {
    let mark = marked(&cx, 200, 100).await?;
    let half = format!("{mark}/percent/50/margin/0x0");
    pixel(&cx, &half, (295, 145), GREY).await?;
    pixel(&cx, &half, (305, 100), RED).await?;
    pixel(&cx, &half, (100, 155), RED).await?;
    pixel(&cx, &format!("{mark}/percent/0/margin/0x0"), (205, 50), RED).await
}

case! {
    repeated: images "7.3", tags Images NeedsDomain;
    "repeat tiles the whole picture."
}
async fn repeated(cx: Context) -> Outcome {
    let mark = marked(&cx, 100, 40).await?;
    let repeated = format!("{mark}/repeat/true/margin/0x0");
    for place in [(50, 20), (950, 580), (555, 333)] {
        pixel(&cx, &repeated, place, GREY).await?;
    }
    Ok(())
}

case! {
    sticks_out: images "7.3", choice "I-1", tags Images NeedsDomain;
    "A watermark that sticks out is cut."
}
async fn sticks_out(cx: Context) -> Outcome {
    let mark = marked(&cx, 1200, 40).await?;
    sizes(&cx, &[(&mark, 1000, 600)]).await?;
    pixel(&cx, &mark, (999, 30), GREY).await
}

case! {
    several: images "7.3" images "3", tags Images NeedsDomain;
    "Watermarks accumulate, each with what follows it."
}
async fn several(cx: Context) -> Outcome {
    let mark = marked(&cx, 100, 40).await?;
    let two = format!("{mark}/align/southwest{mark}/align/northeast/opacity/100");
    pixel(&cx, &two, (30, 570), GREY).await?;
    pixel(&cx, &two, (970, 30), GREY).await?;
    pixel(&cx, &two, (30, 30), RED).await?;
    pixel(&cx, &two, (970, 570), YELLOW).await
}

case! {
    missing: images "7.3", choice "I-2", codes 40011035, tags Images NeedsDomain;
    "A watermark that is missing, or no picture, is a bad parameter."
}
async fn missing(cx: Context) -> Outcome {
    put_png(&cx).await?;
    cx.put("a.txt", "no picture").ok().await?;
    for name in ["none.png", "a.txt"] {
        let wish = format!("!/watermark/url/{}", coded(&cx.key(name)));
        let answer = crate::cases::support::picture::public(&cx, "p.png", &wish)?
            .send()
            .await?;
        let text = "invalid param in thumb";
        crate::cases::support::picture::is_problem(&answer, 400, 40011035, text)
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

/// The box in which a picture differs from four colours: left, top, right, bottom.
fn ink(picture: &RgbaImage, is_ink: impl Fn([u8; 4]) -> bool) -> Option<[u32; 4]> {
    let inked = picture.enumerate_pixels().filter(|(_, _, it)| is_ink(it.0));
    inked.fold(None, |found: Option<[u32; 4]>, (x, y, _)| {
        let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

case! {
    text: images "7.3", tags Images NeedsDomain;
    "A text is written at its place, in its colour, as high as its size."
}
async fn text(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let black = |it: [u8; 4]| it[..3] == [0, 0, 0];
    let mark = format!("/watermark/text/{}", coded("HHH"));
    let default = shown(&cx, &mark).await?;
    same("the size", default.dimensions(), (1000, 600))?;
    let Some([left, top, right, bottom]) = ink(&default, black) else {
        return Err(Failure::new("black letters", "none"));
    };
    let is_near = (18..40).contains(&left) && top >= 18 && right < 160 && bottom < 75;
    holds(
        is_near,
        "letters at the top left",
        (left, top, right, bottom),
    )?;
    let large = shown(&cx, &format!("{mark}/size/64/align/southeast/color/0000FF")).await?;
    let blue = |it: [u8; 4]| it[..3] == BLUE[..3];
    // The blue quarter is left of the middle.
    let right_half = image::imageops::crop_imm(&large, 500, 0, 500, 600).to_image();
    let Some([_, large_top, large_right, large_bottom]) = ink(&right_half, blue) else {
        return Err(Failure::new("blue letters", "none"));
    };
    let ratio = f64::from(large_bottom - large_top) / f64::from((bottom - top).max(1));
    holds(
        (1.5..2.6).contains(&ratio),
        "letters of twice the height",
        ratio,
    )?;
    holds(
        large_right > 440 && large_right < 482,
        "letters at the right",
        large_right,
    )
}

case! {
    fonts_and_outlines: images "7.3", tags Images NeedsDomain;
    "All documented fonts are known, and text has an outline where border says so."
}
async fn fonts_and_outlines(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let mark = format!("/watermark/text/{}", coded("云a"));
    for font in [
        "simsun",
        "simhei",
        "simkai",
        "simli",
        "simyou",
        "simfang",
        "sc",
        "tc",
        "arial",
        "georgia",
        "helvetica",
        "roman",
    ] {
        sizes(&cx, &[(&format!("{mark}/font/{font}"), 1000, 600)]).await?;
    }
    let green = |it: [u8; 4]| it[1] > 200 && it[0] < 60;
    let mark = format!("/watermark/text/{}/size/80/border/00FF0000", coded("H"));
    let outlined = shown(&cx, &mark).await?;
    let corner = image::imageops::crop_imm(&outlined, 0, 0, 400, 200).to_image();
    holds(
        ink(&corner, green).is_some(),
        format!("an outline of {GREEN:?}"),
        "none",
    )
}
