//! Sizes of objects: one, or a range of them.

use std::{fmt, str::FromStr};

/// How large objects are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    least: u64,
    most: u64,
}

impl Sizes {
    /// A size, given an even number in 0..1. In a range its logarithm is even: as many objects
    /// between 4 and 8 KiB as between 32 and 64 MiB.
    pub(crate) fn at(self, even: f64) -> u64 {
        if self.least == self.most {
            return self.least;
        }
        // A size of 0 has no logarithm.
        let (least, most) = (self.least.max(1) as f64, self.most as f64);
        let size = (least.ln() + even * (most.ln() - least.ln())).exp();
        (size.round() as u64).clamp(self.least, self.most)
    }

    /// The mean over many objects.
    pub(crate) fn mean(self) -> u64 {
        if self.least == self.most {
            return self.least;
        }
        let (least, most) = (self.least.max(1) as f64, self.most as f64);
        ((most - least) / (most / least).ln()) as u64
    }
}

impl FromStr for Sizes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (least, most) = match text.split_once("..") {
            Some((least, most)) => (bytes(least)?, bytes(most.trim_start_matches('='))?),
            None => (bytes(text)?, bytes(text)?),
        };
        match least <= most {
            true => Ok(Self { least, most }),
            false => Err("a range goes from the smaller to the larger size, like 4k..64m".into()),
        }
    }
}

impl fmt::Display for Sizes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.least == self.most {
            true => write!(f, "{}", short(self.least)),
            false => write!(f, "{}..{}", short(self.least), short(self.most)),
        }
    }
}

/// A number of bytes with an optional binary unit.
pub(crate) fn bytes(text: &str) -> Result<u64, String> {
    let text = text.to_ascii_lowercase();
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (&*text, ""),
    };
    let factor = match unit {
        "" | "b" => Some(0),
        "k" | "kib" => Some(10),
        "m" | "mib" => Some(20),
        "g" | "gib" => Some(30),
        _ => None,
    };
    let number = number.parse::<u64>().ok();
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(1 << factor))
        .ok_or_else(|| "a size is a number with k, m or g, like 64m".into())
}

/// The shortest text that [`bytes()`] reads back.
fn short(size: u64) -> String {
    for (shift, unit) in [(30, "g"), (20, "m"), (10, "k")] {
        if size != 0 && size.trailing_zeros() >= shift {
            return format!("{}{unit}", size >> shift);
        }
    }
    size.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        for (text, want) in [("5", 5), ("4k", 4096), ("1GiB", 1 << 30), ("0", 0)] {
            assert_eq!(bytes(text), Ok(want));
        }
        for wrong in ["", "k", "1.5m", "1t", "99999999999g"] {
            assert!(bytes(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_range_is_even_in_its_logarithm() {
        let sizes: Sizes = "4k..64m".parse().unwrap();
        assert_eq!(sizes.at(0.0), 4096);
        assert_eq!(sizes.at(0.5), 512 * 1024);
        assert!((67_000_000..=64 << 20).contains(&sizes.at(0.999_999)));
        assert_eq!(sizes.to_string(), "4k..64m");
        let mean = (0..10_000)
            .map(|i| sizes.at(f64::from(i) / 1e4))
            .sum::<u64>()
            / 10_000;
        assert!(
            mean.abs_diff(sizes.mean()) < mean / 100,
            "{mean} {}",
            sizes.mean()
        );
    }

    #[test]
    fn a_single_size_is_always_that_and_a_range_has_an_order() {
        let one: Sizes = "64m".parse().unwrap();
        assert_eq!(
            (one.at(0.0), one.at(0.9), one.mean()),
            (64 << 20, 64 << 20, 64 << 20)
        );
        assert_eq!("0..=1000".parse::<Sizes>().unwrap().at(0.0), 1);
        for wrong in ["64m..4k", "4k..", "..4k", "4k...64m"] {
            assert!(wrong.parse::<Sizes>().is_err(), "{wrong}");
        }
    }
}
