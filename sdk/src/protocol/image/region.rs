//! Cropping.

use std::fmt;

use super::{Gravity, ImageParamsBuilder, ImageParamsError, MAX_SIDE};

/// A part of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Region {
    width: u32,
    height: u32,
    offset: (i32, i32),
    gravity: Option<Gravity>,
}

impl Region {
    /// Of this size; a side of 0 goes to the far edge. What would stick out is cut.
    pub fn new(width: u32, height: u32) -> Self {
        Self {
            width,
            height,
            offset: (0, 0),
            gravity: None,
        }
    }

    /// Everything from here on.
    pub fn from(x: i32, y: i32) -> Self {
        Self::new(0, 0).offset(x, y)
    }

    /// So far to the east and to the south of where gravity puts it; negative to the west and to
    /// the north.
    pub fn offset(mut self, x: i32, y: i32) -> Self {
        self.offset = (x, y);
        self
    }

    /// Where it lies before it is moved: in the northwest unless set.
    pub fn gravity(mut self, gravity: Gravity) -> Self {
        self.gravity = Some(gravity);
        self
    }

    fn check(self, name: &'static str) -> Result<(), ImageParamsError> {
        ImageParamsError::check(name, self.width, (0, MAX_SIDE))?;
        ImageParamsError::check(name, self.height, (0, MAX_SIDE))
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (x, y) = (Signed(self.offset.0), Signed(self.offset.1));
        write!(f, "{}x{}{x}{y}", self.width, self.height)?;
        match self.gravity {
            Some(gravity) => write!(f, "/gravity/{}", gravity.as_str()),
            None => Ok(()),
        }
    }
}

/// `a` adds and `s` subtracts, as a plus sign may not survive a URL.
pub(super) struct Signed(pub(super) i32);

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { 's' } else { 'a' };
        write!(f, "{sign}{}", self.0.unsigned_abs())
    }
}

impl ImageParamsBuilder {
    /// Cuts this part out before scaling: `crop`.
    pub fn crop(self, region: Region) -> Self {
        self.region("crop", region)
    }

    /// Cuts this part out after scaling: `clip`.
    pub fn clip(self, region: Region) -> Self {
        self.region("clip", region)
    }

    /// Rounds the corners off with this radius: `roundrect`.
    pub fn round_corners(self, radius: u32) -> Self {
        self.check("round_corners", radius, (1, MAX_SIDE))
            .put("roundrect", radius)
    }

    fn region(mut self, key: &'static str, region: Region) -> Self {
        if let Err(error) = region.check(key) {
            self.fail(error);
        }
        self.put(key, region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::image::ImageParams;

    #[track_caller]
    fn check(set: impl FnOnce(ImageParamsBuilder) -> ImageParamsBuilder, want: &str) {
        let params = set(ImageParams::builder()).build();
        assert_eq!(params.unwrap().as_str(), want);
    }

    #[test]
    fn the_documented_regions() {
        let region = Region::new(300, 200).offset(80, 60);
        check(|it| it.crop(region), "/crop/300x200a80a60");
        check(
            |it| it.crop(region).width(150),
            "/crop/300x200a80a60/fw/150",
        );
        check(
            |it| it.width(500).clip(region),
            "/fw/500/clip/300x200a80a60",
        );
        check(|it| it.crop(Region::from(80, 60)), "/crop/0x0a80a60");
        check(
            |it| it.crop(Region::new(300, 200).gravity(Gravity::Center)),
            "/crop/300x200a0a0/gravity/center",
        );
        let region = Region::new(300, 200).offset(-20, -10);
        check(
            |it| it.crop(region.gravity(Gravity::SouthEast)),
            "/crop/300x200s20s10/gravity/southeast",
        );
        check(
            |it| it.square(300).round_corners(20),
            "/sq/300/roundrect/20",
        );
    }

    #[test]
    fn gravity_stays_behind_its_own() {
        let region = Region::new(3, 2);
        check(
            |it| {
                it.crop(region.gravity(Gravity::West))
                    .clip(region.gravity(Gravity::East))
                    .crop(region.gravity(Gravity::South))
            },
            "/clip/3x2a0a0/gravity/east/crop/3x2a0a0/gravity/south",
        );
    }

    #[test]
    fn extremes_are_numbers() {
        check(
            |it| it.crop(Region::from(i32::MIN, i32::MAX)),
            "/crop/0x0s2147483648a2147483647",
        );
        let long = ImageParams::builder().clip(Region::new(20_001, 1)).build();
        assert_eq!(
            long.unwrap_err().to_string(),
            "clip is 20001; it is 0 to 20000"
        );
    }
}
