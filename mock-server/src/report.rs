//! What a program did, what it never did, and what of it is legal but fragile.
//!
//! It is made of the journal when somebody asks, so it costs nothing before; what the journal forgot
//! is not in it, and it says how much that is.

mod features;
mod words;

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Deserialize, Serialize};
use upyun_client::protocol::ErrorCode;

use self::features::FEATURES;
use crate::{
    journal::{CALLBACK_REFUSED, FRAGILE, Journal, JournalEntry, fragile_of},
    operation::OperationName,
    tasks::CallbackEntry,
};

/// What requests were made, and which never were.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// How many requests it tells of.
    pub requests: usize,
    /// How many were forgotten, and are not in it.
    pub forgotten: u64,
    /// Every operation.
    pub operations: Vec<OperationCount>,
    /// Every code of the error table.
    pub codes: Vec<CodeCount>,
    /// Every optional feature.
    pub features: Vec<FeatureCount>,
    /// What never happened.
    pub never: Never,
    /// What is legal but fragile, the most frequent first.
    pub fragile: Vec<Finding>,
}

/// How often an operation was asked for.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OperationCount {
    /// Like `rest.put`.
    pub id: OperationName,
    /// What it does.
    pub title: Cow<'static, str>,
    /// Requests, whatever they were answered.
    pub requests: u64,
}

/// How often a code was answered.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CodeCount {
    /// The eight digits.
    pub code: ErrorCode,
    /// The text of the table.
    pub message: Cow<'static, str>,
    /// Answers.
    pub seen: u64,
}

/// How often a feature was used.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FeatureCount {
    /// Like `content-md5`.
    pub id: Cow<'static, str>,
    /// What it is.
    pub title: Cow<'static, str>,
    /// Requests.
    pub seen: u64,
}

/// What never happened.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Never {
    /// Operations that were never asked for.
    pub operations: Vec<OperationName>,
    /// Codes that were never answered.
    pub codes: Vec<ErrorCode>,
    /// Features that were never used.
    pub features: Vec<Cow<'static, str>>,
}

/// Something that is legal but fragile.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// Like `no-checksum`.
    pub id: Cow<'static, str>,
    /// What it is.
    pub title: Cow<'static, str>,
    /// What can go wrong.
    pub why: Cow<'static, str>,
    /// How many requests are so.
    pub requests: u64,
    /// The numbers of the first of them.
    pub examples: Vec<u64>,
}

/// Examples of a finding.
const EXAMPLES: usize = 5;

impl Report {
    /// A report over what the journal holds.
    pub(crate) fn of(journal: &Journal, callbacks: &[CallbackEntry]) -> Self {
        let entries = journal.entries();
        let mut operations = BTreeMap::<OperationName, u64>::new();
        let mut codes = BTreeMap::<u32, u64>::new();
        let mut features = BTreeMap::<&str, u64>::new();
        let mut findings = BTreeMap::<&str, (u64, Vec<u64>)>::new();
        // By method and path, the last failure that may go away by itself.
        let mut failed = std::collections::HashSet::<(&str, &str)>::new();
        for entry in &entries {
            if let Some(operation) = entry.operation {
                *operations.entry(operation).or_default() += 1;
            }
            if let Some(code) = entry.code {
                *codes.entry(code.as_u32()).or_default() += 1;
            }
            let headers = entry.request_headers();
            for (id, _, uses) in FEATURES {
                if uses(entry, &headers) {
                    *features.entry(id).or_default() += 1;
                }
            }
            let what = (entry.method(), entry.path());
            if failed.remove(&what) {
                *features.entry(features::RETRY.0).or_default() += 1;
            }
            if is_temporary(entry) {
                failed.insert(what);
            }
            for id in fragile_of(entry, &headers) {
                let (count, examples) = findings.entry(id).or_default();
                *count += 1;
                if examples.len() < EXAMPLES {
                    examples.push(entry.number);
                }
            }
        }
        let tried = callbacks.iter().filter(|it| !it.attempts.is_empty());
        features.insert(features::CALLBACK.0, tried.count() as u64);
        let refused = callbacks
            .iter()
            .filter(|callback| is_refused(callback))
            .count();
        if refused > 0 {
            findings.insert(CALLBACK_REFUSED, (refused as u64, Vec::new()));
        }
        Self::sorted(
            &entries,
            journal.forgotten(),
            &operations,
            &codes,
            &features,
            findings,
        )
    }

    fn sorted(
        entries: &[std::sync::Arc<JournalEntry>],
        forgotten: u64,
        operations: &BTreeMap<OperationName, u64>,
        codes: &BTreeMap<u32, u64>,
        features: &BTreeMap<&str, u64>,
        fragile: BTreeMap<&str, (u64, Vec<u64>)>,
    ) -> Self {
        let operations: Vec<_> = OperationName::ALL
            .iter()
            .map(|id| OperationCount {
                id: *id,
                title: id.title().into(),
                requests: operations.get(id).copied().unwrap_or(0),
            })
            .collect();
        let codes: Vec<_> = ErrorCode::all()
            .map(|code| CodeCount {
                code,
                message: code.message().unwrap_or_default().into(),
                seen: codes.get(&code.as_u32()).copied().unwrap_or(0),
            })
            .collect();
        let titles = FEATURES.iter().map(|(id, title, _)| (*id, *title));
        let features: Vec<_> = titles
            .chain([features::RETRY, features::CALLBACK])
            .map(|(id, title)| FeatureCount {
                id: id.into(),
                title: title.into(),
                seen: features.get(id).copied().unwrap_or(0),
            })
            .collect();
        let never = Never::of(&operations, &codes, &features);
        Self {
            requests: entries.len(),
            forgotten,
            operations,
            codes,
            features,
            never,
            fragile: Finding::sorted(&fragile),
        }
    }
}

impl Finding {
    /// The most frequent first.
    fn sorted(found: &BTreeMap<&str, (u64, Vec<u64>)>) -> Vec<Self> {
        let findings = FRAGILE.iter().filter_map(|(id, title, why)| {
            let (requests, examples) = found.get(id)?.clone();
            Some(Self {
                id: (*id).into(),
                title: (*title).into(),
                why: (*why).into(),
                requests,
                examples,
            })
        });
        let mut findings: Vec<_> = findings.collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.requests));
        findings
    }
}

impl Never {
    fn of(operations: &[OperationCount], codes: &[CodeCount], features: &[FeatureCount]) -> Self {
        let operations = operations
            .iter()
            .filter(|operation| operation.requests == 0);
        let codes = codes.iter().filter(|code| code.seen == 0);
        let features = features.iter().filter(|feature| feature.seen == 0);
        Self {
            operations: operations.map(|operation| operation.id).collect(),
            codes: codes.map(|code| code.code).collect(),
            features: features.map(|feature| feature.id.clone()).collect(),
        }
    }
}

/// Whether the program refused a callback once or more.
fn is_refused(callback: &CallbackEntry) -> bool {
    let mut statuses = callback
        .attempts
        .iter()
        .filter_map(|attempt| attempt.status);
    statuses.any(|status| (400..500).contains(&status))
}

/// Whether the same request may well succeed a moment later.
fn is_temporary(entry: &JournalEntry) -> bool {
    entry.status == 0 || entry.status == 429 || entry.status >= 500
}
