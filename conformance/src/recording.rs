//! Transcripts of runs, and where two of them differ.

pub mod compare;
mod normalise;
pub mod shadow;

use std::{collections::BTreeMap, io, path::Path};

use serde::{Deserialize, Serialize};

use crate::report::model::{CaseReport, RunReport, Verdict};
use normalise::Normaliser;

/// A run, without what differs from run to run: dates, ids, names of folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// Where and when.
    pub about: About,
    /// By id.
    pub cases: BTreeMap<String, Transcript>,
}

/// The first line of a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    /// The format's version.
    pub upyun_conformance_recording: u32,
    /// The target's name.
    pub target: String,
    /// When, seconds since 1970.
    pub started: u64,
}

/// One case's part of a recording, a line of the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transcript {
    /// The case.
    pub id: String,
    /// The decisions that it pins.
    pub choices: Vec<String>,
    /// How it ended.
    #[serde(flatten)]
    pub verdict: Verdict,
    /// What went over the wire.
    pub steps: Vec<Step>,
}

/// A request and its answer, normalised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Lines of the request.
    pub request: Vec<String>,
    /// Lines of the answer; none if none came.
    pub answer: Vec<String>,
}

impl Recording {
    /// The format's version.
    const VERSION: u32 = 1;

    /// Of a run that kept everything.
    pub fn of(report: &RunReport, service: &str) -> Self {
        let about = About {
            upyun_conformance_recording: Self::VERSION,
            target: report.target.clone(),
            started: report.started,
        };
        let cases = report.cases.iter().map(|case| {
            let transcript = transcript(case, &report.folder, service);
            (case.id.clone(), transcript)
        });
        Self {
            about,
            cases: cases.collect(),
        }
    }

    /// Reads a file of JSON lines.
    ///
    /// # Errors
    /// When it cannot be read, with the line that is wrong.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = std::fs::read_to_string(path)?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> io::Result<Self> {
        let wrong = |at: usize, why: &dyn std::fmt::Display| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("line {}: {why}", at + 1),
            )
        };
        let mut lines = text.lines().enumerate();
        let (at, first) = lines
            .next()
            .ok_or_else(|| wrong(0, &"the recording is empty"))?;
        let about: About = serde_json::from_str(first).map_err(|error| wrong(at, &error))?;
        if about.upyun_conformance_recording != Self::VERSION {
            return Err(wrong(
                at,
                &"the recording has another version; record again",
            ));
        }
        let mut cases = BTreeMap::new();
        for (at, line) in lines {
            let case: Transcript = serde_json::from_str(line).map_err(|error| wrong(at, &error))?;
            cases.insert(case.id.clone(), case);
        }
        Ok(Self { about, cases })
    }

    /// JSON lines: where and when, then the cases.
    pub fn to_lines(&self) -> String {
        let line = |value: serde_json::Result<String>| {
            value.expect("strings, numbers and lists serialise") + "\n"
        };
        let mut text = line(serde_json::to_string(&self.about));
        for case in self.cases.values() {
            text.push_str(&line(serde_json::to_string(case)));
        }
        text
    }
}

fn transcript(case: &CaseReport, folder: &str, service: &str) -> Transcript {
    let normaliser = Normaliser::new(folder, service);
    let mut steps: Vec<Step> = Vec::new();
    for exchange in &case.exchanges {
        let step = normaliser.step(exchange);
        // Of a question that is repeated until the answer is the wanted one, the last counts.
        if steps.last().is_some_and(|it| it.request == step.request) {
            steps.pop();
        }
        steps.push(step);
    }
    Transcript {
        id: case.id.clone(),
        choices: case.choices.clone(),
        verdict: case.verdict.clone(),
        steps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_recording_is_read_back() {
        let recording = Recording {
            about: About {
                upyun_conformance_recording: 1,
                target: "mock".into(),
                started: 7,
            },
            cases: [(
                "rest.put.empty".to_owned(),
                Transcript {
                    id: "rest.put.empty".into(),
                    choices: vec!["R-1".into()],
                    verdict: Verdict::Passed,
                    steps: vec![Step {
                        request: vec!["PUT /x".into()],
                        answer: vec!["200".into()],
                    }],
                },
            )]
            .into(),
        };
        assert_eq!(Recording::parse(&recording.to_lines()).unwrap(), recording);
    }

    #[test]
    fn what_is_no_recording_is_refused() {
        let error = Recording::parse("").unwrap_err().to_string();
        assert!(error.contains("line 1"), "{error}");
        let other = "{\"upyun_conformance_recording\":9,\"target\":\"\",\"started\":0}";
        let error = Recording::parse(other).unwrap_err().to_string();
        assert!(error.contains("another version"), "{error}");
    }
}
