//! Where two targets that were asked the same differ.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::normalise::{Lines, Normaliser};
use crate::{
    report::model::{RunReport, Verdict},
    wire::Exchange,
};

/// The differences of a run, case by case.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShadowReport {
    /// The names of the target that is judged and of the other.
    pub names: [String; 2],
    /// Requests that both were asked.
    pub requests: usize,
    /// Cases in which both answered alike, but for what differs from run to run.
    pub same: usize,
    /// Cases in which they did not.
    pub different: Vec<CaseDifference>,
    /// Cases that were not run, with the reason.
    pub not_run: Vec<(String, String)>,
    /// Decisions of cases in which they differ.
    pub choices: Vec<String>,
}

/// A case with different answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseDifference {
    /// The case.
    pub id: String,
    /// The decisions that it pins.
    pub choices: Vec<String>,
    /// How it ended on the target that is judged.
    pub verdict: String,
    /// The requests that were answered differently.
    pub requests: Vec<RequestDifference>,
}

/// A request with different answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestDifference {
    /// Its place among the case's requests.
    pub number: usize,
    /// Its lines.
    pub request: Vec<String>,
    /// The statuses, if they differ.
    pub status: Option<[String; 2]>,
    /// The codes, if they differ.
    pub code: Option<[String; 2]>,
    /// Headers that only one has or that have different values: `-` the first, `+` the second.
    pub headers: Vec<String>,
    /// Lines of the body, the same way.
    pub body: Vec<String>,
}

impl ShadowReport {
    /// Of a run that kept everything.
    pub fn of(report: &RunReport, names: [String; 2], service: &str) -> Self {
        let normaliser = Normaliser::new(&report.folder, service);
        let mut shadow = Self {
            names,
            requests: 0,
            same: 0,
            different: Vec::new(),
            not_run: Vec::new(),
            choices: Vec::new(),
        };
        let mut choices = BTreeSet::new();
        for case in &report.cases {
            if let Verdict::NotApplicable { reason } | Verdict::NotRun { reason } = &case.verdict {
                shadow.not_run.push((case.id.clone(), reason.clone()));
                continue;
            }
            shadow.requests += case.exchanges.len();
            let exchanges = case.exchanges.iter().enumerate();
            let requests: Vec<_> = exchanges
                .filter_map(|(at, exchange)| difference(&normaliser, at + 1, exchange))
                .collect();
            if requests.is_empty() {
                shadow.same += 1;
                continue;
            }
            choices.extend(case.choices.iter().cloned());
            shadow.different.push(CaseDifference {
                id: case.id.clone(),
                choices: case.choices.clone(),
                verdict: case.verdict.name().to_owned(),
                requests,
            });
        }
        shadow.choices = choices.into_iter().collect();
        shadow
    }

    /// For a person.
    pub fn to_text(&self) -> String {
        let [first, second] = &self.names;
        let mut text = format!("- {first}\n+ {second}\n");
        for case in &self.different {
            let choices = case.choices.join(" ");
            text.push_str(&format!("\n{} {choices} ({})\n", case.id, case.verdict));
            for request in &case.requests {
                let line = request.request.first().map_or("", String::as_str);
                text.push_str(&format!("  {} > {line}\n", request.number));
                for (what, pair) in [("status", &request.status), ("code", &request.code)] {
                    if let Some([a, b]) = pair {
                        text.push_str(&format!("  - {what} {a}\n  + {what} {b}\n"));
                    }
                }
                for line in request.headers.iter().chain(&request.body) {
                    text.push_str(&format!("  {line}\n"));
                }
            }
        }
        text.push_str(&format!(
            "\n{} requests to both: {} cases alike, {} differ, {} not run\n",
            self.requests,
            self.same,
            self.different.len(),
            self.not_run.len()
        ));
        if !self.choices.is_empty() {
            let choices = self.choices.join(" ");
            text.push_str(&format!("decisions of cases that differ: {choices}\n"));
        }
        text
    }
}

fn difference(
    normaliser: &Normaliser<'_>,
    number: usize,
    exchange: &Exchange,
) -> Option<RequestDifference> {
    let (request, first) = normaliser.lines(&exchange.request, exchange.answer.as_ref());
    let (_, second) = normaliser.lines(&exchange.request, exchange.shadow.as_ref());
    let apart = |a: &str, b: &str| (a != b).then(|| [a, b].map(str::to_owned));
    let difference = RequestDifference {
        number,
        request: request.join(),
        status: apart(shown(&first), shown(&second)),
        code: apart(code(&first), code(&second)),
        headers: only(&first.headers, &second.headers),
        body: only(&first.body, &second.body),
    };
    let is_alike =
        difference.status.is_none() && difference.headers.is_empty() && difference.body.is_empty();
    (!is_alike).then_some(difference)
}

fn shown(lines: &Lines) -> &str {
    match &*lines.first {
        "" => "no answer",
        status => status,
    }
}

fn code(lines: &Lines) -> &str {
    let mut codes = lines
        .headers
        .iter()
        .filter_map(|it| it.strip_prefix("x-error-code: "));
    codes.next().unwrap_or("none")
}

/// Lines that only one of the two has.
fn only(first: &[String], second: &[String]) -> Vec<String> {
    let marked = |mark: &str, these: &[String], those: &[String]| {
        let lines = these.iter().filter(|line| !those.contains(line));
        lines
            .map(|line| format!("{mark} {line}"))
            .collect::<Vec<_>>()
    };
    let mut lines = marked("-", first, second);
    lines.extend(marked("+", second, first));
    lines
}
