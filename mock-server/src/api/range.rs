//! The `Range` header.

use std::ops::Range;

/// What a `Range` header asks of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Everything: no range, another unit, or several ranges (`[choice R-35]`).
    All,
    /// These bytes; never empty.
    Part(Range<u64>),
    /// Malformed, or outside the object (`[choice R-36]`).
    Wrong,
}

/// Resolves a `Range` header against the size of an object.
pub(crate) fn resolve(header: &str, size: u64) -> Wanted {
    let set = match header.trim().split_once('=') {
        Some((unit, set)) if unit.eq_ignore_ascii_case("bytes") => set,
        _ => return Wanted::Wrong,
    };
    if set.contains(',') {
        return Wanted::All;
    }
    let Some((first, last)) = set.trim().split_once('-') else {
        return Wanted::Wrong;
    };
    let part = match (first, last) {
        ("", suffix) => number(suffix).map(|n| size.saturating_sub(n)..size),
        (first, "") => number(first).map(|first| first..size),
        (first, last) => match (number(first), number(last)) {
            (Some(first), Some(last)) if first <= last => {
                Some(first..last.saturating_add(1).min(size))
            }
            _ => None,
        },
    };
    match part {
        Some(part) if part.start < part.end => Wanted::Part(part),
        _ => Wanted::Wrong,
    }
}

/// A position in an object; one beyond 64 bits is beyond every object.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::{Wanted::*, *};

    #[track_caller]
    fn check(header: &str, size: u64, want: Wanted) {
        assert_eq!(resolve(header, size), want, "{header} of {size}");
    }

    #[test]
    fn one_range() {
        check("bytes=0-0", 10, Part(0..1));
        check("bytes=2-5", 10, Part(2..6));
        check("bytes=2-", 10, Part(2..10));
        check("bytes=5-99", 10, Part(5..10));
        check("bytes=9-9", 10, Part(9..10));
        check("bytes=0-18446744073709551615", 10, Part(0..10));
        check("bytes=0-99999999999999999999999", 10, Part(0..10));
        check("bytes=2-0000000000000000000000005", 10, Part(2..6));
        check("BYTES=0-1", 10, Part(0..2));
        check("Bytes=-3", 10, Part(7..10));
    }

    #[test]
    fn suffix_longer_than_the_object_is_the_whole_object() {
        check("bytes=-3", 10, Part(7..10));
        check("bytes=-500", 10, Part(0..10));
        check("bytes=-99999999999999999999999", 10, Part(0..10));
    }

    #[test]
    fn outside_or_malformed() {
        check("bytes=10-", 10, Wrong);
        check("bytes=99999999999999999999999-", 10, Wrong);
        check("bytes=-0", 10, Wrong);
        check("bytes=0-", 0, Wrong);
        check("bytes=-5", 0, Wrong);
        check("bytes=5-2", 10, Wrong);
        check("bytes=a-b", 10, Wrong);
        check("bytes=+1-2", 10, Wrong);
        check("bytes=-", 10, Wrong);
        check("bytes=", 10, Wrong);
        check("lines=1-2", 10, Wrong);
    }

    #[test]
    fn several_ranges_are_everything() {
        check("bytes=0-1,3-4", 10, All);
    }
}
