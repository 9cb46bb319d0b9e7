//! Metadata, and the two names that mean something.

use upyun_client::protocol::Directive;

use super::{Answer, Object, Reference, code, refused};
use crate::model::op::Meta;

const DAY_SECONDS: u64 = 86_400;

/// Whether values may be stored.
pub(super) fn check(meta: &Meta) -> Result<(), Answer> {
    if meta.contains_key("ttl") && days(meta).is_none() {
        return refused(code::BAD_TTL);
    }
    let is_secret = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|character| character.is_ascii_alphanumeric())
    };
    if meta.get("secret").is_some_and(|it| !is_secret(it)) {
        return refused(code::BAD_SECRET);
    }
    Ok(())
}

/// As they are stored: without blanks around values, as everywhere in HTTP (`[choice R-26]`).
pub(super) fn stored(meta: &Meta) -> Meta {
    let trimmed = |value: &String| {
        value
            .trim_matches(|character| matches!(character, ' ' | '\t'))
            .to_owned()
    };
    meta.iter()
        .map(|(name, value)| (name.clone(), trimmed(value)))
        .collect()
}

/// Days of life, 1 to 180.
pub(super) fn days(meta: &Meta) -> Option<u64> {
    let days = meta.get("ttl")?.trim().parse().ok()?;
    (1..=180).contains(&days).then_some(days)
}

impl Reference {
    /// The end of a life that begins now.
    pub(super) fn end_of_life(&mut self, meta: &Meta) -> Option<(u64, u64)> {
        let end = self.now + days(meta)? * DAY_SECONDS;
        Some((end, self.arrive()))
    }

    /// Changes the metadata of an object. Its life is counted from the request that set the ttl
    /// (`[choice R-30]`).
    pub(super) fn change(&mut self, object: &mut Object, directive: Directive, change: &Meta) {
        let change = stored(change);
        match directive {
            Directive::Copy => return,
            Directive::Merge => object.meta.extend(change.clone()),
            Directive::Replace => object.meta = change.clone(),
            Directive::Delete => object.meta.retain(|name, _| !change.contains_key(name)),
        }
        if !object.meta.contains_key("ttl") {
            object.ends = None;
        } else if change.contains_key("ttl") && directive != Directive::Delete {
            object.ends = self.end_of_life(&change);
        }
    }
}
