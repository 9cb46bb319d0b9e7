//! SVG: drawn in the size that it says it has. It reads no other files, and no scripts run.

mod effort;
mod expansion;

use std::io::{BufRead, Read as _};

use image::RgbaImage;
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{
        ImageHrefResolver, ImageKind, Options, Tree,
        roxmltree::{Document, ParsingOptions},
    },
};

use super::{MAX_PIXELS, MAX_SIDE, RenderError, broken};
use crate::image::fonts::Fonts;

/// The longest text of a drawing.
const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// The most pixels of a picture inside a drawing.
const MAX_INNER_PIXELS: u64 = 20_000_000;

/// Width and height, in pixels, rounded up.
pub(crate) fn size(content: impl BufRead) -> Result<(u32, u32), RenderError> {
    // Text has no say in the size, so no fonts are needed.
    let tree = parse(content, &Options::default())?;
    Ok(size_of(&tree))
}

pub(super) fn draw(content: impl BufRead, fonts: &Fonts) -> Result<RgbaImage, RenderError> {
    let options = Options {
        fontdb: fonts.database(),
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, data, _| inner(data)),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    let tree = parse(content, &options)?;
    let (width, height) = size_of(&tree);
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(RenderError::TooLong);
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(RenderError::TooMany);
    }
    effort::check(tree.root(), (width, height))?;
    let mut canvas =
        Pixmap::new(width, height).ok_or_else(|| broken("the drawing has no pixels"))?;
    resvg::render(&tree, Transform::default(), &mut canvas.as_mut());
    let pixels = canvas.take_demultiplied();
    RgbaImage::from_raw(width, height, pixels)
        .ok_or_else(|| RenderError::Internal("a drawing has lost pixels".to_owned()))
}

fn parse(content: impl BufRead, options: &Options<'_>) -> Result<Tree, RenderError> {
    let mut text = Vec::new();
    let read = content.take(MAX_BYTES + 1).read_to_end(&mut text);
    let read = read.map_err(broken)?;
    if read as u64 > MAX_BYTES {
        return Err(broken(format!(
            "a drawing is longer than {MAX_BYTES} bytes"
        )));
    }
    // Some editors write entities.
    let text = str::from_utf8(&text).map_err(broken)?;
    let reading = ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, reading).map_err(broken)?;
    if expansion::is_too_large(&document) {
        return Err(broken("the drawing uses its parts too often"));
    }
    Tree::from_xmltree(&document, options).map_err(broken)
}

fn size_of(tree: &Tree) -> (u32, u32) {
    let side = |length: f32| (length.ceil() as u32).max(1);
    (side(tree.size().width()), side(tree.size().height()))
}

/// A picture that is written into the drawing, if it is not too large.
fn inner(data: std::sync::Arc<Vec<u8>>) -> Option<ImageKind> {
    let reader = image::ImageReader::new(std::io::Cursor::new(&**data));
    let reader = reader.with_guessed_format().ok()?;
    let format = reader.format()?;
    let (width, height) = reader.into_dimensions().ok()?;
    if u64::from(width) * u64::from(height) > MAX_INNER_PIXELS {
        return None;
    }
    match format {
        image::ImageFormat::Jpeg => Some(ImageKind::JPEG(data)),
        image::ImageFormat::Png => Some(ImageKind::PNG(data)),
        image::ImageFormat::Gif => Some(ImageKind::GIF(data)),
        image::ImageFormat::WebP => Some(ImageKind::WEBP(data)),
        _ => None,
    }
}
