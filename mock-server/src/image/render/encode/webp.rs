//! WebP: with loss unless told otherwise, still or animated.

use image::{DynamicImage, metadata::LoopCount};
use webp::{AnimEncoder, AnimFrame, Encoder, PixelLayout, WebPConfig};

use super::Picture;
use crate::image::error::RenderError;
use crate::image::recipe::{DEFAULT_QUALITY, Output};

/// The format has no longer sides.
const MAX_SIDE: u32 = 16_383;

pub(super) fn encode(picture: &Picture, output: &Output) -> Result<Vec<u8>, RenderError> {
    let failed = |why: String| RenderError::Internal(format!("WebP cannot be written: {why}"));
    let first = picture.first()?;
    let (width, height) = (first.width(), first.height());
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(RenderError::Parameter(format!(
            "the result would have {width} x {height} pixels; WebP has at most {MAX_SIDE} a side"
        )));
    }
    let mut config = WebPConfig::new().map_err(|()| failed("its library is another".to_owned()))?;
    config.quality = f32::from(output.quality.unwrap_or(DEFAULT_QUALITY));
    config.lossless = i32::from(output.lossless);
    if output.lossless {
        // Of effort here, of which most would take minutes.
        config.quality = 75.0;
    }
    if picture.frames.len() == 1 {
        let (bytes, layout) = raw(first);
        let encoder = Encoder::new(bytes, layout, width, height);
        let written = encoder.encode_advanced(&config);
        return written
            .map(|bytes| bytes.to_vec())
            .map_err(|error| failed(format!("{error:?}")));
    }
    let mut encoder = AnimEncoder::new(width, height, &config);
    encoder.set_bgcolor([0; 4]);
    encoder.set_loop_count(match picture.loops {
        LoopCount::Infinite => 0,
        LoopCount::Finite(times) => i32::try_from(times.get()).unwrap_or(0),
    });
    let mut begin = 0;
    for frame in &picture.frames {
        let (bytes, layout) = raw(&frame.pixels);
        encoder.add_frame(AnimFrame::new(bytes, layout, width, height, begin, None));
        let (numerator, denominator) = frame.delay.numer_denom_ms();
        let pause = i32::try_from(numerator / denominator.max(1)).unwrap_or(i32::MAX);
        begin = begin.saturating_add(pause.max(1));
    }
    let written = encoder.try_encode();
    written
        .map(|bytes| bytes.to_vec())
        .map_err(|error| failed(format!("{error:?}")))
}

/// How many there are in a file.
pub(super) fn frames(bytes: &[u8]) -> u32 {
    match image_webp::WebPDecoder::new(std::io::Cursor::new(bytes)) {
        Ok(decoder) if decoder.is_animated() => decoder.num_frames(),
        _ => 1,
    }
}

/// Pictures are three or four bytes a pixel from the decoder on.
fn raw(pixels: &DynamicImage) -> (&[u8], PixelLayout) {
    match pixels {
        DynamicImage::ImageRgb8(pixels) => (pixels.as_raw(), PixelLayout::Rgb),
        other => (other.as_bytes(), PixelLayout::Rgba),
    }
}
