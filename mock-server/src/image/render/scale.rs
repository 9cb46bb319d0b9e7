//! Other sizes of pictures.

use fast_image_resize::{ResizeOptions, Resizer};
use image::{ColorType, DynamicImage, GenericImageView as _, RgbaImage};

use crate::image::error::RenderError;
use crate::image::geometry::{Rect, Size};

/// Up to this many pixels, transparent pictures are scaled in floating point, 16 bytes a pixel.
const PRECISE: u64 = 16_000_000;

/// What the scaling of a transparent picture takes besides its pixels and those of its result.
pub(super) fn floating_bytes((width, height): Size, (wide, high): Size) -> u64 {
    let source = u64::from(width) * u64::from(height);
    match source <= PRECISE {
        true => 20 * source + 16 * u64::from(wide) * u64::from(high),
        false => 0,
    }
}

/// Gives a part of a picture another size, by Lanczos with three lobes.
///
/// Colours are weighted by their opacity. In eight bits the filter's overshoot at the edge of what
/// is opaque would be cut off before it is divided by the opacity again, and the edge would darken.
pub(super) fn resize(
    pixels: &DynamicImage,
    from: Rect,
    size: Size,
) -> Result<DynamicImage, RenderError> {
    match pixels {
        DynamicImage::ImageRgba8(part) if is_transparent(part) && area(from) <= PRECISE => {
            let part = part.view(from.x, from.y, from.width, from.height);
            let part = DynamicImage::ImageRgba8(part.to_image()).into_rgba32f();
            let whole = Rect { x: 0, y: 0, ..from };
            let made = scaled(&part.into(), whole, size)?;
            Ok(made.into_rgba8().into())
        }
        DynamicImage::ImageRgb8(_) | DynamicImage::ImageRgba8(_) => scaled(pixels, from, size),
        other => resize(&other.to_rgba8().into(), from, size),
    }
}

fn scaled(
    pixels: &DynamicImage,
    from: Rect,
    (width, height): Size,
) -> Result<DynamicImage, RenderError> {
    let mut made = match pixels.color() {
        ColorType::Rgb8 => DynamicImage::new_rgb8(width, height),
        ColorType::Rgba32F => DynamicImage::new_rgba32f(width, height),
        _ => DynamicImage::new_rgba8(width, height),
    };
    let options = ResizeOptions::new().crop(
        f64::from(from.x),
        f64::from(from.y),
        f64::from(from.width),
        f64::from(from.height),
    );
    Resizer::new()
        .resize(pixels, &mut made, &options)
        .map_err(|error| RenderError::Internal(error.to_string()))?;
    Ok(made)
}

fn is_transparent(pixels: &RgbaImage) -> bool {
    pixels.pixels().any(|pixel| pixel.0[3] != u8::MAX)
}

fn area(part: Rect) -> u64 {
    u64::from(part.width) * u64::from(part.height)
}
