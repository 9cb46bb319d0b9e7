//! Gaussian blur.

use image::{Rgba, RgbaImage, imageops};

use crate::image::recipe::Blur;

/// Beyond so many times its strength, the bell has next to nothing to say.
const REACH: f64 = 2.5;
/// Beyond so many it has nothing to say.
const END: u32 = 4;
/// The widest bell that is laid over each pixel even if a quicker way is nearly as good.
const WIDE: u32 = 16;

/// Blurs by a bell that is cut off at the radius. No radius is one that cuts nothing off.
pub(super) fn gaussian(mut pixels: RgbaImage, blur: Blur) -> RgbaImage {
    let is_opaque = pixels.pixels().all(|pixel| pixel.0[3] == 255);
    if !is_opaque {
        // What cannot be seen must not colour what can.
        pixels.pixels_mut().for_each(weigh);
    }
    let is_whole = blur.radius == 0 || f64::from(blur.radius) >= REACH * f64::from(blur.sigma);
    let radius = match blur.radius {
        0 => END * blur.sigma,
        radius => radius.min(END * blur.sigma),
    };
    let mut blurred = if is_whole && radius > WIDE {
        // Several boxes, one after the other, are as good as a wide bell, and quick for any strength.
        imageops::fast_blur(&pixels, blur.sigma as f32)
    } else {
        let bell = bell(Blur { radius, ..blur });
        down_columns(&along_rows(&pixels, &bell), &bell)
    };
    if !is_opaque {
        blurred.pixels_mut().for_each(unweigh);
    }
    blurred
}

fn bell(blur: Blur) -> Vec<f32> {
    let sigma = f64::from(blur.sigma);
    let height = |x: u32| (-f64::from(x).powi(2) / (2.0 * sigma * sigma)).exp();
    let half: Vec<f64> = (0..=blur.radius).map(height).collect();
    let heights: Vec<f64> = half[1..].iter().rev().chain(&half).copied().collect();
    let sum: f64 = heights.iter().sum();
    heights.iter().map(|height| (height / sum) as f32).collect()
}

/// The edges go on and on outside of the picture.
fn along_rows(pixels: &RgbaImage, bell: &[f32]) -> RgbaImage {
    let (width, radius) = (pixels.width() as usize, bell.len() / 2);
    let mut blurred = RgbaImage::new(pixels.width(), pixels.height());
    let mut wide = vec![[0.0; 4]; width + 2 * radius];
    for (from, to) in pixels.rows().zip(blurred.rows_mut()) {
        let colors: Vec<[f32; 4]> = from.map(|pixel| pixel.0.map(f32::from)).collect();
        for (at, color) in wide.iter_mut().enumerate() {
            *color = colors[at.saturating_sub(radius).min(width - 1)];
        }
        for (around, pixel) in wide.windows(bell.len()).zip(to) {
            let mut sum = [0.0; 4];
            for (color, weight) in around.iter().zip(bell) {
                add(&mut sum, color, *weight);
            }
            *pixel = rounded(sum);
        }
    }
    blurred
}

fn down_columns(pixels: &RgbaImage, bell: &[f32]) -> RgbaImage {
    let (width, height) = (pixels.width() as usize, pixels.height() as usize);
    let radius = bell.len() / 2;
    let mut blurred = RgbaImage::new(pixels.width(), pixels.height());
    let rows: &[[u8; 4]] = pixels.as_raw().as_chunks::<4>().0;
    let mut sums = vec![[0.0; 4]; width];
    for (y, to) in blurred.rows_mut().enumerate() {
        sums.fill([0.0; 4]);
        for (at, weight) in bell.iter().enumerate() {
            let row = (y + at).saturating_sub(radius).min(height - 1);
            let from = &rows[row * width..][..width];
            for (sum, color) in sums.iter_mut().zip(from) {
                add(sum, &color.map(f32::from), *weight);
            }
        }
        for (sum, pixel) in sums.iter().zip(to) {
            *pixel = rounded(*sum);
        }
    }
    blurred
}

fn add(sum: &mut [f32; 4], color: &[f32; 4], weight: f32) {
    for (sum, part) in sum.iter_mut().zip(color) {
        *sum += part * weight;
    }
}

fn rounded(sum: [f32; 4]) -> Rgba<u8> {
    // A cast stays in range.
    Rgba(sum.map(|part| (part + 0.5) as u8))
}

fn weigh(pixel: &mut Rgba<u8>) {
    let [colors @ .., alpha] = &mut pixel.0;
    let alpha = u16::from(*alpha);
    for color in colors {
        *color = ((u16::from(*color) * alpha + 127) / 255) as u8;
    }
}

fn unweigh(pixel: &mut Rgba<u8>) {
    let [colors @ .., alpha] = &mut pixel.0;
    let alpha = u32::from(*alpha);
    if alpha == 0 {
        return;
    }
    for color in colors {
        *color = ((u32::from(*color) * 255 + alpha / 2) / alpha).min(255) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A white dot in the middle of black.
    fn dot(blur: Blur) -> Vec<u8> {
        let mut pixels = RgbaImage::from_pixel(9, 9, Rgba([0, 0, 0, 255]));
        pixels.put_pixel(4, 4, Rgba([255; 4]));
        let blurred = gaussian(pixels, blur);
        (0..9).map(|x| blurred.get_pixel(x, 4).0[0]).collect()
    }

    #[test]
    fn the_radius_bounds_what_is_looked_at() {
        let cut = dot(Blur {
            radius: 1,
            sigma: 10,
        });
        // A ninth of the dot, as the bell is all but flat.
        assert_eq!(cut, [0, 0, 0, 28, 28, 28, 0, 0, 0]);
        let wider = dot(Blur {
            radius: 2,
            sigma: 10,
        });
        assert_eq!(wider, [0, 0, 10, 10, 11, 10, 10, 0, 0]);
    }

    #[test]
    fn edges_and_even_colors_stay() {
        let even = RgbaImage::from_pixel(5, 4, Rgba([7, 100, 200, 255]));
        for (radius, sigma) in [(3, 9), (0, 2), (50, 3)] {
            let blurred = gaussian(even.clone(), Blur { radius, sigma });
            assert_eq!(blurred, even, "{radius} {sigma}");
        }
    }
}
