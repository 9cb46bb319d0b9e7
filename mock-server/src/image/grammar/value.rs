//! The value of one parameter.

use upyun_client::protocol::ErrorCode;

use super::{Wrong, wrong};
use crate::image::{
    fonts::Fonts,
    recipe::{Angle, Blur, Canvas, Color, Direction, Format, Gravity, Region, Scaling},
};

/// The largest side that may be asked for.
pub(super) const MAX_SIDE: u32 = 20_000;
const MAX_PIXELS: u32 = 25_000_000;
const MAX_PERCENT: u32 = 1000;
const MAX_BLUR: u32 = 50;

/// A key and its value.
#[derive(Clone, Copy)]
pub(super) struct Given<'a> {
    pub(super) key: &'a str,
    pub(super) value: &'a str,
}

impl Given<'_> {
    pub(super) fn wrong(&self, code: ErrorCode, want: &str) -> Wrong {
        Wrong {
            code,
            why: format!("{} is {:?}; it is {want}", self.key, self.value),
        }
    }

    pub(super) fn wrong_font(&self) -> Wrong {
        let fonts: Vec<_> = Fonts::names().collect();
        self.wrong(ErrorCode::INVALID_WATERMARK_FONT, &fonts.join(" "))
    }

    /// Degrees, clockwise.
    pub(super) fn angle(&self) -> Result<Angle, Wrong> {
        let degrees = self.value.parse::<f64>().ok();
        degrees
            .filter(|degrees| *degrees > 0.0 && *degrees <= 360.0)
            .map(Angle::of_degrees)
            .ok_or_else(|| {
                self.wrong(
                    ErrorCode::INVALID_ROTATE,
                    "auto, or more than 0 and up to 360",
                )
            })
    }

    pub(super) fn format(&self) -> Result<Format, Wrong> {
        match self.value {
            "jpg" => Ok(Format::Jpeg),
            "png" => Ok(Format::Png),
            "webp" => Ok(Format::WebP),
            _ => Err(self.wrong(ErrorCode::INVALID_FORMAT, "jpg, png or webp")),
        }
    }

    pub(super) fn flag(&self, code: ErrorCode) -> Result<bool, Wrong> {
        match self.value {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(self.wrong(code, "true or false")),
        }
    }

    pub(super) fn number(
        &self,
        code: ErrorCode,
        range: std::ops::RangeInclusive<u32>,
    ) -> Result<u32, Wrong> {
        let want = || format!("{} to {}", range.start(), range.end());
        whole(self.value)
            .filter(|number| range.contains(number))
            .ok_or_else(|| self.wrong(code, &want()))
    }

    /// `<w>x<h>`, each from `least`.
    pub(super) fn sides(&self, code: ErrorCode, least: u32) -> Result<(u32, u32), Wrong> {
        let side = |text| whole(text).filter(|side| (least..=MAX_SIDE).contains(side));
        self.value
            .split_once('x')
            .and_then(|(width, height)| Some((side(width)?, side(height)?)))
            .ok_or_else(|| self.wrong(code, "two sizes like 300x200"))
    }

    pub(super) fn scaling(&self) -> Result<Scaling, Wrong> {
        let code = ErrorCode::INVALID_VALUE;
        let side = || self.number(code, 1..=MAX_SIDE);
        let percent = || self.number(code, 1..=MAX_PERCENT);
        let sides = || self.sides(code, 1);
        Ok(match self.key {
            "fw" => Scaling::Width(side()?),
            "fh" => Scaling::Height(side()?),
            "max" => Scaling::Longer(side()?),
            "min" => Scaling::Shorter(side()?),
            "sq" => Scaling::Square(side()?),
            "scale" => Scaling::Percent(percent()?),
            "wscale" => Scaling::WidthPercent(percent()?),
            "hscale" => Scaling::HeightPercent(percent()?),
            "fp" => Scaling::Pixels(self.number(code, 1..=MAX_PIXELS)?),
            "fwfh" => sides().map(|(w, h)| Scaling::Inside(w, h))?,
            "fwfh2" => sides().map(|(w, h)| Scaling::Covering(w, h))?,
            "both" => sides().map(|(w, h)| Scaling::Both(w, h))?,
            "fxfn" => sides().map(|(l, s)| Scaling::SidesInside(l, s))?,
            "fxfn2" => sides().map(|(l, s)| Scaling::SidesCovering(l, s))?,
            _ => return Err(wrong(format!("there is no parameter {:?}", self.key))),
        })
    }

    pub(super) fn region(&self) -> Result<Region, Wrong> {
        let code = ErrorCode::INVALID_CROP;
        let (sides, offset) = self.sides_and_offset(code, 0)?;
        Ok(Region {
            width: sides.0,
            height: sides.1,
            offset: offset.unwrap_or_default(),
            gravity: Gravity::default(),
        })
    }

    pub(super) fn canvas(&self) -> Result<Canvas, Wrong> {
        let ((width, height), position) = self.sides_and_offset(ErrorCode::INVALID_CANVAS, 1)?;
        Ok(Canvas {
            width,
            height,
            position,
        })
    }

    /// `<w>x<h>`, then perhaps two numbers, each after `a` for plus or `s` for minus.
    #[expect(clippy::type_complexity, reason = "two sizes, and perhaps two offsets")]
    fn sides_and_offset(
        &self,
        code: ErrorCode,
        least: u32,
    ) -> Result<((u32, u32), Option<(i64, i64)>), Wrong> {
        let wrong = || self.wrong(code, "like 300x200 or 300x200a80s60");
        let signs: Vec<usize> = self
            .value
            .match_indices(['a', 's'])
            .map(|it| it.0)
            .collect();
        let (sides, offset) = match signs[..] {
            [] => (self.value, None),
            [first, second] => {
                let signed = |text: &str| {
                    let number = i64::from(whole(&text[1..])?);
                    Some(if text.starts_with('s') {
                        -number
                    } else {
                        number
                    })
                };
                let x = signed(&self.value[first..second]).ok_or_else(wrong)?;
                let y = signed(&self.value[second..]).ok_or_else(wrong)?;
                (&self.value[..first], Some((x, y)))
            }
            _ => return Err(wrong()),
        };
        let given = Given {
            key: self.key,
            value: sides,
        };
        Ok((given.sides(code, least)?, offset))
    }

    pub(super) fn gravity(&self, code: ErrorCode) -> Result<Gravity, Wrong> {
        Ok(match self.value {
            "northwest" => Gravity::NorthWest,
            "north" => Gravity::North,
            "northeast" => Gravity::NorthEast,
            "west" => Gravity::West,
            "center" => Gravity::Center,
            "east" => Gravity::East,
            "southwest" => Gravity::SouthWest,
            "south" => Gravity::South,
            "southeast" => Gravity::SouthEast,
            _ => return Err(self.wrong(code, "a place like southeast or center")),
        })
    }

    pub(super) fn blur(&self) -> Result<Blur, Wrong> {
        let parts = self.value.split_once('x');
        parts
            .and_then(|(radius, sigma)| {
                Some(Blur {
                    radius: whole(radius).filter(|it| *it <= MAX_BLUR)?,
                    sigma: whole(sigma).filter(|it| (1..=MAX_SIDE).contains(it))?,
                })
            })
            .ok_or_else(|| {
                self.wrong(
                    ErrorCode::INVALID_GAUSSBLUR,
                    "a radius of 0 to 50 and a sigma, like 5x2",
                )
            })
    }

    pub(super) fn direction(&self) -> Result<Direction, Wrong> {
        Ok(match self.value {
            "top,down" => Direction::TopDown,
            "bottom,up" => Direction::BottomUp,
            "left,right" => Direction::LeftRight,
            "right,left" => Direction::RightLeft,
            _ => {
                let want = "top,down bottom,up left,right or right,left";
                return Err(self.wrong(ErrorCode::INVALID_GRADIENT_ORIENTATION, want));
            }
        })
    }

    pub(super) fn band(&self) -> Result<(u32, u32), Wrong> {
        let parts = self.value.split_once(',');
        parts
            .and_then(|(start, stop)| Some((whole(start)?, whole(stop)?)))
            .filter(|(start, stop)| start < stop)
            .ok_or_else(|| {
                self.wrong(
                    ErrorCode::INVALID_GRADIENT_POS,
                    "two positions, the first smaller",
                )
            })
    }

    /// `RRGGBBAA`, of which the last two say how transparent it is.
    pub(super) fn color(&self, code: ErrorCode) -> Result<Color, Wrong> {
        let digits = hex::<8>(self.value);
        let [red, green, blue, transparency] = digits
            .and_then(|digits| <[u8; 4]>::try_from(digits).ok())
            .ok_or_else(|| self.wrong(code, "eight hex digits, RRGGBBAA"))?;
        Ok(Color([red, green, blue, 255 - transparency]))
    }

    /// `RRGGBB`.
    pub(super) fn opaque(&self, code: ErrorCode) -> Result<Color, Wrong> {
        let digits = hex::<6>(self.value);
        let [red, green, blue] = digits
            .and_then(|digits| <[u8; 3]>::try_from(digits).ok())
            .ok_or_else(|| self.wrong(code, "six hex digits, RRGGBB"))?;
        Ok(Color([red, green, blue, 255]))
    }
}

/// Digits only: no sign, no blank.
pub(super) fn whole(text: &str) -> Option<u32> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_plain)
}

/// The bytes of exactly so many hex digits.
pub(super) fn hex<const DIGITS: usize>(text: &str) -> Option<Vec<u8>> {
    let is_hex = text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_hexdigit());
    if !is_hex {
        return None;
    }
    let pairs = (0..DIGITS).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}
