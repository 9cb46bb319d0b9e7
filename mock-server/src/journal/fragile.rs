//! Requests that are legal but fragile.

use std::time::{Duration, UNIX_EPOCH};

use upyun_client::protocol::{date, header as names, sign::Authorization};

use super::JournalEntry;
use crate::operation::OperationName;

/// Headers, in the order in which they came.
pub(crate) type Headers = [(String, String)];

/// Ids, what they are, and what can go wrong.
pub(crate) const FRAGILE: [(&str, &str, &str); 7] = [
    (
        NO_CHECKSUM,
        "Uploads without Content-MD5",
        "A body that is damaged on its way is stored as it came: the service can only refuse what it \
         can compare.",
    ),
    (
        CLOCK_OFF,
        "A clock that is more than five minutes off",
        "At 30 minutes every request is refused with date offset error. Let the machine keep its \
         time by NTP, or take it from the Date of an answer.",
    ),
    (
        LITERAL_PLACEHOLDER,
        "Form uploads whose key has braces",
        "A placeholder of save-key that the service does not know stays as it is, so every file \
         replaces the one before. It knows {filename}, {suffix}, {.suffix}, {random}, {random32}, \
         {filemd5}, {year}, {mon}, {day}, {hour}, {min} and {sec}.",
    ),
    (
        LEGACY_SIGNATURE,
        "The legacy MD5 signature",
        "It is deprecated, covers no Content-MD5 and is computed with a plain MD5; sign with \
         HMAC-SHA1.",
    ),
    (
        BASIC,
        "The password in every request (Basic)",
        "Who reads one request has the password. Over plain HTTP that is anybody on the way; sign \
         instead.",
    ),
    (
        LEGACY_BLOCKS,
        "The block upload of old",
        "The hosts m0…m3 and their API are deprecated; resumable uploads on REST replace them.",
    ),
    (
        CALLBACK_REFUSED,
        "Callbacks that the program answered with 4xx",
        "The service tries again, then gives up: the program never learns of the upload or task. Check \
         the path of notify-url, and answer with 2xx.",
    ),
];

const NO_CHECKSUM: &str = "no-checksum";
const CLOCK_OFF: &str = "clock-off";
const LITERAL_PLACEHOLDER: &str = "literal-placeholder";
const LEGACY_SIGNATURE: &str = "legacy-signature";
const BASIC: &str = "basic";
const LEGACY_BLOCKS: &str = "legacy-blocks";
/// Found in callbacks, not in requests.
pub(crate) const CALLBACK_REFUSED: &str = "callback-refused";

/// From here on a clock is called off.
const OFF: Duration = Duration::from_secs(300);

/// What is fragile about a request, by its head.
pub(crate) fn of(entry: &JournalEntry, headers: &Headers) -> Vec<&'static str> {
    let mut found = Vec::new();
    let is_upload = matches!(
        entry.operation,
        Some(OperationName::Put | OperationName::UploadPart)
    );
    let length = text(headers, "content-length").and_then(|length| length.parse::<u64>().ok());
    let has_body = length.is_some_and(|length| length > 0) || has(headers, "transfer-encoding");
    if is_upload && has_body && text(headers, names::CONTENT_MD5).is_none() {
        found.push(NO_CHECKSUM);
    }
    match text(headers, "authorization").map(|text| (text, Authorization::parse(text))) {
        Some((_, Ok(Authorization::Md5 { .. }))) => found.push(LEGACY_SIGNATURE),
        // Its password is masked, so that it cannot be taken apart any more.
        Some((text, _)) if text.starts_with("Basic ") => found.push(BASIC),
        _ => {}
    }
    let date = text(headers, names::X_DATE).or_else(|| text(headers, "date"));
    if let Some(date) = date.and_then(date::parse) {
        let arrived = UNIX_EPOCH + Duration::from_millis(entry.time_ms);
        let off = match arrived.duration_since(date) {
            Ok(late) => late,
            Err(early) => early.duration(),
        };
        if off > OFF {
            found.push(CLOCK_OFF);
        }
    }
    if entry.operation == Some(OperationName::FormUpload) && key_has_braces(entry.response_body()) {
        found.push(LITERAL_PLACEHOLDER);
    }
    if entry.operation == Some(OperationName::BlockUpload) {
        found.push(LEGACY_BLOCKS);
    }
    found
}

/// Whether the response to a form names a key with braces.
fn key_has_braces(response: &[u8]) -> bool {
    let response = serde_json::from_slice::<serde_json::Value>(response).unwrap_or_default();
    let key = response["url"].as_str().unwrap_or_default();
    key.find('{').is_some_and(|open| key[open..].contains('}'))
}

pub(crate) fn has(headers: &Headers, name: &str) -> bool {
    headers.iter().any(|(known, _)| known == name)
}

/// The value of a header that is there and not empty.
fn text<'a>(headers: &'a Headers, name: &str) -> Option<&'a str> {
    let value = headers.iter().find(|(known, _)| known == name);
    value
        .map(|(_, value)| value.trim())
        .filter(|it| !it.is_empty())
}
