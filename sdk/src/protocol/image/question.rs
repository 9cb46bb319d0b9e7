//! What is asked about a picture.

use std::fmt;

use super::ImageParamsError;
use crate::protocol::{
    Key,
    access::{self, AccessPathError, Separator},
};

/// What is asked about a picture on an access domain. It stands alone there: no parameters go with
/// it.
///
/// ```
/// use upyun_client::protocol::{access::Separator, image::ImageQuestion};
///
/// let key = "/a.jpg".parse()?;
/// let path = ImageQuestion::Exif.path(&key, Separator::Exclamation)?;
/// assert_eq!(path, "/a.jpg!/meta");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ImageQuestion {
    /// Width, height, format, frames.
    Info,
    /// The same, and EXIF.
    Exif,
    /// The same, and IPTC.
    Iptc,
    /// Everything that is known.
    All,
    /// Its colours.
    ThemeColors(ThemeColors),
    /// Where faces are.
    Faces,
}

impl ImageQuestion {
    /// The path, encoded, at which an access domain answers.
    ///
    /// # Errors
    /// [`AccessPathError`] for a key that has the separator in it.
    pub fn path(&self, key: &Key, separator: Separator) -> Result<String, AccessPathError> {
        access::path_with(key, separator, &self.to_string())
    }
}

impl fmt::Display for ImageQuestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Info => f.write_str("/info"),
            Self::Exif => f.write_str("/meta"),
            Self::Iptc => f.write_str("/meta/iptc"),
            Self::All => f.write_str("/meta/all"),
            Self::ThemeColors(colors) => {
                let (count, format) = (colors.count, colors.format());
                write!(f, "/excolor/{count}/exformat/{format}")
            }
            Self::Faces => f.write_str("/face/detection"),
        }
    }
}

/// How many colours of a picture are asked for, and how they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ThemeColors {
    count: u16,
    is_hex: bool,
}

/// 256 of them, as numbers.
impl Default for ThemeColors {
    fn default() -> Self {
        Self {
            count: 256,
            is_hex: false,
        }
    }
}

impl ThemeColors {
    /// At most so many, 1 to 4096.
    ///
    /// # Errors
    /// [`ImageParamsError::OutOfRange`] for another number.
    pub fn at_most(count: u16) -> Result<Self, ImageParamsError> {
        ImageParamsError::check("the number of colours", count.into(), (1, 4096))?;
        Ok(Self {
            count,
            ..Self::default()
        })
    }

    /// Has them written as `0xRRGGBB`, for whoever else reads the answer: here both are read.
    #[must_use]
    pub fn hex(mut self) -> Self {
        self.is_hex = true;
        self
    }

    /// How many.
    pub fn count(self) -> u16 {
        self.count
    }

    /// The service's word for the format: `dec` or `hex`.
    pub fn format(self) -> &'static str {
        if self.is_hex { "hex" } else { "dec" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_question_is_written_as_documented() {
        let two = ThemeColors::at_most(2).unwrap();
        for (question, want) in [
            (ImageQuestion::Info, "/info"),
            (ImageQuestion::Exif, "/meta"),
            (ImageQuestion::Iptc, "/meta/iptc"),
            (ImageQuestion::All, "/meta/all"),
            (ImageQuestion::Faces, "/face/detection"),
            (
                ImageQuestion::ThemeColors(two.hex()),
                "/excolor/2/exformat/hex",
            ),
            (
                ImageQuestion::ThemeColors(ThemeColors::default()),
                "/excolor/256/exformat/dec",
            ),
        ] {
            assert_eq!(question.to_string(), want);
        }
    }

    #[test]
    fn colors_are_some_but_not_too_many() {
        assert!(ThemeColors::at_most(0).is_err());
        assert!(ThemeColors::at_most(4097).is_err());
        assert!(ThemeColors::at_most(4096).is_ok());
    }
}
