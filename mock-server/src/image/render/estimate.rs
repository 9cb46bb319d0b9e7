//! How much memory a picture takes, before any of it is decoded.
//!
//! A job reserves all that it takes at once: jobs that hold some memory while they wait for more could
//! wait for one another.

use std::io::{BufRead, Seek, SeekFrom};

use super::{
    change::{is_painted, plan},
    decode::look,
    scale,
};
use crate::image::{
    error::{RenderError, broken},
    geometry::Size,
    recipe::Recipe,
};

/// Four bytes a pixel.
const PIXEL_BYTES: u64 = 4;
/// Small things of every job.
const ROOM_BYTES: u64 = 256 * 1024;

/// What is known of a picture before it is decoded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) size: Size,
    pub(crate) frames: u32,
    pub(crate) has_alpha: bool,
    /// What all that is decoded of it takes, and what it takes to decode it.
    pub(crate) bytes: u64,
}

/// Looks at a picture, and leaves the content where it was.
pub(crate) fn look_at(
    content: &mut (impl BufRead + Seek),
    only_first: bool,
) -> Result<Look, RenderError> {
    let begin = content.stream_position().map_err(broken)?;
    let looked = look(content, only_first);
    content.seek(SeekFrom::Start(begin)).map_err(broken)?;
    looked
}

/// What it takes to decode a picture and to change and write it as a recipe says. 0 if it cannot be
/// decoded.
pub(crate) fn bytes(content: &mut (impl BufRead + Seek), recipe: &Recipe) -> u64 {
    let looked = look_at(content, recipe.needs_one_frame());
    looked.map_or(0, |look| look.bytes + bytes_of_changes(look, recipe))
}

/// What it takes to decode the first frame of a picture, four bytes a pixel. 0 if it cannot be decoded.
pub(crate) fn bytes_of_first(content: &mut (impl BufRead + Seek)) -> u64 {
    let looked = look_at(content, true);
    looked.map_or(0, |look| look.bytes + PIXEL_BYTES * area(look.size))
}

/// What it takes to change and write a picture that is decoded.
pub(crate) fn bytes_of_changes(look: Look, recipe: &Recipe) -> u64 {
    // What is too large is not made.
    let Ok(plan) = plan(look.size, recipe) else {
        return ROOM_BYTES;
    };
    let (source, result) = (area(look.size), area(plan.result));
    // The results of all frames are held until they are written.
    let frames = u64::from(look.frames.max(1)) * result;
    // Steps have a source and a result of their own, and so has the writing.
    let steps = match is_painted(recipe) || look.frames > 1 {
        true => 3 * plan.largest,
        false => plan.largest,
    };
    let upright = if recipe.upright { source } else { 0 };
    let bytes = PIXEL_BYTES * (frames + steps + upright);
    let scaled = match plan.scaling {
        Some((from, to)) if look.has_alpha => scale::floating_bytes(from, to),
        _ => 0,
    };
    bytes + scaled + ROOM_BYTES
}

fn area((width, height): Size) -> u64 {
    u64::from(width) * u64::from(height)
}
