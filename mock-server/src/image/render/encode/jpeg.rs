//! JPEG, on white where there is transparency.

use std::borrow::Cow;

use image::{DynamicImage, RgbImage, RgbaImage};
use jpeg_encoder::{ColorType, Encoder};

use crate::image::error::RenderError;
use crate::image::recipe::{DEFAULT_QUALITY, Output};

pub(super) fn encode(pixels: &DynamicImage, output: &Output) -> Result<Vec<u8>, RenderError> {
    let failed = |why: String| RenderError::Internal(format!("JPEG cannot be written: {why}"));
    let opaque = match pixels {
        DynamicImage::ImageRgb8(pixels) => Cow::Borrowed(pixels),
        DynamicImage::ImageRgba8(pixels) => Cow::Owned(flattened(pixels)),
        other => Cow::Owned(flattened(&other.to_rgba8())),
    };
    let side = |side: u32| u16::try_from(side).map_err(|_| failed(format!("a side is {side}")));
    let (width, height) = (side(opaque.width())?, side(opaque.height())?);
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, output.quality.unwrap_or(DEFAULT_QUALITY));
    encoder.set_progressive(output.progressive);
    encoder.set_optimized_huffman_tables(output.compress);
    encoder
        .encode(opaque.as_raw(), width, height, ColorType::Rgb)
        .map_err(|error| failed(error.to_string()))?;
    Ok(bytes)
}

fn flattened(pixels: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        let on_white = |part: u8| {
            let (part, alpha) = (u32::from(part), u32::from(alpha));
            u8::try_from((part * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)
        };
        image::Rgb([on_white(red), on_white(green), on_white(blue)])
    })
}
