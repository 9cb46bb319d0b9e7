//! Metadata of an object, as read.

use std::{collections::BTreeMap, fmt};

use crate::protocol::header::{META_SECRET, META_TTL};

/// The metadata of an object: names in lower case, without the prefix `x-upyun-meta-`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// The value of this name, in any case of letters.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(&name.to_ascii_lowercase()).map(String::as_str)
    }

    /// Every name and value, by name.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The life of the object, in days from its upload.
    pub fn ttl_days(&self) -> Option<u32> {
        self.get(META_TTL)?.parse().ok()
    }

    /// The content secret, which opens the object on access domains.
    pub fn secret(&self) -> Option<&str> {
        self.get(META_SECRET)
    }
}

impl FromIterator<(String, String)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        let lower = |(name, value): (String, String)| (name.to_ascii_lowercase(), value);
        Self(pairs.into_iter().map(lower).collect())
    }
}

/// The content secret is shown as `***`.
impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.iter().map(|(name, value)| {
            let is_secret = name == META_SECRET;
            (name, if is_secret { "***" } else { value })
        });
        f.debug_map().entries(shown).finish()
    }
}
