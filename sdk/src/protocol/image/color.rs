//! Colours.

use std::fmt;

/// A colour: `ff00aa`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "they are colours")]
pub struct Rgb {
    pub red: u8,
    pub green: u8,
    pub blue: u8,
}

impl Rgb {
    /// Black.
    pub const BLACK: Self = Self::new(0, 0, 0);
    /// White.
    pub const WHITE: Self = Self::new(255, 255, 255);

    /// From its parts.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self { red, green, blue }
    }

    /// From `0xRRGGBB`; `None` for a larger number.
    ///
    /// ```
    /// use upyun_client::protocol::image::Rgb;
    ///
    /// assert_eq!(Rgb::from_u32(0xff00aa), Some(Rgb::new(255, 0, 170)));
    /// ```
    pub const fn from_u32(number: u32) -> Option<Self> {
        let [over, red, green, blue] = number.to_be_bytes();
        if over == 0 {
            Some(Self::new(red, green, blue))
        } else {
            None
        }
    }

    /// The same colour, more or less opaque: 0 is not to be seen, 255 covers everything.
    pub const fn with_alpha(self, alpha: u8) -> Rgba {
        Rgba { rgb: self, alpha }
    }
}

/// Six hex digits.
impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02X}{:02X}{:02X}", self.red, self.green, self.blue)
    }
}

/// A colour, and how opaque it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgba {
    /// The colour.
    pub rgb: Rgb,
    /// 0 is not to be seen, 255 covers everything. On the wire it is the other way round.
    pub alpha: u8,
}

impl From<Rgb> for Rgba {
    fn from(rgb: Rgb) -> Self {
        rgb.with_alpha(255)
    }
}

/// Eight hex digits, the last two of which say how transparent it is: `FF` is not to be seen.
impl fmt::Display for Rgba {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:02X}", self.rgb, 255 - self.alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_digits_are_transparency() {
        assert_eq!(Rgba::from(Rgb::WHITE).to_string(), "FFFFFF00");
        assert_eq!(Rgb::WHITE.with_alpha(0).to_string(), "FFFFFFFF");
        assert_eq!(Rgb::new(1, 2, 171).with_alpha(51).to_string(), "0102ABCC");
        assert_eq!(Rgb::from_u32(0x0100_0000), None);
    }
}
