//! All cases.

use crate::case::{Case, Registered};

/// Every case, by id.
pub fn all() -> Vec<Case> {
    let mut cases: Vec<_> = inventory::iter::<Registered>().map(|it| it.0).collect();
    cases.sort_by_cached_key(Case::id);
    cases
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use upyun_client::protocol::ErrorCode;

    use super::*;
    use crate::{
        case::{Certainty, Tag},
        coverage,
    };

    #[test]
    fn ids_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for case in all() {
            let id = case.id();
            let is_well_formed = id.split('.').count() >= 2
                && id
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b));
            assert!(is_well_formed, "{id}");
            assert!(seen.insert(id.clone()), "{id} stands twice");
        }
    }

    #[test]
    fn sections_exist() {
        let known = coverage::sections();
        for case in all() {
            for section in case.sections {
                let is_known = known
                    .iter()
                    .any(|it| it.file == section.file.name() && it.number == section.number);
                assert!(is_known, "{}: there is no {section}", case.id());
            }
        }
    }

    #[test]
    fn titles_are_sentences() {
        for case in all() {
            let (id, holds) = (case.id(), case.holds);
            assert!(holds.ends_with('.') && holds.len() < 200, "{id}: {holds:?}");
        }
    }

    #[test]
    fn choices_are_marks() {
        for case in all() {
            assert_eq!(
                case.certainty == Certainty::Choice,
                !case.choices.is_empty(),
                "{}",
                case.id()
            );
            for mark in case.choices {
                let parts = mark.split_once('-');
                let is_mark = parts.is_some_and(|(letter, number)| {
                    letter.len() == 1 && number.parse::<u16>().is_ok()
                });
                assert!(is_mark || *mark == "own", "{}: {mark}", case.id());
            }
        }
    }

    #[test]
    fn codes_are_in_the_table_or_ours() {
        for case in all() {
            for code in case.codes {
                let is_known =
                    ErrorCode::new(*code).message().is_some() || coverage::OWN_CODES.contains(code);
                assert!(is_known, "{}: {code}", case.id());
            }
        }
    }

    #[test]
    fn tags_have_different_names() {
        let names: BTreeSet<_> = Tag::ALL.iter().map(|tag| tag.name()).collect();
        assert_eq!(names.len(), Tag::ALL.len());
        for tag in Tag::ALL {
            assert_eq!(Tag::parse(tag.name()), Some(tag));
        }
    }
}
