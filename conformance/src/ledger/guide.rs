//! The tables in the guide that say what the cases cover and how strict the emulator is.

use std::collections::BTreeSet;

use upyun_client::protocol::ErrorCode;

use super::splice;
use crate::{
    case::{Case, Certainty},
    coverage::{Coverage, sections},
};

/// The page of the guide that holds the tables, from the root of the repository.
pub const PAGE: &str = "mock-server/guide/en/src/coverage.md";

/// The file with the table of coverage brought up to date.
///
/// # Errors
/// When it has no place for it.
pub fn with_coverage(text: &str, cases: &[Case]) -> Result<String, String> {
    splice::replaced(text, "coverage", |_| Ok(coverage(cases)))
}

/// The file with the two counts of strictness brought up to date.
///
/// # Errors
/// When it has no place for them.
pub fn with_strictness(text: &str, counts: &str) -> Result<String, String> {
    let counts = counts.trim_end();
    splice::replaced(text, "strict", |_| Ok(format!("```text\n{counts}\n```\n")))
}

/// A row a document: a case counts where its first section is.
fn coverage(cases: &[Case]) -> String {
    let observed = Coverage::of(cases).sections;
    let mut text = "| document | sections with a case | codes provoked | documented | by clients | our choice |\n\
                    |---|---|---|---|---|---|\n"
        .to_owned();
    let mut documents: Vec<_> = sections().iter().map(|it| it.file).collect();
    documents.dedup();
    for document in documents {
        let prefix = format!("{document} §");
        let here: Vec<_> = observed
            .iter()
            .filter(|it| it.section.starts_with(&prefix))
            .collect();
        let first = |case: &&Case| {
            let section = case.sections.first();
            section.is_some_and(|it| it.file.name() == document)
        };
        let cases: Vec<_> = cases.iter().filter(first).copied().collect();
        let covered = here.iter().filter(|it| it.cases > 0).count();
        text.push_str(&row(document, covered, here.len(), &cases, None));
    }
    let covered = observed.iter().filter(|it| it.cases > 0).count();
    let all = Some(ErrorCode::all().count());
    text + &row("all", covered, observed.len(), cases, all)
}

fn row(
    name: &str,
    covered: usize,
    sections: usize,
    cases: &[Case],
    all_codes: Option<usize>,
) -> String {
    let count = |certainty: Certainty| {
        cases
            .iter()
            .filter(|case| case.certainty == certainty)
            .count()
    };
    let codes: BTreeSet<_> = cases.iter().flat_map(|case| case.codes).collect();
    let in_table = codes
        .iter()
        .filter(|it| ErrorCode::new(***it).message().is_some());
    let codes = match all_codes {
        Some(all) => format!("{} / {all}", in_table.count()),
        None => codes.len().to_string(),
    };
    format!(
        "| {name} | {covered} / {sections} | {codes} | {} | {} | {} |\n",
        count(Certainty::Doc),
        count(Certainty::Client),
        count(Certainty::Choice)
    )
}
