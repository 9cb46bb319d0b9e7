//! The steps of a recipe, in the order that they have.

use image::{
    DynamicImage, RgbaImage,
    imageops::{flip_horizontal_in_place, flip_vertical_in_place},
};

use super::{blur, draw, scale};
use crate::image::error::{RenderError, check_result};
use crate::image::{
    geometry::{Rect, Size, turned},
    recipe::{Flip, Recipe},
};

/// Whether pixels are a whole picture or one of an animation, which some parameters leave alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frames {
    /// A picture of one frame.
    One,
    /// A frame of an animation.
    Several,
}

/// Changes the pixels of a frame. `marks` are the recipe's watermarks as pictures, in their order.
pub(crate) fn change(
    pixels: DynamicImage,
    recipe: &Recipe,
    marks: &[RgbaImage],
    of: Frames,
) -> Result<DynamicImage, RenderError> {
    plan((pixels.width(), pixels.height()), recipe)?;
    // Large pictures become small first, three bytes a pixel where that is enough.
    let pixels = sized(pixels, recipe)?;
    if !is_painted(recipe) {
        return Ok(pixels);
    }
    let mut pixels = pixels.into_rgba8();
    if let Some(radius) = recipe.roundrect {
        draw::round_corners(&mut pixels, radius);
    }
    if let Some(angle) = recipe.rotate {
        pixels = draw::turn(&pixels, angle.degrees());
    }
    match recipe.flip {
        Some(Flip::LeftRight) => flip_horizontal_in_place(&mut pixels),
        Some(Flip::TopDown) => flip_vertical_in_place(&mut pixels),
        None => {}
    }
    if recipe.unsharp {
        pixels = DynamicImage::from(pixels).unsharpen(1.0, 2).into_rgba8();
    }
    if let Some(strength) = recipe.blur {
        pixels = blur::gaussian(pixels, strength);
    }
    if let Some((across, down)) = recipe.border {
        let (width, height) = pixels.dimensions();
        let size = (width + 2 * across, height + 2 * down);
        let place = (i64::from(across), i64::from(down));
        pixels = draw::on_canvas(&pixels, size, place, recipe.border_color);
    }
    if let Some(canvas) = recipe.canvas {
        let size = (canvas.width, canvas.height);
        let place = canvas.place(pixels.dimensions());
        pixels = draw::on_canvas(&pixels, size, place, recipe.canvas_color);
    }
    if let Some(gradient) = recipe.gradient.filter(|_| of == Frames::One) {
        draw::gradient(&mut pixels, &gradient);
    }
    for (watermark, mark) in recipe.watermarks.iter().zip(marks) {
        if of == Frames::One || watermark.animate {
            draw::watermark(&mut pixels, watermark, mark)?;
        }
    }
    Ok(pixels.into())
}

/// Sizes of what a recipe makes of a picture.
pub(super) struct Plan {
    pub(super) result: Size,
    /// The pixels of the largest step.
    pub(super) largest: u64,
    /// What is scaled, and to what.
    pub(super) scaling: Option<(Size, Size)>,
}

/// All that a recipe makes of a picture of this size, before any of it is made.
///
/// # Errors
/// [`RenderError::Parameter`] if a part of it is too large.
pub(super) fn plan(mut size: Size, recipe: &Recipe) -> Result<Plan, RenderError> {
    let mut largest = 0;
    let mut made = |(width, height): Size| {
        largest = (u64::from(width) * u64::from(height)).max(largest);
        (width, height)
    };
    if let Some(region) = recipe.crop {
        size = region.of(size).size();
    }
    let mut scaling = None;
    if let Some(wanted) = recipe.scaling {
        let scaled = wanted.of(size, recipe.force);
        scaling = Some((scaled.from.size(), scaled.to));
        size = made(scaled.to);
        check_result(size)?;
    }
    if let Some(region) = recipe.clip {
        size = region.of(size).size();
    }
    size = made(size);
    if let Some(angle) = recipe.rotate {
        size = made(turned(size, angle.degrees()));
        check_result(size)?;
    }
    if let Some((across, down)) = recipe.border {
        size = made((size.0 + 2 * across, size.1 + 2 * down));
        check_result(size)?;
    }
    if let Some(canvas) = recipe.canvas {
        size = made((canvas.width, canvas.height));
        check_result(size)?;
    }
    Ok(Plan {
        result: size,
        largest,
        scaling,
    })
}

/// Crop, scaling, clip.
fn sized(mut pixels: DynamicImage, recipe: &Recipe) -> Result<DynamicImage, RenderError> {
    let size = |pixels: &DynamicImage| (pixels.width(), pixels.height());
    if let Some(region) = recipe.crop {
        let part = region.of(size(&pixels));
        pixels = cut(pixels, part);
    }
    if let Some(scaling) = recipe.scaling {
        let scaled = scaling.of(size(&pixels), recipe.force);
        pixels = match scaled.to == scaled.from.size() {
            true => cut(pixels, scaled.from),
            false => scale::resize(&pixels, scaled.from, scaled.to)?,
        };
    }
    if let Some(region) = recipe.clip {
        let part = region.of(size(&pixels));
        pixels = cut(pixels, part);
    }
    Ok(pixels)
}

fn cut(pixels: DynamicImage, part: Rect) -> DynamicImage {
    if part.size() == (pixels.width(), pixels.height()) {
        return pixels;
    }
    pixels.crop_imm(part.x, part.y, part.width, part.height)
}

/// Whether anything comes after crop, scaling and clip.
pub(super) fn is_painted(recipe: &Recipe) -> bool {
    recipe.roundrect.is_some()
        || recipe.rotate.is_some()
        || recipe.flip.is_some()
        || recipe.unsharp
        || recipe.blur.is_some()
        || recipe.border.is_some()
        || recipe.canvas.is_some()
        || recipe.gradient.is_some()
        || !recipe.watermarks.is_empty()
}
