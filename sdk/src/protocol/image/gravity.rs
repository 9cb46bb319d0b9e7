//! Nine places.

/// A place in a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "they are the points of the compass")]
pub enum Gravity {
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

impl Gravity {
    /// The service's word: `northwest`, `center` …
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NorthWest => "northwest",
            Self::North => "north",
            Self::NorthEast => "northeast",
            Self::West => "west",
            Self::Center => "center",
            Self::East => "east",
            Self::SouthWest => "southwest",
            Self::South => "south",
            Self::SouthEast => "southeast",
        }
    }
}
