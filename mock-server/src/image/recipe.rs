//! What is to be done to a picture: the values of all parameters, with their types.

/// Of JPEG and WebP.
pub(crate) const DEFAULT_QUALITY: u8 = 75;

/// A picture's new look. The order in which it is brought about is fixed and is that of the fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Recipe {
    /// Of an animation, the first picture only.
    pub(crate) first_frame: bool,
    pub(crate) upright: bool,
    pub(crate) crop: Option<Region>,
    pub(crate) scaling: Option<Scaling>,
    pub(crate) force: bool,
    pub(crate) clip: Option<Region>,
    /// The radius of rounded corners, in pixels.
    pub(crate) roundrect: Option<u32>,
    /// Clockwise.
    pub(crate) rotate: Option<Angle>,
    pub(crate) flip: Option<Flip>,
    pub(crate) unsharp: bool,
    pub(crate) blur: Option<Blur>,
    /// Left and right, top and bottom, in pixels.
    pub(crate) border: Option<(u32, u32)>,
    pub(crate) border_color: Option<Color>,
    pub(crate) canvas: Option<Canvas>,
    pub(crate) canvas_color: Option<Color>,
    pub(crate) gradient: Option<Gradient>,
    pub(crate) watermarks: Vec<Watermark>,
    pub(crate) output: Output,
    /// What cannot be processed is left as it is, instead of an error.
    pub(crate) ignore_error: bool,
}

impl Recipe {
    /// Whether only the first frame of an animation matters.
    pub(crate) fn needs_one_frame(&self) -> bool {
        self.first_frame || matches!(self.output.format, Some(Format::Jpeg | Format::Png))
    }
}

/// How the picture is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Output {
    pub(crate) format: Option<Format>,
    pub(crate) lossless: bool,
    /// 1 to 100.
    pub(crate) quality: Option<u8>,
    pub(crate) compress: bool,
    /// `None` means yes.
    pub(crate) coalesce: Option<bool>,
    pub(crate) progressive: bool,
    pub(crate) no_icc: bool,
    pub(crate) strip: bool,
    pub(crate) keep_exif: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Format {
    Jpeg,
    Png,
    WebP,
}

/// A size to be reached; of several, the last counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Scaling {
    Width(u32),
    Height(u32),
    Longer(u32),
    Shorter(u32),
    /// Fits inside.
    Inside(u32, u32),
    /// Covers, without being cut.
    Covering(u32, u32),
    /// Exactly this size.
    Both(u32, u32),
    Square(u32),
    Percent(u32),
    WidthPercent(u32),
    HeightPercent(u32),
    /// By longer and shorter side: fits inside.
    SidesInside(u32, u32),
    /// By longer and shorter side: covers.
    SidesCovering(u32, u32),
    /// At most so many pixels.
    Pixels(u32),
}

/// A part of a picture; a side of 0 means up to the far edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Region {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// To the east and to the south of where the gravity puts it.
    pub(crate) offset: (i64, i64),
    pub(crate) gravity: Gravity,
}

/// One of nine places.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Gravity {
    #[default]
    NorthWest,
    North,
    NorthEast,
    West,
    Center,
    East,
    SouthWest,
    South,
    SouthEast,
}

/// An angle, compared bit by bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Angle(u64);

impl Angle {
    pub(crate) fn of_degrees(degrees: f64) -> Self {
        Self(degrees.to_bits())
    }

    pub(crate) fn degrees(self) -> f64 {
        f64::from_bits(self.0)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Flip {
    LeftRight,
    TopDown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Blur {
    pub(crate) radius: u32,
    pub(crate) sigma: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Canvas {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Of the picture's top left corner; centred if `None`.
    pub(crate) position: Option<(i64, i64)>,
}

/// Red, green, blue and opacity: 255 is opaque, although parameters have it the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Color(pub(crate) [u8; 4]);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Gradient {
    pub(crate) direction: Direction,
    /// Pixels along the direction, from the edge where it begins.
    pub(crate) band: (u32, u32),
    pub(crate) colors: (Color, Color),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Direction {
    TopDown,
    BottomUp,
    LeftRight,
    RightLeft,
}

/// Something laid over a picture.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Watermark {
    pub(crate) what: Mark,
    pub(crate) align: Gravity,
    /// Inwards from the edges that it is aligned to, in pixels.
    pub(crate) margin: (i64, i64),
    /// 0 to 100.
    pub(crate) opacity: u8,
    /// On every picture of an animation too.
    pub(crate) animate: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Mark {
    Picture {
        /// Of an object of the same service.
        path: String,
        /// Of the picture's shorter side; 0 leaves it as it is.
        percent: u8,
        repeat: bool,
    },
    Text {
        text: String,
        size: u32,
        font: String,
        color: Color,
        outline: Option<Color>,
    },
}

/// What is asked of a picture instead of a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Question {
    Info,
    Exif,
    Iptc,
    All,
    Colors { count: u16, is_hex: bool },
    Faces,
}
