//! What is put around and over a picture: frame, canvas, gradient.

use std::ops::Range;

use super::{ImageParamsBuilder, ImageParamsError, MAX_SIDE, Rgba, region::Signed};

/// A band in which one colour goes over into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gradient {
    /// Which way it goes.
    pub direction: GradientDirection,
    /// Where it begins and ends that way, in pixels.
    pub band: Range<u32>,
    /// The colour where it begins.
    pub from: Rgba,
    /// The colour where it ends.
    pub to: Rgba,
}

/// Which way a [`Gradient`] goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are directions")]
pub enum GradientDirection {
    TopDown,
    BottomUp,
    LeftRight,
    RightLeft,
}

impl GradientDirection {
    fn as_str(self) -> &'static str {
        match self {
            Self::TopDown => "top,down",
            Self::BottomUp => "bottom,up",
            Self::LeftRight => "left,right",
            Self::RightLeft => "right,left",
        }
    }
}

impl ImageParamsBuilder {
    /// A frame around the picture, so wide at its left and right, and so high at its top and bottom:
    /// `border`.
    pub fn border(self, width: u32, height: u32) -> Self {
        self.check("border", width, (0, MAX_SIDE))
            .check("border", height, (0, MAX_SIDE))
            .put("border", format_args!("{width}x{height}"))
    }

    /// The colour of the frame: white unless set. `brdcolor`.
    pub fn border_color(self, color: impl Into<Rgba>) -> Self {
        self.put("brdcolor", color.into())
    }

    /// Puts the picture into the middle of a canvas of this size: `canvas`.
    pub fn canvas(self, width: u32, height: u32) -> Self {
        self.check_canvas(width, height)
            .put("canvas", format_args!("{width}x{height}"))
    }

    /// Puts the picture's top left corner at `x` and `y` of a canvas of this size: `canvas`.
    pub fn canvas_at(self, width: u32, height: u32, x: i32, y: i32) -> Self {
        let (x, y) = (Signed(x), Signed(y));
        self.check_canvas(width, height)
            .put("canvas", format_args!("{width}x{height}{x}{y}"))
    }

    /// The colour of the canvas: white unless set. `cvscolor`.
    pub fn canvas_color(self, color: impl Into<Rgba>) -> Self {
        self.put("cvscolor", color.into())
    }

    /// Paints a gradient over a picture that does not move: `gdori`, `gdpos`, `gdstartcolor` and
    /// `gdstopcolor`.
    pub fn gradient(mut self, gradient: Gradient) -> Self {
        let Range { start, end } = gradient.band;
        if start >= end {
            self.fail(ImageParamsError::OutOfRange {
                name: "gradient",
                value: format!("{start}..{end}"),
                range: "a band that ends after its beginning".to_owned(),
            });
        }
        self.put("gdori", gradient.direction.as_str())
            .put("gdpos", format_args!("{start},{end}"))
            .put("gdstartcolor", gradient.from)
            .put("gdstopcolor", gradient.to)
    }

    fn check_canvas(self, width: u32, height: u32) -> Self {
        self.check("canvas", width, (1, MAX_SIDE))
            .check("canvas", height, (1, MAX_SIDE))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::image::{ImageParams, Rgb};

    #[track_caller]
    fn check(set: impl FnOnce(ImageParamsBuilder) -> ImageParamsBuilder, want: &str) {
        let params = set(ImageParams::builder()).build();
        assert_eq!(params.unwrap().as_str(), want);
    }

    fn gradient(band: Range<u32>) -> Gradient {
        Gradient {
            direction: GradientDirection::TopDown,
            band,
            from: Rgb::BLACK.into(),
            to: Rgb::WHITE.with_alpha(0),
        }
    }

    #[test]
    fn every_parameter_is_written_as_documented() {
        check(
            |it| it.border(3, 2).border_color(Rgb::new(255, 0, 0)),
            "/border/3x2/brdcolor/FF000000",
        );
        check(|it| it.canvas(600, 400), "/canvas/600x400");
        check(
            |it| it.canvas_at(600, 400, 50, -20).canvas_color(Rgb::WHITE),
            "/canvas/600x400a50s20/cvscolor/FFFFFF00",
        );
        check(
            |it| it.gradient(gradient(10..100)),
            "/gdori/top,down/gdpos/10,100/gdstartcolor/00000000/gdstopcolor/FFFFFFFF",
        );
        let ways = [
            (GradientDirection::TopDown, "top,down"),
            (GradientDirection::BottomUp, "bottom,up"),
            (GradientDirection::LeftRight, "left,right"),
            (GradientDirection::RightLeft, "right,left"),
        ];
        for (way, want) in ways {
            assert_eq!(way.as_str(), want);
        }
    }

    #[test]
    fn bands_and_canvases_are_not_empty() {
        let empty = ImageParams::builder().gradient(gradient(5..5)).build();
        assert_eq!(
            empty.unwrap_err().to_string(),
            "gradient is 5..5; it is a band that ends after its beginning"
        );
        assert!(ImageParams::builder().canvas(0, 5).build().is_err());
    }
}
