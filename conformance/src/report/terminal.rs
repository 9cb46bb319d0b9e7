//! For a person at a terminal.

use super::model::{CaseReport, RunReport, Verdict};

/// How many exchanges of a failed case are shown: the last ones tell.
const EXCHANGES: usize = 3;

/// Whether escape codes may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    /// Yes.
    On,
    /// No.
    Off,
}

/// One line for a case that ended; `None` for one that passed.
pub fn line(case: &CaseReport, colour: Colour) -> Option<String> {
    let (word, code) = match (&case.verdict, &case.known) {
        (Verdict::Passed, None) => return None,
        (Verdict::Passed, Some(_)) => ("no longer differs", "33"),
        (Verdict::Failed(_), Some(_)) => ("known difference", "33"),
        (Verdict::Failed(_), None) => ("FAILED", "31"),
        (Verdict::Broken(_), _) => ("BROKEN", "35"),
        (Verdict::NotApplicable { .. }, _) => ("not applicable", "2"),
        (Verdict::NotRun { .. }, _) => ("not run", "2"),
    };
    let word = paint(word, code, colour);
    Some(format!("{word} {}: {}", case.id, case.verdict.detail()))
}

/// Every failure in full, then the numbers, then what to do next.
pub fn render(report: &RunReport, colour: Colour) -> String {
    let mut text = String::new();
    let is_bad = |case: &&CaseReport| {
        matches!(case.verdict, Verdict::Failed(_) | Verdict::Broken(_)) && case.known.is_none()
    };
    for case in report.cases.iter().filter(is_bad) {
        text.push_str(&failure(case, colour));
    }
    let counts = report.counts();
    let mut parts = vec![format!("{} passed", counts.passed)];
    for (count, word) in [
        (counts.failed, "failed"),
        (counts.known, "known differences"),
        (counts.broken, "broken"),
        (counts.not_applicable, "not applicable"),
        (counts.not_run, "not run"),
    ] {
        if count > 0 {
            parts.push(format!("{count} {word}"));
        }
    }
    text.push_str(&format!(
        "{} cases on {} in {:.1} s: {} ({} requests)\n",
        report.cases.len(),
        report.target,
        report.seconds,
        parts.join(", "),
        report.spent.requests,
    ));
    if let Some(why) = &report.left_behind {
        text.push_str(&format!(
            "{} was not removed: {why}; remove it yourself\n",
            report.folder
        ));
    }
    if let Some(case) = report.cases.iter().find(is_bad) {
        text.push_str(&format!(
            "to run one of them again: upyun-conformance run --target {} --filter {}\n",
            report.target, case.id
        ));
    }
    text
}

/// A failed case: what must hold, who says so, what came instead, and the requests.
pub fn failure(case: &CaseReport, colour: Colour) -> String {
    let title = paint(&case.id, "1", colour);
    let mut basis = format!("{}, {}", case.section(), case.certainty.name());
    for choice in &case.choices {
        basis.push_str(&format!(" {choice}"));
    }
    let mut text = format!(
        "{title}\n  {}\n  [{basis}]\n  {}: {}\n",
        case.holds,
        case.verdict.name(),
        case.verdict.detail()
    );
    let hidden = case.exchanges.len().saturating_sub(EXCHANGES);
    if hidden > 0 {
        text.push_str(&format!("\n  … {hidden} requests before\n"));
    }
    for exchange in &case.exchanges[hidden..] {
        text.push('\n');
        for line in exchange.to_text().lines() {
            text.push_str(&format!("  {line}\n"));
        }
    }
    text.push('\n');
    text
}

fn paint(text: &str, code: &str, colour: Colour) -> String {
    match colour {
        Colour::On => format!("\x1b[{code}m{text}\x1b[0m"),
        Colour::Off => text.to_owned(),
    }
}
