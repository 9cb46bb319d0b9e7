//! Requests that are legal but fragile.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use upyun_client::protocol::{date, sign::Authorization};

use crate::{auth::Presented, observe::OperationName};

/// Ids, what they are, and what can go wrong.
pub(super) const FRAGILE: [(&str, &str, &str); 5] = [
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
];

const NO_CHECKSUM: &str = "no-checksum";
const CLOCK_OFF: &str = "clock-off";
const LEGACY_SIGNATURE: &str = "legacy-signature";
const BASIC: &str = "basic";
const LEGACY_BLOCKS: &str = "legacy-blocks";

/// From here on a clock is called off.
const OFF: Duration = Duration::from_secs(300);

/// What is fragile about a request, by its head.
pub(crate) fn of(
    presented: &Presented<'_>,
    headers: &HeaderMap,
    operation: Option<OperationName>,
    now: SystemTime,
) -> Vec<&'static str> {
    let mut found = Vec::new();
    let is_upload = matches!(
        operation,
        Some(OperationName::Put | OperationName::UploadPart)
    );
    let has_body =
        presented.content_length > 0 || headers.contains_key(http::header::TRANSFER_ENCODING);
    if is_upload && has_body && presented.content_md5.is_none() {
        found.push(NO_CHECKSUM);
    }
    match presented.authorization.map(Authorization::parse) {
        Some(Ok(Authorization::Md5 { .. })) => found.push(LEGACY_SIGNATURE),
        Some(Ok(Authorization::Basic { .. })) => found.push(BASIC),
        _ => {}
    }
    if let Some(date) = presented.effective_date().and_then(date::parse) {
        let off = match now.duration_since(date) {
            Ok(late) => late,
            Err(early) => early.duration(),
        };
        if off > OFF {
            found.push(CLOCK_OFF);
        }
    }
    if operation == Some(OperationName::BlockUpload) {
        found.push(LEGACY_BLOCKS);
    }
    found
}
