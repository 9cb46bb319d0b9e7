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

use super::Kind;
pub(crate) use change::{change, change_frame};
pub(crate) use decode::{iptc_block, kind_of, read, read_first, reader};
pub(crate) use encode::{Rendered, encode};
pub(crate) use estimate::{Look, bytes, bytes_of_changes, bytes_of_first, look_at};
pub(crate) use svg::{draw_here, size as svg_size};

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
    /// There are too many pixels, or they take more memory than all pictures have.
    TooMany,
    /// It takes too long.
    TooSlow,
    /// So many others are worked on that it was not begun.
    Busy,
    /// A parameter does not fit this picture.
    Parameter(String),
    /// The machine would not have it.
    Internal(String),
}

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

/// What a result may have, checked before it is made.
pub(crate) fn check_result((width, height): (u32, u32)) -> Result<(), RenderError> {
    let pixels = u64::from(width) * u64::from(height);
    if width > MAX_SIDE || height > MAX_SIDE || pixels > MAX_PIXELS {
        return Err(RenderError::Parameter(format!(
            "the result would have {width} x {height} pixels; {MAX_SIDE} a side and {MAX_PIXELS} in \
             all are allowed"
        )));
    }
    Ok(())
}

fn broken(error: impl std::fmt::Display) -> RenderError {
    RenderError::NotAnImage(error.to_string())
}
