//! Pixels: a picture is decoded, changed as a recipe says, and encoded.
//!
//! All of it blocks and may take seconds: it belongs on a thread of its own.

mod blur;
mod change;
mod decode;
mod draw;
mod encode;
mod estimate;
mod scale;
mod svg;
pub(crate) mod text;

use image::{Delay, DynamicImage, RgbaImage, metadata::LoopCount};

use super::{Kind, error::RenderError};
pub(crate) use change::{Frames, change};
pub(crate) use decode::{iptc_block, kind_of, read, read_first, reader};
pub(crate) use encode::{Rendered, encode};
pub(crate) use estimate::{Look, bytes, bytes_of_changes, bytes_of_first, look_at};
pub(crate) use svg::{draw_here, size as svg_size};

/// A decoded picture.
pub(crate) struct Picture {
    /// At least one.
    pub(crate) frames: Vec<Frame>,
    /// What it was read from.
    pub(crate) kind: Kind,
    loops: LoopCount,
    icc: Option<Vec<u8>>,
    exif: Option<Vec<u8>>,
}

/// One picture of an animation, or the only one.
pub(crate) struct Frame {
    pub(crate) pixels: DynamicImage,
    delay: Delay,
}

impl Picture {
    /// A picture that was read from no file.
    pub(crate) fn drawn(pixels: RgbaImage, kind: Kind) -> Self {
        Self {
            frames: vec![Frame::still(pixels.into())],
            kind,
            loops: LoopCount::Infinite,
            icc: None,
            exif: None,
        }
    }

    /// The first frame.
    pub(crate) fn first(&self) -> Result<&DynamicImage, RenderError> {
        let none = || RenderError::NotAnImage("it has no frames".to_owned());
        self.frames.first().map(|it| &it.pixels).ok_or_else(none)
    }

    /// The first frame, four bytes a pixel.
    pub(crate) fn into_pixels(mut self) -> Result<RgbaImage, RenderError> {
        self.first()?;
        Ok(self.frames.swap_remove(0).pixels.into_rgba8())
    }
}

impl Frame {
    fn changed(self, change: &mut decode::Change<'_>) -> Result<Self, RenderError> {
        Ok(Self {
            pixels: change(self.pixels)?,
            delay: self.delay,
        })
    }

    fn still(pixels: DynamicImage) -> Self {
        Self {
            pixels,
            delay: Delay::from_numer_denom_ms(100, 1),
        }
    }
}
