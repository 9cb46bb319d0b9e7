//! Bytes that are described, not kept.

use std::{
    fmt,
    ops::Range,
    sync::{Arc, OnceLock},
};

use upyun_client::protocol::Md5Digest;

/// A body: so many bytes of the sequence that a seed gives. A byte depends on its place and the seed
/// only, so that any range can be made alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Body {
    /// Bytes.
    pub size: u64,
    /// Which sequence.
    pub seed: u32,
}

impl Body {
    /// All of it.
    pub fn bytes(self) -> Vec<u8> {
        self.range(0..self.size)
    }

    /// A part of it, which must be inside.
    pub fn range(self, range: Range<u64>) -> Vec<u8> {
        let (first, last) = (range.start / 8, range.end.div_ceil(8));
        let length = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
        let skip = usize::try_from(range.start % 8).unwrap_or_default();
        let mut bytes = Vec::with_capacity(length + 16);
        for word in first..last {
            bytes.extend_from_slice(&mix(word ^ (u64::from(self.seed) << 32)).to_le_bytes());
        }
        bytes.drain(..skip);
        bytes.truncate(length);
        bytes
    }
}

/// SplitMix64, whose every output depends on every bit of its input.
fn mix(word: u64) -> u64 {
    let mut z = word.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The content of an object: bodies in a row. Clones are cheap and compute its MD5 once.
#[derive(Clone)]
pub struct Content(Arc<Inner>);

struct Inner {
    pieces: Vec<Body>,
    size: u64,
    md5: OnceLock<Md5Digest>,
}

impl Content {
    /// Bodies in a row.
    pub fn new(pieces: Vec<Body>) -> Self {
        Self(Arc::new(Inner {
            size: pieces.iter().map(|piece| piece.size).sum(),
            pieces,
            md5: OnceLock::new(),
        }))
    }

    /// Bytes.
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// Of all of it.
    pub fn md5(&self) -> Md5Digest {
        *self
            .0
            .md5
            .get_or_init(|| Md5Digest::of(self.range(0..self.size())))
    }

    /// A part of it, which must be inside.
    pub fn range(&self, range: Range<u64>) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut at = 0;
        for piece in &self.0.pieces {
            let inside = |place: u64| place.clamp(at, at + piece.size) - at;
            bytes.extend(piece.range(inside(range.start)..inside(range.end)));
            at += piece.size;
        }
        bytes
    }
}

impl From<Body> for Content {
    fn from(body: Body) -> Self {
        Self::new(vec![body])
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Content").field(&self.0.pieces).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_range_is_that_part_of_the_whole(
            sizes in proptest::collection::vec(0_u64..40, 0..4),
            cut in any::<(u64, u64)>(),
        ) {
            let pieces = sizes.iter().zip(0..).map(|(&size, seed)| Body { size, seed });
            let content = Content::new(pieces.collect());
            let whole = content.range(0..content.size());
            prop_assert_eq!(whole.len() as u64, content.size());
            let (a, b) = (cut.0 % (content.size() + 1), cut.1 % (content.size() + 1));
            let (from, to) = (a.min(b), a.max(b));
            let part = content.range(from..to);
            prop_assert_eq!(&part[..], &whole[from as usize..to as usize]);
        }
    }
}
