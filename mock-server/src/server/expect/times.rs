//! How many requests are expected.

use std::{
    fmt,
    ops::{Range, RangeFrom, RangeFull, RangeInclusive, RangeTo, RangeToInclusive},
};

/// How many requests are expected: made of a number or a range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    min: u64,
    /// `None` without a limit.
    max: Option<u64>,
}

impl Times {
    pub(super) fn contains(self, count: u64) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }
}

impl From<u64> for Times {
    fn from(count: u64) -> Self {
        (count..=count).into()
    }
}

impl From<RangeInclusive<u64>> for Times {
    fn from(range: RangeInclusive<u64>) -> Self {
        let (min, max) = range.into_inner();
        Self {
            min,
            max: Some(max),
        }
    }
}

impl From<Range<u64>> for Times {
    /// An empty range is never met.
    fn from(range: Range<u64>) -> Self {
        match range.end.checked_sub(1) {
            Some(last) => (range.start..=last).into(),
            None => Self {
                min: 1,
                max: Some(0),
            },
        }
    }
}

impl From<RangeFrom<u64>> for Times {
    fn from(range: RangeFrom<u64>) -> Self {
        Self {
            min: range.start,
            max: None,
        }
    }
}

impl From<RangeTo<u64>> for Times {
    fn from(range: RangeTo<u64>) -> Self {
        (0..range.end).into()
    }
}

impl From<RangeToInclusive<u64>> for Times {
    fn from(range: RangeToInclusive<u64>) -> Self {
        (0..=range.end).into()
    }
}

impl From<RangeFull> for Times {
    fn from(_: RangeFull) -> Self {
        (0..).into()
    }
}

/// Like `2 requests` or `at least 1 request`.
impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let requests = |count| match count {
            1 => "1 request".to_owned(),
            count => format!("{count} requests"),
        };
        match (self.min, self.max) {
            (min, Some(max)) if min == max => f.write_str(&requests(min)),
            (0, None) => f.write_str("any number of requests"),
            (min, None) => write!(f, "at least {}", requests(min)),
            (0, Some(max)) => write!(f, "at most {}", requests(max)),
            (min, Some(max)) => write!(f, "{min} to {}", requests(max)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_what_they_contain_in_rust() {
        let check = |times: Times, words: &str, counts: &[u64]| {
            assert_eq!(times.to_string(), words);
            let contained: Vec<_> = (0..5).filter(|count| times.contains(*count)).collect();
            assert_eq!(contained, counts, "{words}");
        };
        check(2.into(), "2 requests", &[2]);
        check((1..3).into(), "1 to 2 requests", &[1, 2]);
        check((1..=1).into(), "1 request", &[1]);
        check((3..).into(), "at least 3 requests", &[3, 4]);
        check((..2).into(), "at most 1 request", &[0, 1]);
        check((..=1).into(), "at most 1 request", &[0, 1]);
        check((..).into(), "any number of requests", &[0, 1, 2, 3, 4]);
        assert!(!Times::from(..0).contains(0));
    }
}
