//! From bytes to pixels, within bounds.

use std::io::{BufRead, Seek};

use image::{
    AnimationDecoder as _, DynamicImage, Frame, ImageDecoder, ImageFormat, ImageReader, Limits,
    codecs::{gif::GifDecoder, webp::WebPDecoder},
};

use super::{MAX_PIXELS, MAX_SIDE, Picture, RenderError, rgba};

/// Four bytes a pixel, twice: as read, and as they will be.
const MAX_BYTES: u64 = 8 * MAX_PIXELS;

pub(super) fn picture(
    mut content: impl BufRead + Seek,
    only_first: bool,
    upright: bool,
) -> Result<Picture, RenderError> {
    let broken = |error: &dyn std::fmt::Display| RenderError::NotAnImage(error.to_string());
    let begin = content.fill_buf().map_err(|error| broken(&error))?;
    let format = image::guess_format(begin).map_err(|error| broken(&error))?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MAX_BYTES);
    match format {
        ImageFormat::Gif if !only_first => {
            let decoder = GifDecoder::new(content).map_err(|error| broken(&error))?;
            let size = decoder.dimensions();
            check(size, 1)?;
            frames(decoder.into_frames(), size, format)
        }
        ImageFormat::WebP => {
            let decoder = WebPDecoder::new(content).map_err(|error| broken(&error))?;
            if !only_first && decoder.has_animation() {
                let size = decoder.dimensions();
                check(size, 1)?;
                return frames(decoder.into_frames(), size, format);
            }
            still(decoder, format, upright, limits)
        }
        _ => {
            let reader = ImageReader::with_format(content, format);
            let decoder = reader.into_decoder().map_err(|error| broken(&error))?;
            still(decoder, format, upright, limits)
        }
    }
}

fn still(
    mut decoder: impl ImageDecoder,
    format: ImageFormat,
    upright: bool,
    limits: Limits,
) -> Result<Picture, RenderError> {
    let broken = |error: image::ImageError| RenderError::NotAnImage(error.to_string());
    check(decoder.dimensions(), 1)?;
    decoder.set_limits(limits).map_err(broken)?;
    let icc = decoder.icc_profile().map_err(broken)?;
    let exif = decoder.exif_metadata().map_err(broken)?;
    let orientation = decoder.orientation().map_err(broken)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(broken)?;
    if upright {
        picture.apply_orientation(orientation);
    }
    Ok(Picture {
        frames: vec![Frame::new(rgba(picture))],
        format,
        icc,
        exif,
    })
}

fn frames(
    decoded: image::Frames<'_>,
    size: (u32, u32),
    format: ImageFormat,
) -> Result<Picture, RenderError> {
    let mut frames = Vec::new();
    for frame in decoded {
        let frame = frame.map_err(|error| RenderError::NotAnImage(error.to_string()))?;
        frames.push(frame);
        check(size, frames.len() as u64)?;
    }
    if frames.is_empty() {
        return Err(RenderError::NotAnImage("it has no frames".to_owned()));
    }
    Ok(Picture {
        frames,
        format,
        icc: None,
        exif: None,
    })
}

fn check((width, height): (u32, u32), frames: u64) -> Result<(), RenderError> {
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(RenderError::TooLong);
    }
    if u64::from(width) * u64::from(height) * frames > MAX_PIXELS {
        return Err(RenderError::TooMany);
    }
    Ok(())
}
