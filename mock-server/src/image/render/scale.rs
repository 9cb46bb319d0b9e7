//! Other sizes of pictures.

use fast_image_resize::{
    PixelType, ResizeOptions, Resizer,
    images::{Image, ImageRef},
};
use image::{DynamicImage, RgbImage, RgbaImage};

use super::RenderError;
use crate::image::geometry::{Rect, Size};

/// Gives a part of a picture another size, by Lanczos with three lobes.
pub(super) fn resize(
    pixels: &DynamicImage,
    from: Rect,
    (width, height): Size,
) -> Result<DynamicImage, RenderError> {
    let (kind, bytes): (_, &[u8]) = match pixels {
        DynamicImage::ImageRgb8(pixels) => (PixelType::U8x3, pixels.as_raw()),
        DynamicImage::ImageRgba8(pixels) => (PixelType::U8x4, pixels.as_raw()),
        other => {
            let plain = DynamicImage::ImageRgba8(other.to_rgba8());
            return resize(&plain, from, (width, height));
        }
    };
    let failed = |error: &dyn std::fmt::Display| RenderError::Internal(error.to_string());
    let source = ImageRef::new(pixels.width(), pixels.height(), bytes, kind)
        .map_err(|error| failed(&error))?;
    let mut target = Image::new(width, height, kind);
    let options = ResizeOptions::new().crop(
        f64::from(from.x),
        f64::from(from.y),
        f64::from(from.width),
        f64::from(from.height),
    );
    Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|error| failed(&error))?;
    let bytes = target.into_vec();
    let made = match kind {
        PixelType::U8x3 => RgbImage::from_raw(width, height, bytes).map(DynamicImage::from),
        _ => RgbaImage::from_raw(width, height, bytes).map(DynamicImage::from),
    };
    made.ok_or_else(|| RenderError::Internal("a picture has lost pixels".to_owned()))
}
