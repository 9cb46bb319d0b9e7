//! Formats of pictures, told by content.

/// A format that pictures are read in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Jpeg,
    Png,
    WebP,
    Gif,
    Bmp,
    Svg,
}

/// So much of a file tells its format.
pub(crate) const TELLING_BYTES: usize = 1024;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

impl Kind {
    /// By the first bytes of a file, of which [`TELLING_BYTES`] are enough.
    pub(crate) fn guess(begin: &[u8]) -> Option<Self> {
        match image::guess_format(begin) {
            Ok(image::ImageFormat::Jpeg) => Some(Self::Jpeg),
            Ok(image::ImageFormat::Png) => Some(Self::Png),
            Ok(image::ImageFormat::WebP) => Some(Self::WebP),
            Ok(image::ImageFormat::Gif) => Some(Self::Gif),
            Ok(image::ImageFormat::Bmp) => Some(Self::Bmp),
            _ => is_svg(begin).then_some(Self::Svg),
        }
    }

    /// As the service writes it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WEBP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Svg => "SVG",
        }
    }

    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
            Self::Bmp => "image/bmp",
            Self::Svg => "image/svg+xml",
        }
    }

    /// Of file names, without its dot.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Jpeg => "jpg",
            Self::Png => "png",
            Self::WebP => "webp",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Svg => "svg",
        }
    }

    /// For the decoders of the library that knows it; it knows no SVG.
    pub(crate) fn of_library(self) -> Option<image::ImageFormat> {
        match self {
            Self::Jpeg => Some(image::ImageFormat::Jpeg),
            Self::Png => Some(image::ImageFormat::Png),
            Self::WebP => Some(image::ImageFormat::WebP),
            Self::Gif => Some(image::ImageFormat::Gif),
            Self::Bmp => Some(image::ImageFormat::Bmp),
            Self::Svg => None,
        }
    }
}

/// Whether a text begins with an `svg` element.
fn is_svg(begin: &[u8]) -> bool {
    // Most files are no text: no copy is made of them.
    let text = begin.strip_prefix(BYTE_ORDER_MARK).unwrap_or(begin);
    text.trim_ascii_start().starts_with(b"<") && svg_root(&String::from_utf8_lossy(begin)).is_some()
}

/// The text of a drawing from its root element on; `None` if another element, or none, comes first.
pub(super) fn svg_root(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    loop {
        rest = rest.trim_start();
        let end = match rest {
            _ if rest.starts_with("<?") => "?>",
            _ if rest.starts_with("<!--") => "-->",
            _ if rest.starts_with("<!") => ">",
            _ => break,
        };
        (_, rest) = rest.split_once(end)?;
    }
    let behind = rest.strip_prefix("<svg")?;
    behind
        .starts_with([' ', '\t', '\r', '\n', '>', '/'])
        .then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn svg_is_told_by_its_first_element() {
        let is = |text: &str| Kind::guess(text.as_bytes()) == Some(Kind::Svg);
        assert!(is("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"));
        assert!(is(
            "\u{feff}\n<?xml version=\"1.0\"?>\n<!-- a > b -->\n<!DOCTYPE svg>\n<svg\n width=\"1\">"
        ));
        assert!(!is("<html><svg></svg></html>"));
        assert!(!is("<svgx/>"));
        assert!(!is("svg"));
        assert!(!is("<!-- <svg>"));
    }
}
