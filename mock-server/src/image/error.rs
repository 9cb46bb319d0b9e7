//! Why a picture is not processed, and how large it may be.

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

/// What a decoder found wrong.
pub(super) fn broken(error: impl std::fmt::Display) -> RenderError {
    RenderError::NotAnImage(error.to_string())
}
