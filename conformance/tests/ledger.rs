//! What is generated is in step with the cases: the ledger, the table of decisions, the guide.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use upyun_conformance::{
    catalog,
    ledger::{Ledger, fidelity, first_difference, guide},
};

const REMEDY: &str = "run `cargo run -p upyun-conformance -- ledger --write`";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).expect(path)
}

fn ledger() -> Ledger {
    Ledger::parse(&read("conformance/LEDGER.tsv")).expect("a ledger")
}

/// Whether cases hold is found out by running them, in `tests/cases.rs`.
#[test]
fn the_ledger_has_the_cases_and_what_they_rest_on() {
    let ledger = ledger();
    let why = ledger.out_of_step(&catalog::all());
    assert_eq!(why, None, "{REMEDY}");
    let failing: Vec<_> = ledger.failing().collect();
    assert!(failing.is_empty(), "{failing:?}: {REMEDY}");
}

#[test]
fn the_table_of_decisions_says_what_pins_them() {
    let text = read("mock-server/FIDELITY.md");
    let new = fidelity::updated(&text, &ledger()).expect("a table");
    assert_eq!(first_difference(&new, &text), None, "{REMEDY}");
}

#[test]
fn the_guide_says_what_is_covered() {
    let text = read(guide::PAGE);
    let new = guide::with_coverage(&text, &catalog::all()).expect("a table");
    assert_eq!(first_difference(&new, &text), None, "{REMEDY}");
    assert!(text.contains("false rejects: 0 of "), "{REMEDY}");
    assert!(text.contains("false accepts: 0 of "), "{REMEDY}");
}

/// What cases cite can be read in the repository: a heading for each section, in its page.
#[test]
fn the_pages_of_the_protocol_have_the_sections_that_cases_cite() {
    let sections = read("conformance/data/sections.tsv");
    let mut pages: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for line in sections.lines().skip(1) {
        let mut columns = line.split('\t');
        let (Some(page), Some(section)) = (columns.next(), columns.next()) else {
            panic!("a line of sections.tsv without a section: {line:?}");
        };
        pages.entry(page).or_default().insert(section);
    }
    for (page, sections) in pages {
        let text = read(&format!("mock-server/protocol/{page}.md"));
        let headings = text.lines().filter_map(|line| {
            let heading = line.strip_prefix("## §")?;
            heading.split_whitespace().next()
        });
        assert_eq!(headings.collect::<BTreeSet<_>>(), sections, "{page}.md");
    }
}
