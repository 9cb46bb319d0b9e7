//! Pixels: a picture is decoded, changed as a recipe says, and encoded.
//!
//! All of it blocks and may take seconds: it belongs on a thread of its own.

mod decode;
mod draw;
mod encode;

use std::io::{BufRead, Seek};

use image::{
    DynamicImage, Frame, RgbaImage,
    imageops::{self, FilterType},
};

use super::{
    geometry::{Rect, turned},
    recipe::{Flip, Mark, Recipe},
};
pub(crate) use encode::Rendered;

/// The largest side of a picture, and the most pixels of all its frames together.
pub(crate) const MAX_SIDE: u32 = 20_000;
pub(crate) const MAX_PIXELS: u64 = 200_000_000;

/// Why a picture cannot be processed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum RenderError {
    /// It is none, or none that can be read.
    NotAnImage(String),
    /// A side is too long.
    TooLong,
    /// There are too many pixels.
    TooMany,
    /// A parameter does not fit this picture.
    Parameter(String),
    /// It is not emulated yet.
    Missing(&'static str),
}

/// A decoded picture.
struct Picture {
    frames: Vec<Frame>,
    /// What it was read from.
    format: image::ImageFormat,
    icc: Option<Vec<u8>>,
    exif: Option<Vec<u8>>,
}

/// Changes a picture. `marks` are the pictures of the recipe's watermarks, in their order; of a text
/// there is none.
pub(crate) fn render(
    content: impl BufRead + Seek,
    recipe: &Recipe,
    marks: &[Option<RgbaImage>],
) -> Result<Rendered, RenderError> {
    let is_text = |mark: &super::recipe::Watermark| matches!(mark.what, Mark::Text { .. });
    if recipe.watermarks.iter().any(is_text) {
        return Err(RenderError::Missing("text watermarks"));
    }
    let mut picture = decode::picture(content, recipe.first_frame, recipe.upright)?;
    if !encode::is_animated(&picture, recipe) {
        picture.frames.truncate(1);
    }
    let is_still = picture.frames.len() == 1;
    let frames = std::mem::take(&mut picture.frames);
    for frame in frames {
        let (delay, frame) = (frame.delay(), frame.into_buffer());
        let changed = change(frame, recipe, marks, is_still)?;
        picture.frames.push(Frame::from_parts(changed, 0, 0, delay));
    }
    encode::picture(&picture, recipe)
}

/// Reads a picture that is laid over others.
pub(crate) fn mark(content: impl BufRead + Seek) -> Result<RgbaImage, RenderError> {
    let mut picture = decode::picture(content, true, false)?;
    match picture.frames.pop() {
        Some(frame) => Ok(frame.into_buffer()),
        None => Err(RenderError::NotAnImage("it has no pixels".to_owned())),
    }
}

/// Changes one picture of an animation, or the only one.
fn change(
    mut pixels: RgbaImage,
    recipe: &Recipe,
    marks: &[Option<RgbaImage>],
    is_still: bool,
) -> Result<RgbaImage, RenderError> {
    if let Some(region) = recipe.crop {
        pixels = part(&pixels, region.of(pixels.dimensions()));
    }
    if let Some(scaling) = recipe.scaling {
        let scaled = scaling.of(pixels.dimensions(), recipe.force);
        check(scaled.to)?;
        pixels = part(&pixels, scaled.from);
        if pixels.dimensions() != scaled.to {
            let (width, height) = scaled.to;
            pixels = imageops::resize(&pixels, width, height, FilterType::Lanczos3);
        }
    }
    if let Some(region) = recipe.clip {
        pixels = part(&pixels, region.of(pixels.dimensions()));
    }
    if let Some(radius) = recipe.roundrect {
        draw::round_corners(&mut pixels, radius);
    }
    if let Some(degrees) = recipe.rotate {
        check(turned(pixels.dimensions(), degrees))?;
        pixels = draw::turn(&pixels, degrees);
    }
    match recipe.flip {
        Some(Flip::LeftRight) => imageops::flip_horizontal_in_place(&mut pixels),
        Some(Flip::TopDown) => imageops::flip_vertical_in_place(&mut pixels),
        None => {}
    }
    if recipe.unsharp {
        pixels = imageops::unsharpen(&pixels, 1.0, 2);
    }
    if let Some(blur) = recipe.blur {
        pixels = imageops::blur(&pixels, draw::sigma(blur));
    }
    if let Some((across, down)) = recipe.border {
        let (width, height) = pixels.dimensions();
        let size = (width + 2 * across, height + 2 * down);
        check(size)?;
        let place = (i64::from(across), i64::from(down));
        pixels = draw::on_canvas(&pixels, size, place, recipe.border_color);
    }
    if let Some(canvas) = recipe.canvas {
        let size = (canvas.width, canvas.height);
        check(size)?;
        let place = canvas.place(pixels.dimensions());
        pixels = draw::on_canvas(&pixels, size, place, recipe.canvas_color);
    }
    if let Some(gradient) = recipe.gradient.filter(|_| is_still) {
        draw::gradient(&mut pixels, &gradient);
    }
    for (watermark, mark) in recipe.watermarks.iter().zip(marks) {
        if let Some(mark) = mark
            && (is_still || watermark.animate)
        {
            draw::watermark(&mut pixels, watermark, mark);
        }
    }
    Ok(pixels)
}

fn part(pixels: &RgbaImage, part: Rect) -> RgbaImage {
    if part.size() == pixels.dimensions() {
        return pixels.clone();
    }
    imageops::crop_imm(pixels, part.x, part.y, part.width, part.height).to_image()
}

/// What a result may have, checked before it is made.
fn check((width, height): (u32, u32)) -> Result<(), RenderError> {
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(RenderError::Parameter(format!(
            "the result would have {width} x {height} pixels; {MAX_SIDE} a side and {MAX_PIXELS} in \
             all are allowed"
        )));
    }
    Ok(())
}

/// Any picture as four bytes a pixel.
fn rgba(picture: DynamicImage) -> RgbaImage {
    picture.into_rgba8()
}
