//! Sizes and places: which part of a picture is taken, and how large it becomes. No pixels here.

use super::recipe::{Canvas, Gravity, Region, Scaling};

/// Width and height, in pixels.
pub(crate) type Size = (u32, u32);

/// A part of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rect {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// A part of the source, and the size that it becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scaled {
    pub(crate) from: Rect,
    pub(crate) to: Size,
}

impl Rect {
    pub(crate) fn whole((width, height): Size) -> Self {
        Self {
            x: 0,
            y: 0,
            width,
            height,
        }
    }

    pub(crate) fn size(self) -> Size {
        (self.width, self.height)
    }
}

/// Rounded half up, and at least 1.
fn side(length: f64) -> u32 {
    // A hair more, so that a product that should be a half is not rounded down.
    ((length + 0.5 + 1e-9).floor() as u32).max(1)
}

impl Scaling {
    /// What becomes of a picture of this size.
    pub(crate) fn of(self, source: Size, force: bool) -> Scaled {
        let (wide, high) = (f64::from(source.0), f64::from(source.1));
        let (longer, shorter) = (wide.max(high), wide.min(high));
        let ratio = |to: u32, from: f64| f64::from(to) / from;
        let factor = match self {
            Self::Width(width) => ratio(width, wide),
            Self::Height(height) => ratio(height, high),
            Self::Longer(side) => ratio(side, longer),
            Self::Shorter(side) => ratio(side, shorter),
            Self::Inside(width, height) => ratio(width, wide).min(ratio(height, high)),
            Self::Covering(width, height) => ratio(width, wide).max(ratio(height, high)),
            Self::SidesInside(long, short) => ratio(long, longer).min(ratio(short, shorter)),
            Self::SidesCovering(long, short) => ratio(long, longer).max(ratio(short, shorter)),
            Self::Pixels(pixels) => return pixels_at_most(source, pixels, force),
            Self::Both(width, height) => return both(source, (width, height), force),
            Self::Square(side) => return both(source, (side, side), false),
            // These enlarge by themselves.
            Self::Percent(percent) => {
                let factor = f64::from(percent) / 100.0;
                return whole(source, (side(wide * factor), side(high * factor)));
            }
            Self::WidthPercent(percent) => {
                return whole(source, (side(wide * f64::from(percent) / 100.0), source.1));
            }
            Self::HeightPercent(percent) => {
                return whole(source, (source.0, side(high * f64::from(percent) / 100.0)));
            }
        };
        if factor > 1.0 && !force {
            return whole(source, source);
        }
        whole(source, (side(wide * factor), side(high * factor)))
    }
}

fn whole(source: Size, to: Size) -> Scaled {
    Scaled {
        from: Rect::whole(source),
        to,
    }
}

/// In proportion, so that there are as many pixels as possible but not more.
fn pixels_at_most(source: Size, pixels: u32, force: bool) -> Scaled {
    let (wide, high) = (f64::from(source.0), f64::from(source.1));
    let factor = (f64::from(pixels) / (wide * high)).sqrt();
    if factor > 1.0 && !force {
        return whole(source, source);
    }
    let down = |length: f64| ((length * factor + 1e-9).floor() as u32).max(1);
    whole(source, (down(wide), down(high)))
}

/// The middle part of the wanted aspect, scaled; a picture that is too small is stretched if that is
/// forced.
fn both(source: Size, to: Size, force: bool) -> Scaled {
    if force && (source.0 < to.0 || source.1 < to.1) {
        return whole(source, to);
    }
    let (wide, high) = (f64::from(source.0), f64::from(source.1));
    let aspect = f64::from(to.0) / f64::from(to.1);
    let (width, height) = match wide / high > aspect {
        true => (side(high * aspect).min(source.0), source.1),
        false => (source.0, side(wide / aspect).min(source.1)),
    };
    let from = Rect {
        x: (source.0 - width) / 2,
        y: (source.1 - height) / 2,
        width,
        height,
    };
    Scaled { from, to }
}

impl Gravity {
    /// Where something of a size is put in something larger, or smaller, along both axes.
    pub(crate) fn place(self, inner: Size, outer: Size) -> (i64, i64) {
        let (x, y) = self.axes();
        let along = |at: Axis, inner: u32, outer: u32| {
            let left = i64::from(outer) - i64::from(inner);
            match at {
                Axis::Begin => 0,
                // Rounded down, below zero too.
                Axis::Middle => left.div_euclid(2),
                Axis::End => left,
            }
        };
        (along(x, inner.0, outer.0), along(y, inner.1, outer.1))
    }

    /// The same, so many pixels further from the edges that it is put to, or from the middle.
    pub(crate) fn place_with_margin(
        self,
        inner: Size,
        outer: Size,
        margin: (i64, i64),
    ) -> (i64, i64) {
        let (x, y) = self.place(inner, outer);
        let (across, down) = self.axes();
        let inwards = |at: Axis, margin: i64| match at {
            Axis::Begin | Axis::Middle => margin,
            Axis::End => -margin,
        };
        (x + inwards(across, margin.0), y + inwards(down, margin.1))
    }

    fn axes(self) -> (Axis, Axis) {
        use Axis::{Begin, End, Middle};
        match self {
            Self::NorthWest => (Begin, Begin),
            Self::North => (Middle, Begin),
            Self::NorthEast => (End, Begin),
            Self::West => (Begin, Middle),
            Self::Center => (Middle, Middle),
            Self::East => (End, Middle),
            Self::SouthWest => (Begin, End),
            Self::South => (Middle, End),
            Self::SouthEast => (End, End),
        }
    }
}

#[derive(Clone, Copy)]
enum Axis {
    Begin,
    Middle,
    End,
}

impl Region {
    /// The part of a picture of this size. It is never larger than the picture, and never empty.
    pub(crate) fn of(self, source: Size) -> Rect {
        let wanted = |wanted: u32, source: u32| if wanted == 0 { source } else { wanted };
        let size = (wanted(self.width, source.0), wanted(self.height, source.1));
        // What reaches to the far edge begins at the near one.
        let placed = (size.0.min(source.0), size.1.min(source.1));
        let (x, y) = self.gravity.place(placed, source);
        let (mut x, mut y) = (x + self.offset.0, y + self.offset.1);
        // An offset beyond the picture does not count.
        if x >= i64::from(source.0) || y >= i64::from(source.1) {
            (x, y) = (0, 0);
        }
        let cut = |at: i64, wanted: u32, source: u32| {
            let begin = at.clamp(0, i64::from(source) - 1);
            let end = (at + i64::from(wanted)).clamp(begin + 1, i64::from(source));
            let begin = u32::try_from(begin).unwrap_or(0);
            (begin, u32::try_from(end).unwrap_or(source) - begin)
        };
        let (x, width) = cut(x, size.0, source.0);
        let (y, height) = cut(y, size.1, source.1);
        Rect {
            x,
            y,
            width,
            height,
        }
    }
}

impl Canvas {
    /// Where the top left corner of a picture comes to lie.
    pub(crate) fn place(self, picture: Size) -> (i64, i64) {
        self.position
            .unwrap_or_else(|| Gravity::Center.place(picture, (self.width, self.height)))
    }
}

/// The size of a picture that is turned clockwise by so many degrees: of what holds it.
pub(crate) fn turned((width, height): Size, degrees: f64) -> Size {
    match degrees {
        90.0 | 270.0 => (height, width),
        180.0 | 360.0 => (width, height),
        _ => {
            let (sine, cosine) = degrees.to_radians().sin_cos();
            let (wide, high) = (f64::from(width), f64::from(height));
            let up = |length: f64| ((length - 1e-6).ceil() as u32).max(1);
            (
                up(wide * cosine.abs() + high * sine.abs()),
                up(wide * sine.abs() + high * cosine.abs()),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::grammar::{Wanted, parse};

    #[track_caller]
    fn look(text: &str) -> super::super::recipe::Recipe {
        match parse(text) {
            Ok(Wanted::Look(recipe)) => *recipe,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[track_caller]
    fn scaled(source: Size, text: &str, want: Size) {
        let recipe = look(text);
        let got = recipe.scaling.unwrap().of(source, recipe.force);
        assert_eq!(got.to, want, "{source:?} {text}");
    }

    #[test]
    fn the_worked_sizes() {
        const WIDE: Size = (1000, 600);
        const TALL: Size = (600, 1000);
        scaled((400, 320), "/fw/200", (200, 160));
        scaled(WIDE, "/fw/300", (300, 180));
        scaled(WIDE, "/fw/2000", (1000, 600));
        scaled(WIDE, "/fw/2000/force/true", (2000, 1200));
        scaled(WIDE, "/fh/200", (333, 200));
        scaled(WIDE, "/fh/900", (1000, 600));
        scaled(WIDE, "/fh/900/force/true", (1500, 900));
        scaled(WIDE, "/max/200", (200, 120));
        scaled(TALL, "/max/200", (120, 200));
        scaled(WIDE, "/min/200", (333, 200));
        scaled(TALL, "/min/200", (200, 333));
        scaled(WIDE, "/fwfh/300x200", (300, 180));
        scaled(TALL, "/fwfh/300x200", (120, 200));
        scaled(WIDE, "/fwfh/2000x900", (1000, 600));
        scaled(WIDE, "/fwfh/2000x900/force/true", (1500, 900));
        scaled(WIDE, "/fwfh2/300x200", (333, 200));
        scaled(TALL, "/fwfh2/300x200", (300, 500));
        scaled(WIDE, "/fwfh2/3000x200", (1000, 600));
        scaled(WIDE, "/both/300x200", (300, 200));
        scaled(WIDE, "/both/1500x1000", (1500, 1000));
        scaled(WIDE, "/sq/300", (300, 300));
        scaled((200, 100), "/sq/300", (300, 300));
        scaled(WIDE, "/scale/20", (200, 120));
        scaled(WIDE, "/scale/200", (2000, 1200));
        scaled(WIDE, "/wscale/200", (2000, 600));
        scaled(WIDE, "/hscale/200", (1000, 1200));
        scaled(WIDE, "/fxfn/300x200", (300, 180));
        scaled(TALL, "/fxfn/300x200", (180, 300));
        scaled(WIDE, "/fxfn2/300x200", (333, 200));
        scaled(TALL, "/fxfn2/300x200", (200, 333));
        scaled(WIDE, "/fp/200000", (577, 346));
        scaled(WIDE, "/fp/600000", (1000, 600));
        scaled((10_000, 1), "/fw/10", (10, 1));
    }

    #[test]
    fn both_takes_the_middle_unless_forced() {
        let from = |text: &str| {
            let recipe = look(text);
            recipe.scaling.unwrap().of((1000, 600), recipe.force).from
        };
        let middle = Rect {
            x: 50,
            y: 0,
            width: 900,
            height: 600,
        };
        assert_eq!(from("/both/300x200"), middle);
        assert_eq!(from("/both/1500x1000"), middle);
        assert_eq!(from("/both/1500x1000/force/true"), Rect::whole((1000, 600)));
        assert_eq!(from("/both/300x200/force/true"), middle);
        let square = Rect {
            x: 200,
            y: 0,
            width: 600,
            height: 600,
        };
        assert_eq!(from("/sq/300"), square);
    }

    #[track_caller]
    fn cut(source: Size, text: &str, (x, y): (u32, u32), (width, height): Size) {
        let recipe = look(text);
        let got = recipe.crop.or(recipe.clip).unwrap().of(source);
        let want = Rect {
            x,
            y,
            width,
            height,
        };
        assert_eq!(got, want, "{source:?} {text}");
    }

    #[test]
    fn the_worked_regions() {
        const WIDE: Size = (1000, 600);
        cut(WIDE, "/crop/300x200a80a60", (80, 60), (300, 200));
        cut((500, 300), "/clip/300x200a80a60", (80, 60), (300, 200));
        cut((500, 300), "/clip/600x400a80a60", (80, 60), (420, 240));
        cut(WIDE, "/crop/0x0a80a60", (80, 60), (920, 540));
        cut(
            WIDE,
            "/crop/300x200a0a0/gravity/center",
            (350, 200),
            (300, 200),
        );
        cut(
            WIDE,
            "/crop/300x200s20s10/gravity/southeast",
            (680, 390),
            (300, 200),
        );
        cut(WIDE, "/crop/300x200a1200a0", (0, 0), (300, 200));
        cut(WIDE, "/crop/300x200", (0, 0), (300, 200));
        cut(WIDE, "/crop/300x200s50s50", (0, 0), (250, 150));
        cut(WIDE, "/crop/300x200s900a0", (0, 0), (1, 200));
        cut(
            WIDE,
            "/crop/5000x5000/gravity/southeast",
            (0, 0),
            (1000, 600),
        );
    }

    #[test]
    fn the_worked_places_of_watermarks() {
        let place =
            |gravity: Gravity, margin| gravity.place_with_margin((100, 40), (1000, 600), margin);
        assert_eq!(place(Gravity::NorthWest, (20, 20)), (20, 20));
        assert_eq!(place(Gravity::SouthEast, (20, 20)), (880, 540));
        assert_eq!(place(Gravity::Center, (0, 0)), (450, 280));
        assert_eq!(place(Gravity::North, (20, 20)), (470, 20));
    }

    #[test]
    fn the_worked_turns() {
        assert_eq!(turned((1000, 600), 90.0), (600, 1000));
        assert_eq!(turned((1000, 600), 180.0), (1000, 600));
        assert_eq!(turned((1000, 600), 360.0), (1000, 600));
        assert_eq!(turned((1000, 600), 45.0), (1132, 1132));
    }

    #[test]
    fn the_worked_canvas() {
        let canvas = |text: &str| look(text).canvas.unwrap().place((500, 300));
        assert_eq!(canvas("/canvas/600x400a50a20"), (50, 20));
        assert_eq!(canvas("/canvas/600x400"), (50, 50));
        assert_eq!(canvas("/canvas/300x100"), (-100, -100));
    }
}
