//! Parameters of old: one header, or one member of a policy, each.

use image::RgbaImage;

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        form::form,
        picture::{GREEN, RED, YELLOW, decode, exif, jpeg_with, near, png},
    },
    failure::{Failure, holds, same},
    target::fixtures::VERSION,
    wire::Request,
};

/// An upload of 1000 × 600 with these headers.
fn upload(cx: &Context, headers: &[(&str, &str)]) -> Result<Request, Failure> {
    let put = cx.put("o.png", png(1000, 600)?);
    Ok(headers.iter().fold(put, |put, (name, value)| {
        put.header(&format!("x-gmkerl-{name}"), value)
    }))
}

/// What is stored of it; the answer tells its size.
async fn stored(cx: &Context, headers: &[(&str, &str)]) -> Result<RgbaImage, Failure> {
    let at = |failure: Failure| failure.at(format!("{headers:?}"));
    let answer = upload(cx, headers)?.ok().await.map_err(at)?;
    let stored = decode(&cx.get("o.png").ok().await?.body)?;
    let (width, height) = stored.dimensions();
    answer.has("x-upyun-width", width.to_string())?;
    answer.has("x-upyun-height", height.to_string())?;
    Ok(stored)
}

async fn is_of_size(
    cx: &Context,
    headers: &[(&str, &str)],
    width: u32,
    height: u32,
) -> Result<(), Failure> {
    let found = stored(cx, headers).await?.dimensions();
    same("a size of", found, (width, height)).map_err(|it| it.at(format!("{headers:?}")))
}

case! {
    types: images "10", tags Images Legacy;
    "x-gmkerl-type says how to scale, x-gmkerl-value to what."
}
async fn types(cx: Context) -> Outcome {
    for (kind, value, width, height) in [
        ("fix_width", "300", 300, 180),
        ("fix_height", "200", 333, 200),
        ("fix_width_or_height", "300x200", 300, 180),
        ("fix_width_or_height", "3000x2000", 1000, 600),
        ("fix_both", "300x200", 300, 200),
        ("fix_both", "1500x1000", 1500, 1000),
        ("fix_max", "200", 200, 120),
        ("fix_min", "200", 333, 200),
        ("fix_scale", "50", 500, 300),
    ] {
        is_of_size(&cx, &[("type", kind), ("value", value)], width, height).await?;
    }
    // What is too small is stretched, not cut: the colours meet in the middle.
    let stretched = stored(&cx, &[("type", "fix_both"), ("value", "1200x1200")]).await?;
    near(&stretched, (590, 100), RED)?;
    near(&stretched, (610, 100), GREEN)
}

case! {
    squares: images "10", client, tags Images Legacy;
    "The type square makes a square."
}
async fn squares(cx: Context) -> Outcome {
    is_of_size(&cx, &[("type", "square"), ("value", "300")], 300, 300).await
}

case! {
    value_alone: images "10", client, tags Images Legacy;
    "A value without its type does nothing."
}
async fn value_alone(cx: Context) -> Outcome {
    is_of_size(&cx, &[("value", "300")], 1000, 600).await
}

case! {
    versions: images "10", tags Images Legacy NeedsControl;
    "x-gmkerl-thumbnail names a version; other headers come on top."
}
async fn versions(cx: Context) -> Outcome {
    let version = ("thumbnail", VERSION.0);
    is_of_size(&cx, &[version], 500, 300).await?;
    is_of_size(
        &cx,
        &[version, ("type", "fix_width"), ("value", "200")],
        200,
        120,
    )
    .await
}

case! {
    turned: images "10" images "2", client, tags Images Legacy;
    "rotate turns: the README's example of 180 keeps the size, and the answer tells it."
}
async fn turned(cx: Context) -> Outcome {
    is_of_size(&cx, &[("rotate", "90")], 600, 1000).await?;
    let shown = stored(&cx, &[("rotate", "180")]).await?;
    same("the size", shown.dimensions(), (1000, 600))?;
    near(&shown, (10, 10), YELLOW)?;
    let photograph = jpeg_with((100, 60), &[(0xe1, &exif(6))])?;
    let put = cx
        .put("p.jpg", photograph)
        .header("x-gmkerl-rotate", "auto");
    put.ok().await?.has("x-upyun-width", "60")?;
    Ok(())
}

case! {
    crops: images "10", choice "I-7", tags Images Legacy;
    "crop is x,y,width,height, or written as the new one."
}
async fn crops(cx: Context) -> Outcome {
    is_of_size(&cx, &[("crop", "0,0,100,200")], 100, 200).await?;
    is_of_size(&cx, &[("crop", "300x200a80a60")], 300, 200).await?;
    let shown = stored(&cx, &[("crop", "900,500,100,100")]).await?;
    near(&shown, (50, 50), YELLOW)
}

case! {
    quality_and_sharpness: images "10", tags Images Legacy;
    "quality is 95 and unsharp true unless said otherwise."
}
async fn quality_and_sharpness(cx: Context) -> Outcome {
    let photo = jpeg_with((300, 200), &[])?;
    let size = async |headers: &[(&str, &str)]| {
        let put = cx.put("p.jpg", &photo).header("x-gmkerl-type", "fix_width");
        let put = put.header("x-gmkerl-value", "100");
        let put = headers.iter().fold(put, |put, (name, value)| {
            put.header(&format!("x-gmkerl-{name}"), value)
        });
        put.ok().await?;
        Ok::<_, Failure>(cx.get("p.jpg").ok().await?.body)
    };
    let default = size(&[]).await?;
    same(
        "the same",
        size(&[("quality", "95"), ("unsharp", "true")]).await? == default,
        true,
    )?;
    same(
        "the same",
        size(&[("unsharp", "false")]).await? == default,
        false,
    )?;
    let small = size(&[("quality", "20")]).await?;
    holds(small.len() < default.len(), "a smaller file", small.len())?;
    size(&[("quality", "100")]).await?;
    Ok(())
}

case! {
    exif_switch: images "10", tags Images Legacy;
    "exif-switch keeps EXIF of a picture that is scaled."
}
async fn exif_switch(cx: Context) -> Outcome {
    let photograph = jpeg_with((100, 60), &[(0xe1, &exif(1))])?;
    for (value, is_kept) in [("true", true), ("false", false)] {
        let put = cx
            .put("p.jpg", &photograph)
            .header("x-gmkerl-type", "fix_width");
        let put = put.header("x-gmkerl-value", "50");
        put.header("x-gmkerl-exif-switch", value).ok().await?;
        let body = cx.get("p.jpg").ok().await?.body;
        let found = body.windows(6).any(|it| it == b"Exif\0\0");
        same("EXIF", found, is_kept).map_err(|it| it.at(value))?;
    }
    Ok(())
}

case! {
    watermarks: images "10", tags Images Legacy;
    "Watermarks of old are texts, percent-encoded, at a place, in a colour, of a size."
}
async fn watermarks(cx: Context) -> Outcome {
    let headers = [
        ("watermark-text", "UPYUN%20%E4%BA%91"),
        ("watermark-align", "bottom,right"),
        ("watermark-color", "#0000ff"),
        ("watermark-size", "64"),
        ("watermark-margin", "10,10"),
        ("watermark-font", "simhei"),
    ];
    let marked = stored(&cx, &headers).await?;
    same("the size", marked.dimensions(), (1000, 600))?;
    let has_blue = |left: u32, top: u32, right: u32, bottom: u32| {
        (left..right).any(|x| (top..bottom).any(|y| marked.get_pixel(x, y).0[..3] == [0, 0, 255]))
    };
    holds(
        has_blue(600, 500, 990, 590),
        "blue letters at the bottom right",
        "none",
    )?;
    holds(!has_blue(500, 300, 1000, 450), "none above them", "some")
}

case! {
    opacity_is_transparency: images "10", choice "I-7", tags Images Legacy;
    "watermark-opacity is transparency: 0 is opaque, 100 invisible."
}
async fn opacity_is_transparency(cx: Context) -> Outcome {
    let plain = stored(&cx, &[("rotate", "360")]).await?;
    let with = |opacity: &'static str| {
        [
            ("watermark-text", "HHHH"),
            ("watermark-size", "80"),
            ("watermark-opacity", opacity),
        ]
    };
    let opaque = stored(&cx, &with("0")).await?;
    let default = stored(&cx, &with("0")[..2]).await?;
    same("the same", opaque == default, true)?;
    same("the same", opaque == plain, false)?;
    same("the same", stored(&cx, &with("100")).await? == plain, true)
}

case! {
    others: images "10", choice "I-7", tags Images Legacy;
    "Others that are known from the error table only act as their new equivalents."
}
async fn others(cx: Context) -> Outcome {
    is_of_size(&cx, &[("canvas", "1200x700")], 1200, 700).await?;
    is_of_size(&cx, &[("format", "jpg"), ("noicc", "true")], 1000, 600).await?;
    cx.head("o.png")
        .ok()
        .await?
        .has("Content-Type", "image/jpeg")?;
    is_of_size(&cx, &[("gaussblur", "5x2"), ("magic", "1")], 1000, 600).await
}

case! {
    new_before_old: images "10", choice "I-7", tags Images Legacy;
    "Beside x-gmkerl-thumb the old headers are ignored."
}
async fn new_before_old(cx: Context) -> Outcome {
    is_of_size(
        &cx,
        &[("thumb", "/fw/10"), ("type", "nonsense"), ("rotate", "90")],
        10,
        6,
    )
    .await
}

case! {
    in_forms: images "10" images "11", tags Images Legacy;
    "Members of a policy of the same names do the same."
}
async fn in_forms(cx: Context) -> Outcome {
    let form = form(&cx, "o.png", png(100, 60)?).with("x-gmkerl-type", "fix_width");
    let told = form.with("x-gmkerl-value", 50).ok().await?;
    same("image-width", told["image-width"].as_u64(), Some(50))
}

case! {
    wrong_values: images "12.3" images "10", choice "I-7", codes 40011001 40011002 40011003 40011004 40011005 40011006 40011007 40011008 40011009 40011010 40011011 40011012 40011013 40011014 40011015 40011016 40011017 40011018 40011019 40011020 40011022 40011023 40011024 40011025 40011026 40011027 40011028 40011029 40011030 40011033 40011034, tags Images Legacy;
    "A wrong value is refused with the code of its header."
}
async fn wrong_values(cx: Context) -> Outcome {
    for (name, code) in [
        ("type", (400, 40011001, "invalid x-gmkerl-type")),
        ("unsharp", (400, 40011003, "invalid x-gmkerl-unsharp")),
        ("quality", (400, 40011004, "invalid x-gmkerl-quality")),
        (
            "exif-switch",
            (400, 40011005, "invalid x-gmkerl-exif-switch"),
        ),
        ("gifto", (400, 40011006, "invalid x-gmkerl-gifto")),
        ("webp", (400, 40011007, "invalid x-gmkerl-webp")),
        ("format", (400, 40011008, "invalid x-gmkerl-format")),
        ("crop", (400, 40011009, "invalid x-gmkerl-crop")),
        ("rotate", (400, 40011010, "invalid x-gmkerl-rotate")),
        ("gaussblur", (400, 40011011, "invalid x-gmkerl-gaussblur")),
        ("compress", (400, 40011012, "invalid x-gmkerl-compress")),
        (
            "progressive",
            (400, 40011013, "invalid x-gmkerl-progressive"),
        ),
        ("noicc", (400, 40011014, "invalid x-gmkerl-noicc")),
        (
            "watermark-switch",
            (400, 40011015, "invalid x-gmkerl-watermark-switch"),
        ),
        (
            "watermark-align",
            (400, 40011016, "invalid x-gmkerl-watermark-align"),
        ),
        (
            "watermark-margin",
            (400, 40011017, "invalid x-gmkerl-watermark-margin"),
        ),
        (
            "watermark-opacity",
            (400, 40011018, "invalid x-gmkerl-watermark-opacity"),
        ),
        (
            "watermark-animate",
            (400, 40011019, "invalid x-gmkerl-watermark-animate"),
        ),
        (
            "watermark-font",
            (400, 40011020, "invalid x-gmkerl-watermark-font"),
        ),
        (
            "watermark-color",
            (400, 40011022, "invalid x-gmkerl-watermark-color"),
        ),
        (
            "watermark-border",
            (400, 40011023, "invalid x-gmkerl-watermark-border"),
        ),
        (
            "watermark-size",
            (400, 40011024, "invalid x-gmkerl-watermark-size"),
        ),
        (
            "gradient-orientation",
            (400, 40011025, "invalid x-gmkerl-gradient-orientation"),
        ),
        (
            "gradient-pos",
            (400, 40011026, "invalid x-gmkerl-gradient-pos"),
        ),
        (
            "gradient-startcolor",
            (400, 40011027, "invalid x-gmkerl-gradient-startcolor"),
        ),
        (
            "gradient-stopcolor",
            (400, 40011028, "invalid x-gmkerl-gradient-stopcolor"),
        ),
        (
            "extract-color-count",
            (400, 40011030, "invalid x-gmkerl-extract-color-count"),
        ),
        ("canvas", (400, 40011033, "invalid x-gmkerl-canvas")),
        (
            "canvas-color",
            (400, 40011034, "invalid x-gmkerl-canvas-color"),
        ),
    ] {
        // The values of a watermark count where there is one.
        let mut headers = vec![(name, "~")];
        if name.starts_with("watermark-") {
            headers.push(("watermark-text", "a"));
        }
        let refused = upload(&cx, &headers)?.refused(code).await;
        refused.map_err(|it| it.at(name))?;
    }
    for (kind, value) in [
        ("fix_width", "x"),
        ("fix_both", "300"),
        ("fix_scale", "1001"),
        ("fix_max", "0"),
    ] {
        let headers = [("type", kind), ("value", value)];
        let refused = upload(&cx, &headers)?
            .refused((400, 40011002, "invalid x-gmkerl-value"))
            .await;
        refused.map_err(|it| it.at(kind))?;
    }
    let headers = [("type", "get_theme_color"), ("extract-format", "~")];
    upload(&cx, &headers)?
        .refused((400, 40011029, "invalid x-gmkerl-extract-func"))
        .await?;
    Ok(())
}

case! {
    booleans_are_texts: images "9", client, codes 40011003 40011008, tags Images;
    "A JSON true as the value of a member is refused with its code; it must be a text."
}
async fn booleans_are_texts(cx: Context) -> Outcome {
    let good = form(&cx, "o.png", png(100, 60)?);
    let scaled = good
        .with("x-gmkerl-type", "fix_width")
        .with("x-gmkerl-value", "50");
    scaled.clone().with("x-gmkerl-unsharp", "true").ok().await?;
    scaled
        .clone()
        .with("x-gmkerl-unsharp", true)
        .refused((400, 40011003, "invalid x-gmkerl-unsharp"))
        .await?;
    scaled
        .with("x-gmkerl-format", true)
        .refused((400, 40011008, "invalid x-gmkerl-format"))
        .await?;
    Ok(())
}
