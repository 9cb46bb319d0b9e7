//! Turning, mirroring, sharpness, blur.

use super::{ImageParamsBuilder, ImageParamsError, MAX_SIDE};

/// How a picture is mirrored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flip {
    /// Left and right change places.
    LeftRight,
    /// Top and bottom change places.
    TopDown,
}

impl ImageParamsBuilder {
    /// Turns clockwise by more than 0 and up to 360 degrees: `rotate`.
    pub fn rotate(mut self, degrees: impl Into<f64>) -> Self {
        let degrees = degrees.into();
        if !(degrees > 0.0 && degrees <= 360.0) {
            self.fail(ImageParamsError::OutOfRange {
                name: "rotate",
                value: degrees.to_string(),
                range: "more than 0 and up to 360 degrees".to_owned(),
            });
        }
        self.put("rotate", degrees)
    }

    /// Turns the picture as its EXIF says it should stand, instead of by degrees: `rotate/auto`.
    pub fn upright(self) -> Self {
        self.put("rotate", "auto")
    }

    /// Mirrors: `flip`.
    pub fn flip(self, flip: Flip) -> Self {
        let value = match flip {
            Flip::LeftRight => "left,right",
            Flip::TopDown => "top,down",
        };
        self.put("flip", value)
    }

    /// Sharpens: `unsharp`.
    pub fn sharpen(self) -> Self {
        self.put("unsharp", true)
    }

    /// Blurs with a radius of up to 50, where 0 is one that fits sigma, and a sigma from 1 on:
    /// `gaussblur`.
    pub fn blur(self, radius: u32, sigma: u32) -> Self {
        self.check("radius", radius, (0, 50))
            .check("sigma", sigma, (1, MAX_SIDE))
            .put("gaussblur", format_args!("{radius}x{sigma}"))
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

    #[track_caller]
    fn refused(set: impl FnOnce(ImageParamsBuilder) -> ImageParamsBuilder, want: &str) {
        let params = set(ImageParams::builder()).build();
        assert_eq!(params.unwrap_err().to_string(), want);
    }

    #[test]
    fn every_parameter_is_written_as_documented() {
        check(|it| it.upright(), "/rotate/auto");
        check(|it| it.rotate(90), "/rotate/90");
        check(|it| it.rotate(22.5), "/rotate/22.5");
        check(|it| it.rotate(360), "/rotate/360");
        check(|it| it.flip(Flip::LeftRight), "/flip/left,right");
        check(|it| it.flip(Flip::TopDown), "/flip/top,down");
        check(|it| it.sharpen(), "/unsharp/true");
        check(|it| it.blur(5, 2), "/gaussblur/5x2");
    }

    #[test]
    fn numbers_have_bounds() {
        for wrong in [0.0, -1.0, 360.5, f64::NAN, f64::INFINITY] {
            let params = ImageParams::builder().rotate(wrong).build();
            assert!(params.is_err(), "{wrong}");
        }
        refused(|it| it.blur(51, 1), "radius is 51; it is 0 to 50");
        refused(|it| it.blur(0, 0), "sigma is 0; it is 1 to 20000");
    }
}
