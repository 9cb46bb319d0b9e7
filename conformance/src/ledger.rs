//! What each case rests on, and what it was found to be: one file, so that a claim without evidence
//! is visible as one.

pub mod fidelity;
pub mod guide;
mod splice;

use std::{collections::BTreeMap, fmt};

use time::OffsetDateTime;

use crate::{
    case::{Case, Certainty},
    report::model::{CaseReport, RunReport, Verdict},
};

const HEAD: &str = "case\tsections\tbasis\temulator\tlive\tevidence";

/// One line a case, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ledger(BTreeMap<String, Entry>);

/// What is known of a case.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    sections: String,
    certainty: Certainty,
    choices: String,
    emulator: String,
    live: Option<Live>,
}

/// What the live service did, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Live {
    verdict: String,
    date: String,
}

impl Ledger {
    /// Of a run on the emulator.
    pub fn of(report: &RunReport) -> Self {
        let entries = report.cases.iter().map(|case| {
            let entry = Entry {
                sections: case.sections.join(", "),
                certainty: case.certainty,
                choices: case.choices.join(" "),
                emulator: verdict(case),
                live: None,
            };
            (case.id.clone(), entry)
        });
        Self(entries.collect())
    }

    /// Reads a file.
    ///
    /// # Errors
    /// The line that is none of a ledger.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut lines = text.lines().enumerate();
        if lines.next().map(|it| it.1) != Some(HEAD) {
            return Err(format!("its first line is not `{HEAD}`"));
        }
        let mut entries = BTreeMap::new();
        for (at, line) in lines {
            let fields: Vec<_> = line.split('\t').collect();
            let [id, sections, basis, emulator, live, _] = fields[..] else {
                return Err(format!("line {} has not six fields", at + 1));
            };
            let (certainty, choices) = match basis.split_once(' ') {
                Some(("choice", choices)) => (Certainty::Choice, choices),
                _ if basis == Certainty::Doc.name() => (Certainty::Doc, ""),
                _ if basis == Certainty::Client.name() => (Certainty::Client, ""),
                _ => return Err(format!("line {} rests on nothing known: {basis}", at + 1)),
            };
            let live = live.rsplit_once(' ').map(|(verdict, date)| Live {
                verdict: verdict.to_owned(),
                date: date.to_owned(),
            });
            let entry = Entry {
                sections: sections.to_owned(),
                certainty,
                choices: choices.to_owned(),
                emulator: emulator.to_owned(),
                live,
            };
            entries.insert(id.to_owned(), entry);
        }
        Ok(Self(entries))
    }

    /// Takes over what an older ledger knows of the live service.
    ///
    /// # Errors
    /// The line that is none of a ledger.
    pub fn keep(&mut self, older: &str) -> Result<(), String> {
        for (id, older) in Self::parse(older)?.0 {
            if let Some(entry) = self.0.get_mut(&id) {
                entry.live = older.live.or(entry.live.take());
            }
        }
        Ok(())
    }

    /// Where it differs from the catalogue, verdicts apart; `None` if nowhere.
    pub fn out_of_step(&self, cases: &[Case]) -> Option<String> {
        let ids: Vec<_> = cases.iter().map(Case::id).collect();
        if let Some(gone) = self.0.keys().find(|id| !ids.contains(id)) {
            return Some(format!("there is no case {gone} any more"));
        }
        cases.iter().zip(&ids).find_map(|(case, id)| {
            let Some(entry) = self.0.get(id) else {
                return Some(format!("the case {id} is missing"));
            };
            let sections: Vec<_> = case.sections.iter().map(ToString::to_string).collect();
            let is_same = entry.sections == sections.join(", ")
                && entry.certainty == case.certainty
                && entry.choices == case.choices.join(" ");
            (!is_same).then(|| format!("the case {id} rests on something else"))
        })
    }

    /// The cases that do not hold on the emulator although nobody knows why.
    pub fn failing(&self) -> impl Iterator<Item = &str> {
        let fails = |entry: &Entry| matches!(&*entry.emulator, "failed" | "broken" | "not run");
        let failing = self.0.iter().filter(move |(_, entry)| fails(entry));
        failing.map(|(id, _)| id.as_str())
    }

    /// Adds what a run on the live service found.
    pub fn add_live(&mut self, report: &RunReport) {
        let started = i64::try_from(report.started).unwrap_or_default();
        let date = OffsetDateTime::from_unix_timestamp(started);
        let date = date.map_or_else(|_| "unknown".to_owned(), |it| it.date().to_string());
        for case in &report.cases {
            let is_found = matches!(case.verdict, Verdict::Passed | Verdict::Failed(_));
            if let Some(entry) = self.0.get_mut(&case.id).filter(|_| is_found) {
                entry.live = Some(Live {
                    verdict: verdict(case),
                    date: date.clone(),
                });
            }
        }
    }
}

/// The first line in which a file differs from what it should be.
pub fn first_difference(new: &str, old: &str) -> Option<String> {
    let (mut ours, mut theirs) = (new.lines(), old.lines());
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return None,
            (a, b) if a == b => {}
            (a, b) => {
                let show = |line: Option<&str>| line.unwrap_or("nothing").replace('\t', " | ");
                return Some(format!("it has `{}` for `{}`", show(b), show(a)));
            }
        }
    }
}

impl fmt::Display for Ledger {
    /// Tab-separated, with a line of names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}")?;
        for (id, entry) in &self.0 {
            let Entry {
                sections, emulator, ..
            } = entry;
            let basis = match entry.certainty {
                Certainty::Choice => format!("choice {}", entry.choices),
                other => other.name().to_owned(),
            };
            let live = entry.live.as_ref();
            let live = live.map_or_else(
                || "-".to_owned(),
                |it| format!("{} {}", it.verdict, it.date),
            );
            writeln!(
                f,
                "{id}\t{sections}\t{basis}\t{emulator}\t{live}\t{}",
                entry.evidence()
            )?;
        }
        Ok(())
    }
}

impl Entry {
    /// The best reason to believe it.
    fn evidence(&self) -> &'static str {
        match (&self.live, self.certainty) {
            (Some(live), _) if live.verdict == "passed" => "live",
            (Some(_), _) => "refuted",
            (None, Certainty::Doc) => "documented",
            (None, Certainty::Client) => "client",
            (None, Certainty::Choice) => "unverified",
        }
    }
}

fn verdict(case: &CaseReport) -> String {
    match case.known {
        Some(_) => format!("{} (known)", case.verdict.name()),
        None => case.verdict.name().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, coverage::Coverage, report::model::Finding, wire::Spent};

    fn report(verdict: &Verdict) -> RunReport {
        let cases = catalog::all();
        let two: Vec<_> = cases
            .iter()
            .filter(|it| ["rest.put.empty", "rest.put.by-post"].contains(&&*it.id()))
            .collect();
        RunReport {
            target: "mock".into(),
            started: 1_795_482_975,
            seconds: 0.0,
            folder: String::new(),
            spent: Spent::default(),
            left_behind: None,
            cases: two
                .iter()
                .map(|case| CaseReport::unstarted(case, verdict.clone()))
                .collect(),
            coverage: Coverage::of(&[]),
        }
    }

    #[test]
    fn what_the_live_service_did_is_kept_with_its_date() {
        let mut ledger = Ledger::of(&report(&Verdict::Passed));
        let before = ledger.to_string();
        assert!(
            before.contains("choice R-18\tpassed\t-\tunverified"),
            "{before}"
        );
        assert!(before.contains("client\tpassed\t-\tclient"), "{before}");

        ledger.add_live(&report(&Verdict::Failed(Finding {
            expected: String::new(),
            found: String::new(),
        })));
        let after = ledger.to_string();
        let want = "choice R-18\tpassed\tfailed 2026-11-24\trefuted";
        assert!(after.contains(want), "{after}");

        let mut next = Ledger::of(&report(&Verdict::Passed));
        next.keep(&after).unwrap();
        assert_eq!(first_difference(&next.to_string(), &after), None);
        assert!(first_difference(&next.to_string(), &before).is_some());
        assert!(next.keep("nonsense").is_err());
    }
}
