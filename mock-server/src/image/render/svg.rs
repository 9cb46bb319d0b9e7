//! SVG: drawn in the size that it says it has. It reads no other files, and no scripts run.

mod effort;
mod expansion;

use std::io::{BufRead, Read as _, Seek, SeekFrom};

use image::RgbaImage;
use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{
        ImageHrefResolver, ImageKind, Options, Tree,
        roxmltree::{Document, ParsingOptions},
    },
};

use crate::image::error::{MAX_PIXELS, MAX_SIDE, RenderError, broken};
use crate::image::{fonts::Fonts, kind::svg_root, resources::Resources};

/// The longest text of a drawing.
const MAX_BYTES: u64 = 10 * 1024 * 1024;
/// Where the start tag of a drawing's root element ends at the latest. Its attributes are compared with
/// one another, so that this bounds the time too.
const MAX_ROOT_BYTES: u64 = 32 * 1024;
/// What layers of a drawing may take besides its pixels, in a process of its own.
const LAYER_BYTES: u64 = 512 * 1024 * 1024;
/// The most pixels of a picture inside a drawing.
const MAX_INNER_PIXELS: u64 = 20_000_000;

/// Width and height, in pixels, rounded up. Reads the root element's start tag, and nothing behind it.
pub(crate) fn size(content: impl BufRead) -> Result<(u32, u32), RenderError> {
    let mut begin = Vec::new();
    let mut content = content.take(MAX_ROOT_BYTES);
    content.read_to_end(&mut begin).map_err(broken)?;
    let text = String::from_utf8_lossy(&begin);
    let root = svg_root(&text).ok_or_else(|| broken("its first element is not svg"))?;
    let tag = start_tag(root).ok_or_else(|| {
        broken(format!(
            "the svg element's start tag ends after more than {MAX_ROOT_BYTES} bytes, or not at all"
        ))
    })?;
    let alone = format!("{}/>", tag.trim_end_matches('/'));
    let document = Document::parse(&alone).map_err(broken)?;
    let tree = Tree::from_xmltree(&document, &Options::default()).map_err(broken)?;
    Ok(size_of(&tree))
}

/// A text up to the first `>` outside of quotes, without that.
fn start_tag(text: &str) -> Option<&str> {
    let mut quote = None;
    for (at, letter) in text.char_indices() {
        match (quote, letter) {
            (None, '>') => return text.get(..at),
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    None
}

/// The size of a drawing, and what it takes to draw it.
pub(super) fn look(content: &mut (impl BufRead + Seek)) -> Result<((u32, u32), u64), RenderError> {
    let begin = content.stream_position().map_err(broken)?;
    let end = content.seek(SeekFrom::End(0)).map_err(broken)?;
    content.seek(SeekFrom::Start(begin)).map_err(broken)?;
    let size = size(content)?;
    check_size(size)?;
    Ok((size, bytes(size, (end - begin).min(MAX_BYTES))))
}

/// What pixels take in this process and in the one that draws, and what is known of a text.
fn bytes((width, height): (u32, u32), letters: u64) -> u64 {
    8 * u64::from(width) * u64::from(height) + 8 * letters
}

/// Draws, in a process of its own if there is a program for that.
pub(super) fn draw(content: impl BufRead, resources: &Resources) -> Result<RgbaImage, RenderError> {
    let mut text = Vec::new();
    let read = content.take(MAX_BYTES + 1).read_to_end(&mut text);
    if read.map_err(broken)? as u64 > MAX_BYTES {
        return Err(broken(format!(
            "a drawing is longer than {MAX_BYTES} bytes"
        )));
    }
    let size = size(&*text)?;
    check_size(size)?;
    let bytes = bytes(size, text.len() as u64);
    match &resources.drawer {
        Some(drawer) => drawer.draw(&text, bytes + LAYER_BYTES, &resources.stop),
        None => draw_here(&text, &resources.fonts),
    }
}

/// Draws on this thread. Nothing can stop it, so that the effort is estimated before.
pub(crate) fn draw_here(text: &[u8], fonts: &Fonts) -> Result<RgbaImage, RenderError> {
    let text = str::from_utf8(text).map_err(broken)?;
    expansion::check_attributes(text)?;
    let reading = ParsingOptions {
        // Some editors write entities.
        allow_dtd: true,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, reading).map_err(broken)?;
    expansion::check(&document)?;
    let mut options = Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, data, _| inner(data)),
            resolve_string: Box::new(|_, _| None),
        },
        ..Options::default()
    };
    if document
        .descendants()
        .any(|node| node.tag_name().name() == "text")
    {
        options.fontdb = fonts.database();
    }
    let tree = Tree::from_xmltree(&document, &options).map_err(broken)?;
    let (width, height) = size_of(&tree);
    check_size((width, height))?;
    effort::check(tree.root(), (width, height))?;
    let mut canvas =
        Pixmap::new(width, height).ok_or_else(|| broken("the drawing has no pixels"))?;
    resvg::render(&tree, Transform::default(), &mut canvas.as_mut());
    let pixels = canvas.take_demultiplied();
    RgbaImage::from_raw(width, height, pixels)
        .ok_or_else(|| RenderError::Internal("a drawing has lost pixels".to_owned()))
}

fn check_size((width, height): (u32, u32)) -> Result<(), RenderError> {
    if width > MAX_SIDE || height > MAX_SIDE {
        return Err(RenderError::TooLong);
    }
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(RenderError::TooMany);
    }
    Ok(())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn size_of_root(attributes: &str) -> Option<(u32, u32)> {
        let name = "xmlns='http://www.w3.org/2000/svg'";
        // What is behind the start tag is not looked at.
        size(format!("<?xml version='1.0'?><svg {name} {attributes}><broken").as_bytes()).ok()
    }

    #[test]
    fn the_root_element_tells_the_size() {
        assert_eq!(size_of_root("width='20.5' height='10'"), Some((21, 10)));
        assert_eq!(size_of_root("width='1in' height='10px'"), Some((96, 10)));
        assert_eq!(size_of_root("viewBox='0 0 30 40'"), Some((30, 40)));
        assert_eq!(
            size_of_root("viewBox='0 0 30 40' width='60'"),
            Some((60, 80))
        );
        assert_eq!(size_of_root("d='>' width='5' height='6'"), Some((5, 6)));
        assert_eq!(size_of_root("width='5' width='6'"), None);
        assert_eq!(size_of_root(&"a".repeat(40_000)), None);
    }
}
