//! From pixels to bytes.

mod gif;
mod jpeg;
mod metadata;
mod png;
mod webp;

use super::Picture;
use crate::image::error::RenderError;
use crate::{
    image::{
        Kind,
        recipe::{Format, Output},
    },
    store::ImageFacts,
};

/// A picture that was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rendered {
    pub(crate) bytes: Vec<u8>,
    pub(crate) kind: Kind,
    pub(crate) facts: ImageFacts,
}

/// Writes a picture as asked for.
pub(crate) fn encode(picture: &Picture, output: &Output) -> Result<Rendered, RenderError> {
    let kind = target(picture, output);
    let first = picture.first()?;
    let bytes = match kind {
        Kind::Gif => gif::encode(picture, output)?,
        Kind::WebP => webp::encode(picture, output)?,
        Kind::Png => png::encode(first, output)?,
        _ => jpeg::encode(first, output)?,
    };
    let frames = match (kind, picture.frames.len()) {
        // Its library makes one of frames that are the same.
        (Kind::WebP, 2..) => webp::frames(&bytes),
        (Kind::Gif, frames) => u32::try_from(frames).unwrap_or(u32::MAX),
        _ => 1,
    };
    let facts = ImageFacts {
        width: first.width(),
        height: first.height(),
        frames,
        file_type: kind.name().to_owned(),
    };
    Ok(Rendered {
        bytes: metadata::keep(bytes, picture, output),
        kind,
        facts,
    })
}

/// The format of the result: as asked for, else as it was; what cannot be written becomes another.
fn target(picture: &Picture, output: &Output) -> Kind {
    match (output.format, picture.kind) {
        (Some(Format::Jpeg), _) => Kind::Jpeg,
        (Some(Format::Png), _) => Kind::Png,
        (Some(Format::WebP), _) => Kind::WebP,
        (None, Kind::Bmp) => Kind::Jpeg,
        (None, Kind::Svg) => Kind::Png,
        (None, kind) => kind,
    }
}
