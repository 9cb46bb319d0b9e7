//! Which sections of the protocol and which codes of its error table have cases.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use upyun_client::protocol::ErrorCode;

use crate::case::Case;

/// Codes that the emulator has and the table has not.
pub const OWN_CODES: [u32; 2] = [40500000, 40600000];

/// A section of a document, from `data/sections.tsv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownSection {
    /// The document.
    pub file: &'static str,
    /// Its number there.
    pub number: &'static str,
    /// `rules` for one that a client can observe; else why it needs no case.
    pub kind: &'static str,
    /// What it is about.
    pub about: &'static str,
}

/// All sections, in the documents' order.
pub fn sections() -> Vec<KnownSection> {
    let mut sections = Vec::new();
    for line in include_str!("../data/sections.tsv").lines().skip(1) {
        let mut fields = line.split('\t');
        let mut next = || fields.next().unwrap_or_default();
        sections.push(KnownSection {
            file: next(),
            number: next(),
            kind: next(),
            about: next(),
        });
    }
    sections
}

/// How many cases each section and code has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The sections that can be observed.
    pub sections: Vec<SectionCoverage>,
    /// The codes that have cases, with how many.
    pub codes: BTreeMap<u32, usize>,
    /// The codes of the table that have none.
    pub codes_without: Vec<u32>,
}

/// One section's cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionCoverage {
    /// Document and number: `rest §3.1`.
    pub section: String,
    /// What it is about.
    pub about: String,
    /// How many cases.
    pub cases: usize,
}

impl Coverage {
    /// Of these cases.
    pub fn of(cases: &[Case]) -> Self {
        let count = |file: &str, number: &str| {
            let is_here = |case: &&Case| {
                case.sections.iter().any(|it| {
                    let is_below = it.number.strip_prefix(number);
                    let is_here =
                        is_below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
                    it.file.name() == file && is_here
                })
            };
            cases.iter().filter(is_here).count()
        };
        let sections = sections()
            .into_iter()
            .filter(|section| section.kind == "rules")
            .map(|section| SectionCoverage {
                section: format!("{} §{}", section.file, section.number),
                about: section.about.to_owned(),
                cases: count(section.file, section.number),
            })
            .collect();
        let mut codes = BTreeMap::new();
        for code in cases.iter().flat_map(|case| case.codes) {
            *codes.entry(*code).or_default() += 1;
        }
        let codes_without = ErrorCode::all()
            .map(ErrorCode::as_u32)
            .filter(|code| !codes.contains_key(code))
            .collect();
        Self {
            sections,
            codes,
            codes_without,
        }
    }

    /// The sections without a case.
    pub fn sections_without(&self) -> impl Iterator<Item = &SectionCoverage> {
        self.sections.iter().filter(|section| section.cases == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_sections_is_whole() {
        for section in sections() {
            assert!(
                !section.about.is_empty() && !section.number.is_empty(),
                "{section:?}"
            );
        }
    }

    #[test]
    fn a_section_has_the_cases_of_those_below_it() {
        let coverage = Coverage::of(&crate::catalog::all());
        let cases = |name: &str| {
            let mut sections = coverage.sections.iter();
            sections.find(|it| it.section == name).map(|it| it.cases)
        };
        assert!(cases("rest §3") >= cases("rest §3.1"));
        assert_ne!(cases("rest §1"), None);
    }
}
