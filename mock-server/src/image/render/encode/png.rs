//! PNG.

use std::{collections::HashMap, io::Cursor};

use color_quant::NeuQuant;
use image::{
    DynamicImage, ImageEncoder as _, RgbaImage,
    codecs::png::{CompressionType, FilterType, PngEncoder},
};
use png::{BitDepth, ColorType, Compression, Encoder};

use crate::image::error::RenderError;
use crate::image::recipe::Output;

/// Colours of a palette.
const MOST_COLORS: usize = 256;

pub(super) fn encode(pixels: &DynamicImage, output: &Output) -> Result<Vec<u8>, RenderError> {
    if output.compress {
        return with_palette(&pixels.to_rgba8());
    }
    let mut bytes = Cursor::new(Vec::new());
    // An alpha channel that says nothing is not written.
    let opaque = match pixels {
        DynamicImage::ImageRgba8(it) if it.pixels().all(|pixel| pixel.0[3] == 255) => {
            Some(DynamicImage::from(pixels.to_rgb8()))
        }
        _ => None,
    };
    let pixels = opaque.as_ref().unwrap_or(pixels);
    PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive)
        .write_image(
            pixels.as_bytes(),
            pixels.width(),
            pixels.height(),
            pixels.color().into(),
        )
        .map_err(failed)?;
    Ok(bytes.into_inner())
}

/// With a palette: exact if there are few colours, else of those that come nearest.
fn with_palette(pixels: &RgbaImage) -> Result<Vec<u8>, RenderError> {
    let (palette, indices) = match few_colors(pixels) {
        Some(exact) => exact,
        None => nearest_colors(pixels),
    };
    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_compression(Compression::High);
    let colors = palette.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]);
    encoder.set_palette(colors.collect::<Vec<u8>>());
    if palette.iter().any(|color| color[3] < 255) {
        let alphas = palette.iter().map(|color| color[3]);
        encoder.set_trns(alphas.collect::<Vec<u8>>());
    }
    let mut writer = encoder.write_header().map_err(failed)?;
    writer.write_image_data(&indices).map_err(failed)?;
    writer.finish().map_err(failed)?;
    Ok(bytes)
}

type Palette = Vec<[u8; 4]>;

fn few_colors(pixels: &RgbaImage) -> Option<(Palette, Vec<u8>)> {
    let mut known: HashMap<[u8; 4], u8> = HashMap::new();
    let mut palette = Palette::new();
    let mut indices = Vec::with_capacity(pixels.len() / 4);
    for pixel in pixels.pixels() {
        let index = match known.get(&pixel.0) {
            Some(index) => *index,
            None if palette.len() == MOST_COLORS => return None,
            None => {
                let index = u8::try_from(palette.len()).ok()?;
                palette.push(pixel.0);
                known.insert(pixel.0, index);
                index
            }
        };
        indices.push(index);
    }
    Some((palette, indices))
}

fn nearest_colors(pixels: &RgbaImage) -> (Palette, Vec<u8>) {
    let quantizer = NeuQuant::new(10, MOST_COLORS, pixels.as_raw());
    let palette = quantizer.color_map_rgba();
    let palette = palette.as_chunks::<4>().0.to_vec();
    let index = |pixel: &image::Rgba<u8>| u8::try_from(quantizer.index_of(&pixel.0)).unwrap_or(0);
    (palette, pixels.pixels().map(index).collect())
}

fn failed(error: impl std::fmt::Display) -> RenderError {
    RenderError::Internal(format!("PNG cannot be written: {error}"))
}
