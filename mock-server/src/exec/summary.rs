//! What a person is told when a program failed.

use std::fmt::Write as _;

use super::local::LocalServices;
use crate::{
    faults::FaultEntry,
    journal::Journal,
    leaks::Leak,
    tasks::{CallbackEntry, CallbackState},
    words::counted,
};

/// How many of each are shown.
const SHOWN: usize = 10;

/// What happened on the server's side.
pub(crate) fn of(journal: &Journal, callbacks: &[CallbackEntry], leaks: &[Leak]) -> String {
    let entries = journal.entries();
    let refused: Vec<_> = entries
        .iter()
        .filter(|it| it.explanation.is_some())
        .collect();
    let mut text = format!("upyun-mock: {}", counted(entries.len() as u64, "request"));
    let _ = writeln!(text, ", {} refused", refused.len());
    for entry in refused.iter().take(SHOWN) {
        let (method, path, status) = (entry.method(), entry.path(), entry.status);
        let why = entry
            .explanation
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default();
        let _ = writeln!(
            text,
            "  {method} {}{path} {status}: {}",
            entry.host(),
            one_line(&why)
        );
    }
    more(&mut text, refused.len());
    let lost: Vec<_> = callbacks
        .iter()
        .filter(|callback| callback.state != CallbackState::Delivered)
        .collect();
    if !lost.is_empty() {
        let _ = writeln!(
            text,
            "{} not delivered",
            counted(lost.len() as u64, "callback")
        );
        for callback in lost.iter().take(SHOWN) {
            let last = callback.attempts.last();
            let why = match last.map(|last| (last.status, last.error.as_deref())) {
                Some((Some(status), _)) => format!("answered {status}"),
                Some((None, Some(error))) => error.to_owned(),
                _ => "not tried yet".to_owned(),
            };
            let _ = writeln!(text, "  {}: {why}", callback.url);
        }
        more(&mut text, lost.len());
    }
    if !leaks.is_empty() {
        text.push_str(&leaked(leaks));
    }
    text
}

/// What faults did, and how to have the same again.
pub(crate) fn faults(faults: &[FaultEntry]) -> String {
    let mut text = String::new();
    for entry in faults.iter().filter(|it| it.applied > 0) {
        let mut again = entry.fault.clone();
        again.when.seed = Some(entry.seed);
        let rule = serde_json::to_string(&again).unwrap_or_default();
        // A string takes any text.
        let _ = writeln!(
            text,
            "upyun-mock: fault {} acted {} of {} times; to have it again: --fault '{rule}'",
            entry.id, entry.applied, entry.seen
        );
    }
    text
}

/// The other hosts that were tried.
pub(crate) fn leaked(leaks: &[Leak]) -> String {
    let mut text = format!(
        "upyun-mock: blocked {}\n",
        counted(leaks.len() as u64, "attempt")
    );
    for leak in leaks.iter().take(SHOWN) {
        let _ = writeln!(text, "  {leak}");
    }
    more(&mut text, leaks.len());
    text
}

/// The services of this machine that were used, or that were tried if they were cut off.
pub(crate) fn local(services: &LocalServices) -> String {
    let all = services.all();
    if all.is_empty() {
        return String::new();
    }
    let what = if services.is_isolated() {
        "blocked"
    } else {
        "used"
    };
    let shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>();
    let mut text = format!("upyun-mock: {what} local services: {}\n", shown.join(", "));
    more(&mut text, all.len());
    text
}

fn more(text: &mut String, count: usize) {
    if let Some(rest) = count.checked_sub(SHOWN).filter(|rest| *rest > 0) {
        let _ = writeln!(text, "  and {rest} more");
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
