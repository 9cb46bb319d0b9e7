//! What a metadata change, a copy or a move does with metadata.

use std::{fmt, str::FromStr};

/// The parameter `metadata` of PATCH and the header `X-Upyun-Metadata-Directive` of copy and move.
///
/// PATCH knows all but `Copy`; its default is `Merge`, that of copy and move is `Copy`
/// (`[choice R-74]`).
///
/// ```
/// use upyun_client::protocol::Directive;
///
/// assert_eq!("replace".parse(), Ok(Directive::Replace));
/// assert_eq!(Directive::Merge.as_str(), "merge");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Directive {
    /// The source's metadata, whatever the request says.
    Copy,
    /// The given names are set, others stay.
    Merge,
    /// Exactly the given metadata.
    Replace,
    /// The given names are removed; their values do not matter.
    Delete,
}

impl Directive {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Copy => "copy",
            Self::Merge => "merge",
            Self::Replace => "replace",
            Self::Delete => "delete",
        }
    }
}

impl FromStr for Directive {
    type Err = UnknownDirective;

    fn from_str(word: &str) -> Result<Self, UnknownDirective> {
        [Self::Copy, Self::Merge, Self::Replace, Self::Delete]
            .into_iter()
            .find(|directive| directive.as_str() == word)
            .ok_or(UnknownDirective)
    }
}

impl fmt::Display for Directive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no [`Directive`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a metadata directive is copy, merge, replace or delete")]
pub struct UnknownDirective;
