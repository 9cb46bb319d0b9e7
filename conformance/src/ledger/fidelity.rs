//! The column of the emulator's table of decisions that says which case pins each mark.

use std::collections::BTreeMap;

use super::{Entry, Ledger, splice};

const HEADING: &str = "pinned by";
/// Columns that people write: mark, decision, code, test.
const WRITTEN: usize = 4;
/// So many cases are named; the ledger has all.
const NAMED: usize = 2;

/// The file with that column brought up to date. Marks without a case are `unverified`.
///
/// # Errors
/// When there is no table between `<!-- decisions: begin -->` and its end.
pub fn updated(text: &str, ledger: &Ledger) -> Result<String, String> {
    let cases = by_mark(ledger);
    splice::replaced(text, "decisions", |table| {
        let mut lines = Vec::new();
        for (at, line) in table.lines().enumerate() {
            let cells = cells(line);
            if cells.len() < WRITTEN {
                return Err(format!("the line `{line}` is no row of {WRITTEN} columns"));
            }
            let last = match at {
                0 => HEADING.to_owned(),
                1 => "---".to_owned(),
                _ => pinned(&cells[0], &cases),
            };
            let written = cells[..WRITTEN].join(" | ");
            lines.push(match at {
                1 => format!("|{}\n", "---|".repeat(WRITTEN + 1)),
                _ => format!("| {written} | {last} |\n"),
            });
        }
        Ok(lines.concat())
    })
}

type Cases<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a Entry)>>;

fn by_mark(ledger: &Ledger) -> Cases<'_> {
    let mut cases = Cases::new();
    for (id, entry) in &ledger.0 {
        for mark in entry.choices.split_whitespace() {
            cases.entry(mark).or_default().push((id, entry));
        }
    }
    cases
}

/// A row's cells; a `|` within one is written `\\|`.
fn cells(line: &str) -> Vec<String> {
    let hidden = line.trim().replace("\\|", "\0");
    let inner = hidden.trim_matches('|').split('|');
    let shown = inner.map(|cell| cell.trim().replace('\0', "\\|"));
    shown.collect()
}

fn pinned(cell: &str, cases: &Cases<'_>) -> String {
    let marks = marks(cell);
    let texts = marks.iter().map(|mark| {
        let text = cases
            .get(&**mark)
            .map_or_else(|| "unverified".to_owned(), |it| named(it));
        match marks.len() {
            1 => text,
            _ => format!("{mark} {text}"),
        }
    });
    texts.collect::<Vec<_>>().join("; ")
}

fn named(cases: &[(&str, &Entry)]) -> String {
    let names = cases
        .iter()
        .take(NAMED)
        .map(|(id, entry)| match &entry.live {
            Some(live) => format!(
                "`{id}` {}, live {} {}",
                entry.emulator, live.verdict, live.date
            ),
            None => format!("`{id}` {}", entry.emulator),
        });
    let mut text = names.collect::<Vec<_>>().join(", ");
    if cases.len() > NAMED {
        text.push_str(&format!(", {} more", cases.len() - NAMED));
    }
    text
}

/// The marks of a cell like `R-33…36, R-39`.
fn marks(cell: &str) -> Vec<String> {
    let mut marks = Vec::new();
    for part in cell.split(',').map(str::trim) {
        let range = part.split_once('-').and_then(|(letter, numbers)| {
            let (first, last) = numbers.split_once('…').unwrap_or((numbers, numbers));
            Some((
                letter,
                first.parse::<u32>().ok()?,
                last.parse::<u32>().ok()?,
            ))
        });
        match range {
            Some((letter, first, last)) => {
                marks.extend((first..=last).map(|number| format!("{letter}-{number}")));
            }
            None => marks.push(part.to_owned()),
        }
    }
    marks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_spelled_out() {
        assert_eq!(marks("A-12…14, B-1"), ["A-12", "A-13", "A-14", "B-1"]);
    }

    #[test]
    fn what_no_case_pins_is_unverified() {
        let ledger = "case\tsections\tbasis\temulator\tlive\tevidence\n\
                      a.b\trest §1\tchoice R-1 R-3\tpassed\t-\tunverified\n\
                      c.d\trest §1\tchoice R-3\tpassed\tfailed 2026-11-24\trefuted\n";
        let ledger = Ledger::parse(ledger).unwrap();
        let text = "<!-- decisions: begin -->\n\
                    | mark | decision | code | test |\n|---|---|---|---|\n\
                    | R-1, R-2 | a \\| b | `x` | y |\n| R-3 | c | `x` | y | stale |\n\
                    <!-- decisions: end -->\n";
        let new = updated(text, &ledger).unwrap();
        assert_eq!(
            new,
            "<!-- decisions: begin -->\n\
             | mark | decision | code | test | pinned by |\n|---|---|---|---|---|\n\
             | R-1, R-2 | a \\| b | `x` | y | R-1 `a.b` passed; R-2 unverified |\n\
             | R-3 | c | `x` | y | `a.b` passed, `c.d` passed, live failed 2026-11-24 |\n\
             <!-- decisions: end -->\n"
        );
        assert_eq!(updated(&new, &ledger).unwrap(), new);
    }
}
