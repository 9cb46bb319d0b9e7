//! Changes of pixels that no library makes the way the service's words have it.

use image::{Rgba, RgbaImage, imageops};

use super::scale;
use crate::image::error::RenderError;
use crate::image::{
    geometry::{Rect, turned},
    recipe::{Color, Direction, Gradient, Mark, Watermark},
};

const WHITE: Rgba<u8> = Rgba([255; 4]);

/// Makes the corners transparent; the edge of the circle is smooth.
pub(super) fn round_corners(pixels: &mut RgbaImage, radius: u32) {
    let (width, height) = pixels.dimensions();
    let radius = radius.min(width / 2).min(height / 2);
    let round = f64::from(radius);
    for y in 0..radius {
        for x in 0..radius {
            let (left, up) = (round - f64::from(x) - 0.5, round - f64::from(y) - 0.5);
            let inside = (round - left.hypot(up) + 0.5).clamp(0.0, 1.0);
            let corners = [
                (x, y),
                (width - 1 - x, y),
                (x, height - 1 - y),
                (width - 1 - x, height - 1 - y),
            ];
            for (x, y) in corners {
                let alpha = &mut pixels.get_pixel_mut(x, y).0[3];
                *alpha = (f64::from(*alpha) * inside).round() as u8;
            }
        }
    }
}

/// Turns clockwise; what is new is transparent.
pub(super) fn turn(pixels: &RgbaImage, degrees: f64) -> RgbaImage {
    match degrees {
        90.0 => return imageops::rotate90(pixels),
        180.0 => return imageops::rotate180(pixels),
        270.0 => return imageops::rotate270(pixels),
        360.0 => return pixels.clone(),
        _ => {}
    }
    let (width, height) = turned(pixels.dimensions(), degrees);
    let (sine, cosine) = degrees.to_radians().sin_cos();
    let middle = |size: u32| f64::from(size) / 2.0;
    let (source_x, source_y) = (middle(pixels.width()), middle(pixels.height()));
    let (target_x, target_y) = (middle(width), middle(height));
    RgbaImage::from_fn(width, height, |x, y| {
        let (x, y) = (f64::from(x) + 0.5 - target_x, f64::from(y) + 0.5 - target_y);
        // Back by the same angle.
        let from_x = x * cosine + y * sine + source_x - 0.5;
        let from_y = y * cosine - x * sine + source_y - 0.5;
        sample(pixels, from_x, from_y)
    })
}

/// The colour between four pixels, of which those outside are transparent.
fn sample(pixels: &RgbaImage, x: f64, y: f64) -> Rgba<u8> {
    let (left, top) = (x.floor(), y.floor());
    let mut sum = [0.0; 4];
    for (dx, dy) in [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)] {
        let (at_x, at_y) = (left + dx, top + dy);
        let is_inside = at_x >= 0.0
            && at_y >= 0.0
            && at_x < f64::from(pixels.width())
            && at_y < f64::from(pixels.height());
        if !is_inside {
            continue;
        }
        let share = (1.0 - (x - at_x).abs()) * (1.0 - (y - at_y).abs());
        let [red, green, blue, alpha] = pixels.get_pixel(at_x as u32, at_y as u32).0;
        let weight = share * f64::from(alpha);
        for (sum, part) in sum.iter_mut().zip([red, green, blue]) {
            *sum += weight * f64::from(part);
        }
        sum[3] += weight;
    }
    if sum[3] <= 0.0 {
        return Rgba([0; 4]);
    }
    let part = |index: usize| (sum[index] / sum[3]).round() as u8;
    Rgba([part(0), part(1), part(2), sum[3].round() as u8])
}

/// Puts a picture on a larger or smaller ground.
pub(super) fn on_canvas(
    pixels: &RgbaImage,
    (width, height): (u32, u32),
    (x, y): (i64, i64),
    color: Option<Color>,
) -> RgbaImage {
    let color = color.map_or(WHITE, |color| Rgba(color.0));
    let mut canvas = RgbaImage::from_pixel(width, height, color);
    imageops::overlay(&mut canvas, pixels, x, y);
    canvas
}

/// Paints a band whose colour and opacity change along it.
pub(super) fn gradient(pixels: &mut RgbaImage, gradient: &Gradient) {
    let (width, height) = pixels.dimensions();
    let (start, stop) = gradient.band;
    let (Color(from), Color(to)) = gradient.colors;
    for (x, y, pixel) in pixels.enumerate_pixels_mut() {
        let at = match gradient.direction {
            Direction::TopDown => y,
            Direction::BottomUp => height - 1 - y,
            Direction::LeftRight => x,
            Direction::RightLeft => width - 1 - x,
        };
        if at < start || at > stop {
            continue;
        }
        let share = f64::from(at - start) / f64::from(stop - start);
        let between = |index: usize| {
            let (from, to) = (f64::from(from[index]), f64::from(to[index]));
            (from + (to - from) * share).round() as u8
        };
        let color = Rgba([between(0), between(1), between(2), between(3)]);
        image::Pixel::blend(pixel, &color);
    }
}

/// Lays a picture, or a text as a picture, over another.
pub(super) fn watermark(
    pixels: &mut RgbaImage,
    watermark: &Watermark,
    mark: &RgbaImage,
) -> Result<(), RenderError> {
    let (percent, repeat) = match watermark.what {
        Mark::Picture {
            percent, repeat, ..
        } => (percent, repeat),
        Mark::Text { .. } => (0, false),
    };
    let mut mark = match percent {
        0 => mark.clone(),
        percent => sized(mark, pixels, percent)?,
    };
    for pixel in mark.pixels_mut() {
        let alpha = u32::from(pixel.0[3]) * u32::from(watermark.opacity) / 100;
        pixel.0[3] = u8::try_from(alpha).unwrap_or(255);
    }
    if repeat {
        imageops::tile(pixels, &mark);
        return Ok(());
    }
    let (inner, outer) = (mark.dimensions(), pixels.dimensions());
    let place = watermark.align;
    let (x, y) = place.place_with_margin(inner, outer, watermark.margin);
    imageops::overlay(pixels, &mark, x, y);
    Ok(())
}

/// A mark whose longer side is a part of the picture's shorter one.
fn sized(mark: &RgbaImage, pixels: &RgbaImage, percent: u8) -> Result<RgbaImage, RenderError> {
    let shorter = pixels.width().min(pixels.height());
    let longer = f64::from(mark.width().max(mark.height()));
    let factor = f64::from(shorter) * f64::from(percent) / 100.0 / longer;
    let side = |side: u32| ((f64::from(side) * factor).round() as u32).max(1);
    let size = (side(mark.width()), side(mark.height()));
    let whole = Rect::whole(mark.dimensions());
    let sized = scale::resize(&mark.clone().into(), whole, size)?;
    Ok(sized.into_rgba8())
}
