//! Scaling. Of several ways the last given counts.

use super::{ImageParamsBuilder, MAX_SIDE};

const SIDE: (u32, u32) = (1, MAX_SIDE);
const PERCENT: (u32, u32) = (1, 1000);
const PIXELS: (u32, u32) = (1, 25_000_000);

impl ImageParamsBuilder {
    /// So wide, and high in proportion: `fw`.
    pub fn width(self, pixels: u32) -> Self {
        self.check("width", pixels, SIDE).scaling("fw", pixels)
    }

    /// So high, and wide in proportion: `fh`.
    pub fn height(self, pixels: u32) -> Self {
        self.check("height", pixels, SIDE).scaling("fh", pixels)
    }

    /// The longer side so long, the other in proportion: `max`.
    pub fn longer_side(self, pixels: u32) -> Self {
        self.check("longer_side", pixels, SIDE)
            .scaling("max", pixels)
    }

    /// The shorter side so long, the other in proportion: `min`.
    pub fn shorter_side(self, pixels: u32) -> Self {
        self.check("shorter_side", pixels, SIDE)
            .scaling("min", pixels)
    }

    /// As large as fits into width and height, in proportion: `fwfh`.
    pub fn inside(self, width: u32, height: u32) -> Self {
        self.two("fwfh", ("inside", width, height))
    }

    /// As small as covers width and height, in proportion: `fwfh2`.
    pub fn covering(self, width: u32, height: u32) -> Self {
        self.two("fwfh2", ("covering", width, height))
    }

    /// Exactly so wide and high, cut at the edges to this shape first: `both`.
    pub fn exactly(self, width: u32, height: u32) -> Self {
        self.two("both", ("exactly", width, height))
    }

    /// A square with this side, cut at the edges: `sq`.
    pub fn square(self, pixels: u32) -> Self {
        self.check("square", pixels, SIDE).scaling("sq", pixels)
    }

    /// Both sides in percent, 1 to 1000: `scale`.
    pub fn scale(self, percent: u32) -> Self {
        self.check("scale", percent, PERCENT)
            .scaling("scale", percent)
    }

    /// The width alone in percent, 1 to 1000: `wscale`.
    pub fn scale_width(self, percent: u32) -> Self {
        self.check("scale_width", percent, PERCENT)
            .scaling("wscale", percent)
    }

    /// The height alone in percent, 1 to 1000: `hscale`.
    pub fn scale_height(self, percent: u32) -> Self {
        self.check("scale_height", percent, PERCENT)
            .scaling("hscale", percent)
    }

    /// As large as fits into a longer and a shorter side, whichever way the picture lies: `fxfn`.
    pub fn sides_inside(self, longer: u32, shorter: u32) -> Self {
        self.two("fxfn", ("sides_inside", longer, shorter))
    }

    /// As small as covers a longer and a shorter side, whichever way the picture lies: `fxfn2`.
    pub fn sides_covering(self, longer: u32, shorter: u32) -> Self {
        self.two("fxfn2", ("sides_covering", longer, shorter))
    }

    /// So many pixels in all at most, up to 25 million, in proportion: `fp`.
    pub fn pixels(self, pixels: u32) -> Self {
        self.check("pixels", pixels, PIXELS).scaling("fp", pixels)
    }

    /// Lets scaling enlarge what is smaller, which is left as it is otherwise: `force`.
    pub fn enlarge(self) -> Self {
        self.put("force", true)
    }

    fn two(self, key: &str, (name, first, second): (&'static str, u32, u32)) -> Self {
        self.check(name, first, SIDE)
            .check(name, second, SIDE)
            .scaling(key, format_args!("{first}x{second}"))
    }

    fn scaling(self, key: &str, value: impl std::fmt::Display) -> Self {
        self.put_in("scaling", format!("/{key}/{value}"))
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
    fn every_way_is_written_as_documented() {
        check(|it| it.width(300), "/fw/300");
        check(|it| it.height(200), "/fh/200");
        check(|it| it.longer_side(200), "/max/200");
        check(|it| it.shorter_side(200), "/min/200");
        check(|it| it.inside(300, 200), "/fwfh/300x200");
        check(|it| it.covering(300, 200), "/fwfh2/300x200");
        check(|it| it.exactly(300, 200), "/both/300x200");
        check(|it| it.square(300), "/sq/300");
        check(|it| it.scale(20), "/scale/20");
        check(|it| it.scale_width(200), "/wscale/200");
        check(|it| it.scale_height(200), "/hscale/200");
        check(|it| it.sides_inside(300, 200), "/fxfn/300x200");
        check(|it| it.sides_covering(300, 200), "/fxfn2/300x200");
        check(|it| it.pixels(200_000), "/fp/200000");
        check(|it| it.width(2000).enlarge(), "/fw/2000/force/true");
    }

    #[test]
    fn sizes_have_bounds() {
        check(|it| it.width(20_000), "/fw/20000");
        refused(|it| it.width(20_001), "width is 20001; it is 1 to 20000");
        refused(|it| it.inside(1, 0), "inside is 0; it is 1 to 20000");
        refused(|it| it.scale(1001), "scale is 1001; it is 1 to 1000");
        refused(
            |it| it.pixels(25_000_001),
            "pixels is 25000001; it is 1 to 25000000",
        );
    }
}
