//! GIF: frames whole, or only what changes from one to the next.

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use image::{DynamicImage, RgbaImage, metadata::LoopCount};

use super::Picture;
use crate::image::error::RenderError;
use crate::image::recipe::Output;

/// Of the search for colours, 1 best to 30 quickest.
const SPEED: i32 = 10;

pub(super) fn encode(picture: &Picture, output: &Output) -> Result<Vec<u8>, RenderError> {
    let failed = |why: String| RenderError::Internal(format!("GIF cannot be written: {why}"));
    let first = picture.first()?;
    let side = |side: u32| u16::try_from(side).map_err(|_| failed(format!("a side is {side}")));
    let (width, height) = (side(first.width())?, side(first.height())?);
    let mut bytes = Vec::new();
    let mut encoder =
        Encoder::new(&mut bytes, width, height, &[]).map_err(|error| failed(error.to_string()))?;
    if picture.frames.len() > 1 {
        encoder
            .set_repeat(match picture.loops {
                LoopCount::Infinite => Repeat::Infinite,
                LoopCount::Finite(times) => {
                    Repeat::Finite(u16::try_from(times.get()).unwrap_or(u16::MAX))
                }
            })
            .map_err(|error| failed(error.to_string()))?;
    }
    let is_opaque = picture.frames.iter().all(|frame| is_opaque(&frame.pixels));
    // Only what has no holes can be left to show through.
    let only_changes = output.coalesce == Some(false) && is_opaque;
    let mut before: Option<RgbaImage> = None;
    for source in &picture.frames {
        let mut pixels = source.pixels.to_rgba8();
        if only_changes {
            let whole = pixels.clone();
            if let Some(before) = &before {
                keep_changes(&mut pixels, before);
            }
            before = Some(whole);
        }
        let mut frame = Frame::from_rgba_speed(width, height, &mut pixels, SPEED);
        let (numerator, denominator) = source.delay.numer_denom_ms();
        let hundredths = numerator / denominator.max(1) / 10;
        frame.delay = u16::try_from(hundredths).unwrap_or(u16::MAX);
        frame.dispose = match is_opaque {
            true => DisposalMethod::Keep,
            false => DisposalMethod::Background,
        };
        encoder
            .write_frame(&frame)
            .map_err(|error| failed(error.to_string()))?;
    }
    drop(encoder);
    Ok(bytes)
}

fn is_opaque(pixels: &DynamicImage) -> bool {
    match pixels {
        DynamicImage::ImageRgba8(pixels) => pixels.pixels().all(|pixel| pixel.0[3] == 255),
        other => !other.color().has_alpha(),
    }
}

/// Makes transparent what is as it was before.
fn keep_changes(pixels: &mut RgbaImage, before: &RgbaImage) {
    for (pixel, before) in pixels.pixels_mut().zip(before.pixels()) {
        if pixel == before {
            *pixel = image::Rgba([0; 4]);
        }
    }
}
