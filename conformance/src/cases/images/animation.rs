//! Moving pictures.

use std::io::Cursor;

use image::{AnimationDecoder as _, Frame, ImageFormat};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::picture::{animation, coded, encode, flat, public, shown_of},
    failure::{Failure, same},
};

/// The frames of a GIF or a WebP.
pub(super) fn frames(bytes: &[u8]) -> Result<Vec<Frame>, Failure> {
    let failed = |error: image::ImageError| Failure::new("an animation", error.to_string());
    let frames = match bytes.starts_with(b"RIFF") {
        true => {
            let decoder = image::codecs::webp::WebPDecoder::new(Cursor::new(bytes));
            decoder.map_err(failed)?.into_frames()
        }
        false => {
            let decoder = image::codecs::gif::GifDecoder::new(Cursor::new(bytes));
            decoder.map_err(failed)?.into_frames()
        }
    };
    frames.collect_frames().map_err(failed)
}

/// The shade of grey in the middle of each frame, to the nearest ten, and its width.
async fn shades(cx: &Context, wish: &str) -> Result<Vec<(u32, u32)>, Failure> {
    let answer = public(cx, "a.gif", &format!("!{wish}"))?.ok().await?;
    let frames = frames(&answer.body)?;
    let shade = |frame: &Frame| {
        let (width, height) = frame.buffer().dimensions();
        let shade = frame.buffer().get_pixel(width / 2, height / 2).0[0];
        (u32::from(shade) + 5) / 10 * 10
    };
    Ok(frames
        .iter()
        .map(|it| (shade(it), it.buffer().width()))
        .collect())
}

case! {
    stay_animations: images "6" images "7.6", choice "I-3", tags Images NeedsDomain;
    "Every frame is processed, and gif and webp keep them; jpg and png show the first."
}
async fn stay_animations(cx: Context) -> Outcome {
    cx.put("a.gif", animation(40, 20, &[0, 100, 200])?)
        .ok()
        .await?;
    for wish in ["/fw/20", "/fw/20/format/webp/lossless/true"] {
        let found = shades(&cx, wish).await?;
        same("frames", found, [(0, 20), (100, 20), (200, 20)]).map_err(|it| it.at(wish))?;
    }
    for format in ["png", "jpg"] {
        let shown = shown_of(&cx, "a.gif", &format!("/fw/20/format/{format}")).await?;
        same("the size", shown.dimensions(), (20, 10))?;
        same("the shade", shown.get_pixel(10, 5).0[0] < 10, true)?;
    }
    Ok(())
}

case! {
    watermarks_of_animations: images "7.3" images "6", choice "I-3", tags Images NeedsDomain;
    "A watermark is on animations only with animate."
}
async fn watermarks_of_animations(cx: Context) -> Outcome {
    cx.put("a.gif", animation(40, 20, &[0, 100])?).ok().await?;
    let white = encode(flat(40, 20, [255; 4]), ImageFormat::Png)?;
    cx.put("mark.png", white).ok().await?;
    let mark = format!("/watermark/url/{}/margin/0x0", coded(&cx.key("mark.png")));
    same("frames", shades(&cx, &mark).await?, [(0, 40), (100, 40)])?;
    let animated = format!("{mark}/animate/true");
    same(
        "frames",
        shades(&cx, &animated).await?,
        [(260, 40), (260, 40)],
    )
}

case! {
    gradients_of_animations: images "6", choice "I-3", tags Images NeedsDomain;
    "A gradient is never on animations."
}
async fn gradients_of_animations(cx: Context) -> Outcome {
    cx.put("a.gif", animation(40, 20, &[0, 100])?).ok().await?;
    let wish = "/gdori/top,down/gdpos/0,20/gdstartcolor/FFFFFF00/gdstopcolor/FFFFFF00";
    same("frames", shades(&cx, wish).await?, [(0, 40), (100, 40)])
}
