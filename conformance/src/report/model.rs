//! The result of a run, which all reports render.

use serde::{Deserialize, Serialize};

use crate::{
    case::{Case, Certainty},
    coverage::Coverage,
    wire::{Exchange, Spent},
};

/// What a run found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RunReport {
    /// The target's name.
    pub target: String,
    /// When it began, seconds since 1970.
    pub started: u64,
    /// How long it took.
    pub seconds: f64,
    /// The folder that was used and removed.
    pub folder: String,
    /// What it cost.
    pub spent: Spent,
    /// Whether everything that was made is gone again; why not, otherwise.
    pub left_behind: Option<String>,
    /// By id.
    pub cases: Vec<CaseReport>,
    /// Which sections and codes the cases of this run cover.
    pub coverage: Coverage,
}

impl RunReport {
    /// How many cases ended in which way.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for case in &self.cases {
            match (&case.verdict, &case.known) {
                (Verdict::Passed, _) => counts.passed += 1,
                (Verdict::Failed(_), None) => counts.failed += 1,
                (Verdict::Failed(_), Some(_)) => counts.known += 1,
                (Verdict::Broken(_), _) => counts.broken += 1,
                (Verdict::NotApplicable { .. }, _) => counts.not_applicable += 1,
                (Verdict::NotRun { .. }, _) => counts.not_run += 1,
            }
        }
        counts
    }
}

/// How many cases ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// They hold.
    pub passed: usize,
    /// They do not.
    pub failed: usize,
    /// They do not, and that is known.
    pub known: usize,
    /// The harness could not find out.
    pub broken: usize,
    /// The target lacks what they need.
    pub not_applicable: usize,
    /// The run ended before.
    pub not_run: usize,
}

/// What became of one case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CaseReport {
    /// Its id.
    pub id: String,
    /// What must hold.
    pub holds: String,
    /// Where the protocol says so.
    pub sections: Vec<String>,
    /// What it rests on.
    pub certainty: Certainty,
    /// The decisions that it pins.
    pub choices: Vec<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// How it ended.
    pub verdict: Verdict,
    /// Why it is known that this target differs here.
    pub known: Option<String>,
    /// How long it took, all attempts together.
    pub seconds: f64,
    /// How often it was tried.
    pub attempts: u32,
    /// What went over the wire in the last attempt: of cases that did not pass, or of all if the run
    /// was recorded.
    pub exchanges: Vec<Exchange>,
}

impl CaseReport {
    /// Of a case that was not started.
    pub fn unstarted(case: &Case, verdict: Verdict) -> Self {
        Self {
            id: case.id(),
            holds: case.holds.to_owned(),
            sections: case.sections.iter().map(ToString::to_string).collect(),
            certainty: case.certainty,
            choices: case.choices.iter().map(ToString::to_string).collect(),
            tags: case.tags.iter().map(|tag| tag.name().to_owned()).collect(),
            verdict,
            known: None,
            seconds: 0.0,
            attempts: 0,
            exchanges: Vec::new(),
        }
    }

    /// The section that a failure names.
    pub fn section(&self) -> &str {
        self.sections.first().map_or("", String::as_str)
    }
}

/// How a case ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Passed,
    /// It does not.
    Failed(Finding),
    /// The harness could not find out.
    Broken(Finding),
    /// The target lacks what it needs.
    NotApplicable {
        /// What is lacking.
        reason: String,
    },
    /// The run ended before.
    NotRun {
        /// Why.
        reason: String,
    },
}

impl Verdict {
    /// One word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed(_) => "failed",
            Self::Broken(_) => "broken",
            Self::NotApplicable { .. } => "not applicable",
            Self::NotRun { .. } => "not run",
        }
    }

    /// What there is to say beyond the word.
    pub fn detail(&self) -> String {
        match self {
            Self::Passed => String::new(),
            Self::Failed(it) | Self::Broken(it) => {
                format!("expected {}, found {}", it.expected, it.found)
            }
            Self::NotApplicable { reason } | Self::NotRun { reason } => reason.clone(),
        }
    }
}

/// What was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What should have been.
    pub expected: String,
    /// What was.
    pub found: String,
}
