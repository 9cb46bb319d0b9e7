//! Formats and quality.

use image::{ImageFormat, Rgba, RgbaImage};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{
        RED, WHITE, animation, encode, exif, flat, jpeg_with, near, public, put_png, quarters,
        shown, shown_of,
    },
    failure::{Failure, holds, same},
    wire::Answer,
};

async fn asked(cx: &Context, name: &str, wish: &str) -> Result<Answer, Failure> {
    let answer = public(cx, name, &format!("!{wish}"))?.ok().await;
    answer.map_err(|it| it.at(wish))
}

/// Stores a picture with many colours as `n.png`.
async fn put_noise(cx: &Context) -> Result<RgbaImage, Failure> {
    let noise = RgbaImage::from_fn(120, 80, |x, y| {
        let shade = ((x * 7919 + y * 104_729) % 251) as u8;
        Rgba([shade, shade.wrapping_mul(3), shade.wrapping_mul(7), 255])
    });
    cx.put("n.png", encode(noise.clone(), ImageFormat::Png)?)
        .ok()
        .await?;
    Ok(noise)
}

case! {
    formats: images "7.6" images "1", tags Images NeedsDomain;
    "jpg, png and webp are written; without format the input's stays."
}
async fn formats(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let start = |kind: &str| match kind {
        "image/jpeg" => &b"\xff\xd8\xff"[..],
        "image/png" => b"\x89PNG",
        "image/gif" => b"GIF8",
        _ => b"RIFF",
    };
    for (wish, kind) in [
        ("/format/jpg", "image/jpeg"),
        ("/format/png", "image/png"),
        ("/format/webp", "image/webp"),
        ("/fw/100", "image/png"),
    ] {
        let answer = asked(&cx, "p.png", wish).await?;
        answer.has("Content-Type", kind)?;
        holds(
            answer.body.starts_with(start(kind)),
            format!("a file of {kind}"),
            wish,
        )?;
    }
    for (name, format, kind) in [
        ("a.jpg", ImageFormat::Jpeg, "image/jpeg"),
        ("a.webp", ImageFormat::WebP, "image/webp"),
        ("a.gif", ImageFormat::Gif, "image/gif"),
    ] {
        cx.put(name, encode(quarters(40, 20), format)?).ok().await?;
        let answer = asked(&cx, name, "/fw/20").await?;
        answer.has("Content-Type", kind)?;
        holds(
            answer.body.starts_with(start(kind)),
            format!("a file of {kind}"),
            name,
        )?;
    }
    Ok(())
}

case! {
    other_inputs: images "1", choice "I-4", tags Images NeedsDomain;
    "BMP becomes JPEG, and SVG becomes PNG."
}
async fn other_inputs(cx: Context) -> Outcome {
    cx.put("a.bmp", encode(quarters(40, 20), ImageFormat::Bmp)?)
        .ok()
        .await?;
    asked(&cx, "a.bmp", "/fw/20")
        .await?
        .has("Content-Type", "image/jpeg")?;
    let svg = r##"<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><rect width="200" height="100" fill="#ff0000"/></svg>"##;
    cx.put("a.svg", svg).ok().await?;
    asked(&cx, "a.svg", "/fw/100")
        .await?
        .has("Content-Type", "image/png")?;
    let drawn = shown_of(&cx, "a.svg", "/fw/100").await?;
    same("the size", drawn.dimensions(), (100, 50))?;
    near(&drawn, (50, 25), RED)
}

case! {
    transparency: images "6", choice "I-4", tags Images NeedsDomain;
    "Where the format knows no transparency the ground is white."
}
async fn transparency(cx: Context) -> Outcome {
    cx.put(
        "p.png",
        encode(flat(20, 20, [255, 0, 0, 0]), ImageFormat::Png)?,
    )
    .ok()
    .await?;
    same(
        "the opacity",
        shown(&cx, "/fw/10").await?.get_pixel(5, 5).0[3],
        0,
    )?;
    near(&shown(&cx, "/fw/10/format/jpg").await?, (5, 5), WHITE)
}

case! {
    quality: images "7.6", tags Images NeedsDomain;
    "A higher quality is a larger JPEG or WebP; PNG and GIF know none."
}
async fn quality(cx: Context) -> Outcome {
    put_noise(&cx).await?;
    for format in ["jpg", "webp"] {
        let mut sizes = Vec::new();
        for quality in ["1", "50", "99"] {
            let wish = format!("/format/{format}/quality/{quality}");
            sizes.push(asked(&cx, "n.png", &wish).await?.body.len());
        }
        holds(
            sizes.is_sorted() && sizes[0] < sizes[2],
            "growing sizes",
            &sizes,
        )?;
    }
    let one = asked(&cx, "n.png", "/quality/1").await?;
    asked(&cx, "n.png", "/quality/99")
        .await?
        .is_body(&one.body)?;
    Ok(())
}

case! {
    quality_by_default: images "7.6", choice "I-4", tags Images NeedsDomain;
    "Without a quality it is 75."
}
async fn quality_by_default(cx: Context) -> Outcome {
    put_noise(&cx).await?;
    for format in ["jpg", "webp"] {
        let default = asked(&cx, "n.png", &format!("/format/{format}")).await?;
        let wish = format!("/format/{format}/quality/75");
        asked(&cx, "n.png", &wish).await?.is_body(&default.body)?;
    }
    Ok(())
}

case! {
    without_loss: images "7.6", tags Images NeedsDomain;
    "lossless keeps every colour in WebP; by default some is lost."
}
async fn without_loss(cx: Context) -> Outcome {
    let noise = put_noise(&cx).await?;
    let exact = shown_of(&cx, "n.png", "/format/webp/lossless/true").await?;
    same("the same picture", exact == noise, true)?;
    let lossy = shown_of(&cx, "n.png", "/format/webp").await?;
    same("the same picture", lossy == noise, false)
}

case! {
    smaller: images "7.6", tags Images NeedsDomain;
    "compress makes a smaller file of nearly the same picture."
}
async fn smaller(cx: Context) -> Outcome {
    let photo = RgbaImage::from_fn(300, 200, |x, y| {
        let wave = f64::from(x) / 9.0 + (f64::from(y) / 7.0).sin() * 3.0;
        let shade = (wave.sin() * 100.0 + 120.0) as u8;
        Rgba([shade, shade / 2, 255 - shade, 255])
    });
    cx.put("w.png", encode(photo, ImageFormat::Png)?)
        .ok()
        .await?;
    for format in ["jpg", "png"] {
        let plain = asked(&cx, "w.png", &format!("/fw/250/format/{format}")).await?;
        let wish = format!("/fw/250/format/{format}/compress/true");
        let less = asked(&cx, "w.png", &wish).await?;
        holds(
            less.body.len() < plain.body.len(),
            format!("a smaller {format}"),
            less.body.len(),
        )?;
    }
    Ok(())
}

case! {
    progressive: images "7.6", choice "I-4", tags Images NeedsDomain;
    "progressive makes a progressive JPEG; by default it is none."
}
async fn progressive(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let is_progressive = |jpeg: &[u8]| jpeg.windows(2).any(|it| it == [0xff, 0xc2]);
    for (wish, want) in [
        ("/format/jpg/progressive/true", true),
        ("/format/jpg", false),
    ] {
        let answer = asked(&cx, "p.png", wish).await?;
        same("progressive", is_progressive(&answer.body), want).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

/// A photograph with a colour profile, as `p.jpg`.
async fn put_profiled(cx: &Context) -> Result<(), Failure> {
    let mut icc = b"ICC_PROFILE\0\x01\x01".to_vec();
    let mut profile = vec![0; 200];
    profile[16..20].copy_from_slice(b"RGB ");
    profile[199] = 7;
    icc.extend(profile);
    let jpeg = jpeg_with((100, 60), &[(0xe1, &exif(6)), (0xe2, &icc)])?;
    cx.put("p.jpg", jpeg).ok().await.map(drop)
}

/// Whether what is shown has EXIF and a colour profile.
async fn has(cx: &Context, wish: &str) -> Result<(bool, bool), Failure> {
    let body = asked(cx, "p.jpg", wish).await?.body;
    let holds = |text: &[u8]| body.windows(text.len()).any(|it| it == text);
    Ok((holds(b"Exif\0\0"), holds(b"ICC_PROFILE\0")))
}

case! {
    metadata: images "7.6", tags Images NeedsDomain;
    "Processing drops EXIF unless exifswitch keeps it; noicc drops the profile, strip everything."
}
async fn metadata(cx: Context) -> Outcome {
    put_profiled(&cx).await?;
    for (wish, want) in [
        ("/fw/50", (false, true)),
        ("/fw/50/exifswitch/true", (true, true)),
        ("/fw/50/exifswitch/true/noicc/true", (true, false)),
        ("/fw/50/noicc/true", (false, false)),
        ("/fw/50/strip/true", (false, false)),
    ] {
        same("EXIF and profile", has(&cx, wish).await?, want).map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    strip_wins: images "7.6", choice "I-4", tags Images NeedsDomain;
    "strip wins over exifswitch."
}
async fn strip_wins(cx: Context) -> Outcome {
    put_profiled(&cx).await?;
    let found = has(&cx, "/fw/50/exifswitch/true/strip/true").await?;
    same("EXIF and profile", found, (false, false))
}

case! {
    ignored_errors: images "7.6", tags Images NeedsDomain;
    "With ignore-error what cannot be processed is shown as it is, with the status in a header."
}
async fn ignored_errors(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let answer = asked(&cx, "a.txt", "/fw/100/ignore-error/true").await?;
    answer.is_body("hello")?.has("x-gmkerl-err-code", "405")?;
    let other = public(&cx, "a.txt", "!/fw/x/ignore-error/true")?
        .send()
        .await?;
    other.is_status(400)?;
    let other = public(&cx, "none", "!/fw/1/ignore-error/true")?
        .send()
        .await?;
    other.is_status(404)?;
    Ok(())
}

case! {
    ignored_errors_on_upload: images "7.6", choice "I-6", tags Images;
    "With ignore-error a picture that cannot be decoded is stored as it is."
}
async fn ignored_errors_on_upload(cx: Context) -> Outcome {
    let cut = &encode(quarters(100, 60), ImageFormat::Png)?[..60];
    let put = cx
        .put("a.png", cut)
        .header("x-gmkerl-thumb", "/fw/100/ignore-error/true");
    put.ok().await?;
    cx.get("a.png").ok().await?.is_body(cut)?;
    Ok(())
}

case! {
    first_frame: images "7.6" images "6", tags Images NeedsDomain;
    "gifto takes the first frame of an animation; shared parts of frames may be left out."
}
async fn first_frame(cx: Context) -> Outcome {
    cx.put("a.gif", animation(40, 20, &[0, 100, 200])?)
        .ok()
        .await?;
    for (wish, frames) in [
        ("/gifto/true", 1),
        ("/gifto/false", 3),
        ("/fw/20/coalesce/true", 3),
        ("/fw/20/coalesce/false", 3),
    ] {
        let gif = asked(&cx, "a.gif", wish).await?;
        gif.has("Content-Type", "image/gif")?;
        same("frames", super::animation::frames(&gif.body)?.len(), frames)
            .map_err(|it| it.at(wish))?;
    }
    Ok(())
}

case! {
    ranges_and_conditions_of_results: images "4" rest "5", choice "I-10", tags Images NeedsDomain;
    "A result has an ETag of its own and the object's Last-Modified; ranges and conditions are about the result."
}
async fn ranges_and_conditions_of_results(cx: Context) -> Outcome {
    put_png(&cx).await?;
    let original = public(&cx, "p.png", "")?.ok().await?;
    let whole = asked(&cx, "p.png", "/fw/100").await?;
    let etag = whole.the("ETag")?;
    holds(
        etag != original.the("ETag")?,
        "an ETag other than the object's",
        etag,
    )?;
    whole.has("Last-Modified", original.the("Last-Modified")?)?;
    let result = || public(&cx, "p.png", "!/fw/100");
    let part = result()?.header("Range", "bytes=2-5").send().await?;
    let range = format!("bytes 2-5/{}", whole.body.len());
    part.is_status(206)?.has("Content-Range", &range)?;
    same("the part", &part.body[..], &whole.body[2..6])?;
    let unchanged = result()?.header("If-None-Match", etag).send().await?;
    unchanged.is_status(304)?;
    let changed = result()?.header("If-Match", "\"other\"").send().await?;
    changed.is_status(412)?;
    Ok(())
}
