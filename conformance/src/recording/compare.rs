//! Where two recordings differ, and what that settles.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Recording, Step, Transcript};
use crate::report::model::Verdict;

/// How two recordings compare.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The names of the two.
    pub names: [String; 2],
    /// Cases that went the same way, byte by byte but for what differs from run to run.
    pub same: usize,
    /// Cases that hold on one and not on the other.
    pub different: Vec<Difference>,
    /// Cases that ended alike although some answer was another.
    pub details: Vec<Difference>,
    /// Cases that could not be run on one of the two.
    pub only_one: Vec<String>,
    /// Decisions with a case that holds on one and not on the other.
    pub choices_apart: Vec<String>,
    /// Decisions all of whose cases that ran on both hold on both.
    pub choices_agreed: Vec<String>,
}

/// A case that went different ways.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The case.
    pub id: String,
    /// The decisions that it pins.
    pub choices: Vec<String>,
    /// How it ended on each.
    pub verdicts: [String; 2],
    /// The first request that was answered differently.
    pub request: Vec<String>,
    /// Lines of the answers that only one has: `-` the first, `+` the second.
    pub lines: Vec<String>,
}

impl Comparison {
    /// Of two recordings; the second is usually the live service.
    pub fn of(first: &Recording, second: &Recording) -> Self {
        let mut comparison = Self {
            names: [first.about.target.clone(), second.about.target.clone()],
            same: 0,
            different: Vec::new(),
            details: Vec::new(),
            only_one: Vec::new(),
            choices_apart: Vec::new(),
            choices_agreed: Vec::new(),
        };
        let (mut apart, mut agreed) = (BTreeSet::new(), BTreeSet::new());
        let ids: BTreeSet<_> = first.cases.keys().chain(second.cases.keys()).collect();
        for id in ids {
            let both = first.cases.get(id).zip(second.cases.get(id));
            let Some((a, b)) = both.filter(|(a, b)| has_run(a) && has_run(b)) else {
                comparison.only_one.push(id.clone());
                continue;
            };
            let (a_holds, b_holds) = (holds(a), holds(b));
            if a_holds && b_holds {
                agreed.extend(a.choices.iter().cloned());
            } else {
                apart.extend(a.choices.iter().cloned());
            }
            match difference(a, b) {
                None => comparison.same += 1,
                Some(it) if a_holds == b_holds => comparison.details.push(it),
                Some(it) => comparison.different.push(it),
            }
        }
        comparison.choices_agreed = agreed.difference(&apart).cloned().collect();
        comparison.choices_apart = apart.into_iter().collect();
        comparison
    }

    /// For a person.
    pub fn to_text(&self) -> String {
        let [first, second] = &self.names;
        let mut text = format!("- {first}\n+ {second}\n");
        for difference in self.different.iter().chain(&self.details) {
            text.push_str(&format!(
                "\n{} {}\n  {} / {}\n",
                difference.id,
                difference.choices.join(" "),
                difference.verdicts[0],
                difference.verdicts[1]
            ));
            for line in &difference.request {
                text.push_str(&format!("  > {line}\n"));
            }
            for line in &difference.lines {
                text.push_str(&format!("  {line}\n"));
            }
        }
        text.push_str(&format!(
            "\n{} cases alike, {} hold on one only, {} differ in details, {} not run on both\n",
            self.same,
            self.different.len(),
            self.details.len(),
            self.only_one.len()
        ));
        for (what, choices) in [
            ("decisions on which they differ", &self.choices_apart),
            ("decisions on which they agree", &self.choices_agreed),
        ] {
            if !choices.is_empty() {
                text.push_str(&format!("{what}: {}\n", choices.join(" ")));
            }
        }
        text
    }
}

fn has_run(transcript: &Transcript) -> bool {
    matches!(transcript.verdict, Verdict::Passed | Verdict::Failed(_))
}

fn holds(transcript: &Transcript) -> bool {
    transcript.verdict == Verdict::Passed
}

fn difference(first: &Transcript, second: &Transcript) -> Option<Difference> {
    let mut pairs = first.steps.iter().zip(&second.steps);
    let step = pairs.find(|(a, b)| a != b);
    let is_longer = first.steps.len() != second.steps.len();
    if step.is_none() && !is_longer && holds(first) == holds(second) {
        return None;
    }
    let (request, lines) = match step {
        Some((a, b)) => (a.request.clone(), apart(a, b)),
        None => (Vec::new(), Vec::new()),
    };
    let word = |it: &Transcript| format!("{} {}", it.verdict.name(), it.verdict.detail());
    Some(Difference {
        id: first.id.clone(),
        choices: first.choices.clone(),
        verdicts: [word(first), word(second)].map(|it| it.trim_end().to_owned()),
        request,
        lines,
    })
}

/// Lines that only one of the two has; of the requests if those differ already.
fn apart(first: &Step, second: &Step) -> Vec<String> {
    let (a, b) = match first.request == second.request {
        true => (&first.answer, &second.answer),
        false => (&first.request, &second.request),
    };
    let only = |mark: &str, these: &[String], those: &[String]| {
        let lines = these.iter().filter(|line| !those.contains(line));
        lines
            .map(|line| format!("{mark} {line}"))
            .collect::<Vec<_>>()
    };
    let mut lines = only("-", a, b);
    lines.extend(only("+", b, a));
    lines
}
