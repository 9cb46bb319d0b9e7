//! What is generated is in step with the cases: the ledger, the table of decisions, the guide.

use std::path::{Path, PathBuf};

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
