//! One readable line a request.

use super::JournalEntry;

/// Whether anybody reads the lines.
pub(crate) fn is_on() -> bool {
    tracing::enabled!(target: "upyun_mock::requests", tracing::Level::WARN)
}

/// Writes the line of an entry: what was asked and answered, and why not.
pub(crate) fn line(entry: &JournalEntry) {
    if !is_on() {
        return;
    }
    let JournalEntry {
        status,
        bytes_in,
        bytes_out,
        id,
        ..
    } = entry;
    let ms = entry.duration_us as f64 / 1000.0;
    let (method, path) = (entry.method(), entry.path());
    let operator = entry.operator().unwrap_or("-");
    match (&entry.code, &entry.explanation) {
        (Some(code), Some(why)) => tracing::warn!(
            target: "upyun_mock::requests", %id, %operator,
            "{method} {path} → {status} {code} {}: {why}", code.message().unwrap_or_default(),
        ),
        (Some(code), None) => tracing::info!(
            target: "upyun_mock::requests", %id, %operator,
            "{method} {path} → {status} {code} {}", code.message().unwrap_or_default(),
        ),
        (None, _) => tracing::info!(
            target: "upyun_mock::requests", %id, %operator, bytes_in, bytes_out,
            "{method} {path} → {status} in {ms:.1} ms",
        ),
    }
}
