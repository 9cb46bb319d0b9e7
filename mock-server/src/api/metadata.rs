//! Metadata headers: `x-upyun-meta-<name>` and the content secret.

use http::HeaderMap;
use upyun_client::protocol::{Directive, ErrorCode, header as names};

use crate::{refusal::Refusal, store::Attributes};

/// All names and values of one object together (`[choice R-28]`).
const MAX_BYTES: usize = 8 * 1024;
/// The longest life of an object, in days.
const MAX_TTL_DAYS: u64 = 180;
const SECONDS_A_DAY: u64 = 86_400;

/// Metadata by lower-case name, without the prefix of the headers.
///
/// Values are bytes: HTTP allows more than UTF-8, and they are returned as they came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Metadata(pub(crate) Vec<(String, Vec<u8>)>);

impl Metadata {
    /// Reads the metadata of a request, including its `Content-Secret`, and checks the values.
    pub(crate) fn of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let metadata = Self::names_of(headers)?;
        metadata.check()?;
        Ok(metadata)
    }

    /// Reads the metadata of a request that removes names: their values do not matter.
    pub(crate) fn names_of(headers: &HeaderMap) -> Result<Self, Refusal> {
        let mut metadata = Self::default();
        for (header, value) in headers {
            let Some(name) = header.as_str().strip_prefix(names::X_UPYUN_META_PREFIX) else {
                continue;
            };
            let value = value.as_bytes().trim_ascii();
            if name.is_empty() {
                return Err(invalid("a metadata header has no name after x-upyun-meta-"));
            }
            if value.iter().any(u8::is_ascii_control) {
                return Err(invalid(&format!(
                    "the metadata {name} holds a control character"
                )));
            }
            metadata.set(name, value);
        }
        if let Some(secret) = headers.get(names::CONTENT_SECRET) {
            metadata.set(names::META_SECRET, secret.as_bytes().trim_ascii());
        }
        Ok(metadata)
    }

    /// Applies a change to what an object has.
    pub(crate) fn apply(mut self, directive: Directive, change: &Self) -> Result<Self, Refusal> {
        let changed = match directive {
            Directive::Copy => self,
            Directive::Replace => change.clone(),
            Directive::Merge => {
                for (name, value) in &change.0 {
                    self.set(name, value);
                }
                self
            }
            Directive::Delete => {
                self.0.retain(|(name, _)| change.get(name).is_none());
                self
            }
        };
        changed.check_size()?;
        Ok(changed)
    }

    pub(crate) fn get(&self, name: &str) -> Option<&[u8]> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_slice())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When an object that is given this metadata now ceases to exist.
    pub(crate) fn expires_at(&self, now: u64) -> Option<u64> {
        let days = std::str::from_utf8(self.get(names::META_TTL)?)
            .ok()?
            .parse::<u64>()
            .ok()?;
        Some(now + days * SECONDS_A_DAY)
    }

    /// A header that is sent twice counts once: the last (`[choice R-32]`).
    fn set(&mut self, name: &str, value: &[u8]) {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => *old = value.to_vec(),
            None => self.0.push((name.to_owned(), value.to_vec())),
        }
    }

    fn check(&self) -> Result<(), Refusal> {
        if let Some(ttl) = self.get(names::META_TTL) {
            let days = std::str::from_utf8(ttl)
                .ok()
                .and_then(|days| days.parse::<u64>().ok());
            if !days.is_some_and(|days| (1..=MAX_TTL_DAYS).contains(&days)) {
                return Err(Refusal::new(ErrorCode::INVALID_FILE_TTL).because(format!(
                    "x-upyun-meta-ttl is {:?}; it is a whole number of days, 1 to {MAX_TTL_DAYS}.",
                    String::from_utf8_lossy(ttl)
                )));
            }
        }
        if let Some(secret) = self.get(names::META_SECRET)
            && (secret.is_empty() || !secret.iter().all(u8::is_ascii_alphanumeric))
        {
            return Err(Refusal::new(ErrorCode::INVALID_CONTENT_SECRET)
                .because("A content secret is one or more ASCII letters and digits."));
        }
        self.check_size()
    }

    fn check_size(&self) -> Result<(), Refusal> {
        let bytes: usize = self
            .0
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        if bytes > MAX_BYTES {
            return Err(invalid(&format!(
                "the metadata are {bytes} bytes together; at most {MAX_BYTES} are allowed"
            )));
        }
        Ok(())
    }
}

fn invalid(why: &str) -> Refusal {
    Refusal::new(ErrorCode::META_INVALID).because(why)
}

/// Applies a metadata change, and starts a new life if it sets one.
pub(super) fn change_metadata(
    attributes: &mut Attributes,
    directive: Directive,
    change: &Metadata,
    now: u64,
) -> Result<(), Refusal> {
    let meta = Metadata(std::mem::take(&mut attributes.meta)).apply(directive, change)?;
    let sets_ttl = change.get(names::META_TTL).is_some();
    if meta.get(names::META_TTL).is_none() {
        attributes.expires_at = None;
    } else if sets_ttl && directive != Directive::Delete {
        attributes.expires_at = meta.expires_at(now);
    }
    attributes.meta = meta.0;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(pairs: &[(&str, &str)]) -> Metadata {
        let mut metadata = Metadata::default();
        for (name, value) in pairs {
            metadata.set(name, value.as_bytes());
        }
        metadata
    }

    #[track_caller]
    fn check(
        start: &[(&str, &str)],
        directive: Directive,
        change: &[(&str, &str)],
        want: &[(&str, &str)],
    ) {
        let got = metadata(start).apply(directive, &metadata(change)).unwrap();
        assert_eq!(got, metadata(want));
    }

    #[test]
    fn the_documented_examples() {
        check(
            &[("a", "1")],
            Directive::Merge,
            &[("a", "2"), ("b", "3")],
            &[("a", "2"), ("b", "3")],
        );
        let two = [("a", "1"), ("b", "2")];
        check(
            &two,
            Directive::Replace,
            &[("a", "3"), ("c", "4")],
            &[("a", "3"), ("c", "4")],
        );
        check(
            &two,
            Directive::Delete,
            &[("a", ""), ("x", "")],
            &[("b", "2")],
        );
        check(&two, Directive::Copy, &[("a", "3")], &two);
    }
}
