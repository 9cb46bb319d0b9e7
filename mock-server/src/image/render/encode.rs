//! From pixels to bytes.

use std::io::Cursor;

use image::{
    DynamicImage, ExtendedColorType, Frame, ImageEncoder, ImageFormat, RgbaImage,
    codecs::{
        gif::{GifEncoder, Repeat},
        jpeg::JpegEncoder,
        png::{CompressionType, FilterType, PngEncoder},
        webp::WebPEncoder,
    },
};

use super::{Picture, RenderError};
use crate::{
    image::recipe::{Format, Recipe},
    store::ImageFacts,
};

const DEFAULT_QUALITY: u8 = 75;

/// A picture that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) bytes: Vec<u8>,
    pub(crate) content_type: &'static str,
    pub(crate) facts: ImageFacts,
}

/// The format of the result: as asked for, else as it was; what cannot be written becomes JPEG.
fn target(picture: &Picture, recipe: &Recipe) -> ImageFormat {
    match (recipe.output.format, picture.format) {
        (Some(Format::Jpeg), _) => ImageFormat::Jpeg,
        (Some(Format::Png), _) => ImageFormat::Png,
        (Some(Format::WebP), _) => ImageFormat::WebP,
        (None, known @ (ImageFormat::Png | ImageFormat::Gif | ImageFormat::WebP)) => known,
        (None, _) => ImageFormat::Jpeg,
    }
}

/// Whether all frames are kept.
pub(super) fn is_animated(picture: &Picture, recipe: &Recipe) -> bool {
    picture.frames.len() > 1
        && matches!(
            target(picture, recipe),
            ImageFormat::Gif | ImageFormat::WebP
        )
}

pub(super) fn picture(picture: &Picture, recipe: &Recipe) -> Result<Rendered, RenderError> {
    let format = target(picture, recipe);
    let Some(first) = picture.frames.first().map(Frame::buffer) else {
        return Err(RenderError::NotAnImage("it has no frames".to_owned()));
    };
    let failed = |error: image::ImageError| RenderError::NotAnImage(error.to_string());
    let mut out = Cursor::new(Vec::new());
    let (content_type, file_type) = match format {
        ImageFormat::Gif => {
            let mut encoder = GifEncoder::new_with_speed(&mut out, 10);
            encoder.set_repeat(Repeat::Infinite).map_err(failed)?;
            encoder
                .encode_frames(picture.frames.iter().cloned())
                .map_err(failed)?;
            drop(encoder);
            ("image/gif", "GIF")
        }
        ImageFormat::WebP if picture.frames.len() > 1 => {
            return Err(RenderError::Missing("writing animated WebP"));
        }
        ImageFormat::WebP => {
            let encoder = WebPEncoder::new_lossless(&mut out);
            write(encoder, picture, recipe, first).map_err(failed)?;
            ("image/webp", "WEBP")
        }
        ImageFormat::Png => {
            let kind = match recipe.output.compress {
                true => CompressionType::Best,
                false => CompressionType::Default,
            };
            let encoder = PngEncoder::new_with_quality(&mut out, kind, FilterType::Adaptive);
            write(encoder, picture, recipe, first).map_err(failed)?;
            ("image/png", "PNG")
        }
        _ => {
            let quality = recipe.output.quality.unwrap_or(DEFAULT_QUALITY);
            let encoder = JpegEncoder::new_with_quality(&mut out, quality);
            write_opaque(encoder, picture, recipe, &flattened(first)).map_err(failed)?;
            ("image/jpeg", "JPEG")
        }
    };
    let frames = u32::try_from(picture.frames.len()).unwrap_or(u32::MAX);
    Ok(Rendered {
        bytes: out.into_inner(),
        content_type,
        facts: ImageFacts {
            width: first.width(),
            height: first.height(),
            frames,
            file_type: file_type.to_owned(),
        },
    })
}

fn write(
    mut encoder: impl ImageEncoder,
    picture: &Picture,
    recipe: &Recipe,
    pixels: &RgbaImage,
) -> image::ImageResult<()> {
    keep(&mut encoder, picture, recipe);
    if pixels.pixels().all(|pixel| pixel.0[3] == 255) {
        let opaque = DynamicImage::ImageRgba8(pixels.clone()).into_rgb8();
        let (width, height) = opaque.dimensions();
        return encoder.write_image(&opaque, width, height, ExtendedColorType::Rgb8);
    }
    let (width, height) = pixels.dimensions();
    encoder.write_image(pixels, width, height, ExtendedColorType::Rgba8)
}

fn write_opaque(
    mut encoder: impl ImageEncoder,
    picture: &Picture,
    recipe: &Recipe,
    pixels: &image::RgbImage,
) -> image::ImageResult<()> {
    keep(&mut encoder, picture, recipe);
    let (width, height) = pixels.dimensions();
    encoder.write_image(pixels, width, height, ExtendedColorType::Rgb8)
}

/// Hands the colour profile on, and EXIF if that is asked for.
fn keep(encoder: &mut impl ImageEncoder, picture: &Picture, recipe: &Recipe) {
    let output = &recipe.output;
    if let Some(icc) = &picture.icc
        && !output.no_icc
        && !output.strip
    {
        // Formats that cannot hold it do without.
        let _ = encoder.set_icc_profile(icc.clone());
    }
    if let Some(exif) = &picture.exif
        && output.keep_exif
        && !output.strip
    {
        let _ = encoder.set_exif_metadata(exif.clone());
    }
}

/// On white, for formats without transparency.
fn flattened(pixels: &RgbaImage) -> image::RgbImage {
    image::RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        let on_white = |part: u8| {
            let (part, alpha) = (u32::from(part), u32::from(alpha));
            u8::try_from((part * alpha + 255 * (255 - alpha) + 127) / 255).unwrap_or(255)
        };
        image::Rgb([on_white(red), on_white(green), on_white(blue)])
    })
}
