//! Markdown, for a pull request or a wiki.

use super::model::{CaseReport, RunReport, Verdict};

/// Numbers, failures in full, then what did not apply, then coverage.
pub fn render(report: &RunReport) -> String {
    let counts = report.counts();
    let mut text = format!("# Conformance of {}\n\n", report.target);
    text.push_str("| passed | failed | known differences | broken | not applicable | not run |\n");
    text.push_str("|---|---|---|---|---|---|\n");
    text.push_str(&format!(
        "| {} | {} | {} | {} | {} | {} |\n",
        counts.passed,
        counts.failed,
        counts.known,
        counts.broken,
        counts.not_applicable,
        counts.not_run
    ));
    for case in &report.cases {
        if matches!(case.verdict, Verdict::Failed(_) | Verdict::Broken(_)) {
            text.push_str(&failure(case));
        }
    }
    let mut others = String::new();
    for case in &report.cases {
        if let Verdict::NotApplicable { reason } | Verdict::NotRun { reason } = &case.verdict {
            others.push_str(&format!("| `{}` | {} |\n", case.id, cell(reason)));
        }
    }
    if !others.is_empty() {
        text.push_str("\n## Not run\n\n| case | why |\n|---|---|\n");
        text.push_str(&others);
    }
    text.push_str("\n## Coverage\n\n| section | about | cases |\n|---|---|---|\n");
    for section in &report.coverage.sections {
        text.push_str(&format!(
            "| {} | {} | {} |\n",
            section.section, section.about, section.cases
        ));
    }
    text.push_str(&format!(
        "\n{} of the error table's codes have cases, {} have none.\n",
        report.coverage.codes.len(),
        report.coverage.codes_without.len()
    ));
    text
}

fn failure(case: &CaseReport) -> String {
    let known = case.known.as_ref();
    let known = known.map_or_else(String::new, |why| format!("\n\nKnown: {why}"));
    let mut text = format!(
        "\n## `{}`\n\n{}\n\n{}, {} {}: **{}**, {}{known}\n",
        case.id,
        case.holds,
        case.section(),
        case.certainty.name(),
        case.choices.join(", "),
        case.verdict.name(),
        case.verdict.detail()
    );
    for exchange in &case.exchanges {
        // Four backticks, as a body may hold three.
        text.push_str(&format!("\n````http\n{}\n````\n", exchange.to_text()));
    }
    text
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
