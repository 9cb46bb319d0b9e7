//! How many frames an animation has, without a look at their pixels.

use std::io::{BufRead, Seek};

/// Pictures with more frames than this are counted no further.
const MOST_FRAMES: u32 = 100_000;

/// How many frames a GIF has, without a look at their pixels.
pub(super) fn gif_frames(content: impl BufRead) -> Option<u32> {
    gif(content).map(|(_, _, frames)| frames)
}

/// How many frames a WebP has.
pub(super) fn webp_frames(content: impl BufRead + Seek) -> Option<u32> {
    webp(content).map(|(_, _, frames)| frames)
}

/// Width, height and frames of a GIF.
pub(super) fn gif(content: impl BufRead) -> Option<(u32, u32, u32)> {
    let mut options = gif::DecodeOptions::new();
    options.skip_frame_decoding(true);
    let mut decoder = options.read_info(content).ok()?;
    let (width, height) = (decoder.width().into(), decoder.height().into());
    let mut frames = 0;
    // What comes after a broken frame is not counted; a picture without any frame is none.
    while let Ok(Some(_)) = decoder.next_frame_info() {
        frames += 1;
        if frames == MOST_FRAMES {
            break;
        }
    }
    (frames > 0).then_some((width, height, frames))
}

/// Width, height and frames of a WebP.
pub(super) fn webp(content: impl BufRead + Seek) -> Option<(u32, u32, u32)> {
    let decoder = image_webp::WebPDecoder::new(content).ok()?;
    let (width, height) = decoder.dimensions();
    let frames = if decoder.is_animated() {
        decoder.num_frames()
    } else {
        1
    };
    Some((width, height, frames))
}
