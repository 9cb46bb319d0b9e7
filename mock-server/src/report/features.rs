//! Optional features of the protocol, and how a request shows that it uses one.

use upyun_client::protocol::header as names;

use crate::{
    api_name::ApiName,
    journal::{Headers, JournalEntry, has},
    operation::OperationName,
};

/// An id, what it is, and whether a request uses it.
type Feature = (
    &'static str,
    &'static str,
    fn(&JournalEntry, &Headers) -> bool,
);

/// Features that one request shows.
pub(super) const FEATURES: [Feature; 19] = [
    (
        "content-md5",
        "Sent Content-MD5, so that a damaged upload is refused",
        |_, headers| has(headers, names::CONTENT_MD5),
    ),
    (
        "content-type",
        "Said the type of an upload",
        |entry, headers| {
            entry.operation == Some(OperationName::Put) && has(headers, "content-type")
        },
    ),
    (
        "metadata",
        "Stored metadata (x-upyun-meta-*)",
        |entry, headers| entry.method() != "GET" && begins(headers, names::X_UPYUN_META_PREFIX),
    ),
    (
        "ttl",
        "Let an object expire (x-upyun-meta-ttl)",
        |_, headers| has(headers, "x-upyun-meta-ttl"),
    ),
    (
        "content-secret",
        "Protected an original (Content-Secret)",
        |_, headers| has(headers, names::CONTENT_SECRET),
    ),
    (
        "process-on-upload",
        "Processed a picture on upload (x-gmkerl-*)",
        |_, headers| begins(headers, names::X_GMKERL_PREFIX),
    ),
    (
        "range",
        "Downloaded a part of an object, or went on with one (Range)",
        |_, headers| has(headers, "range"),
    ),
    (
        "conditional",
        "Asked only for what changed (If-None-Match, If-Modified-Since)",
        |_, headers| has(headers, "if-none-match") || has(headers, "if-modified-since"),
    ),
    (
        "list-pages",
        "Read a second page of a list (x-list-iter)",
        |_, headers| has(headers, names::X_LIST_ITER),
    ),
    (
        "list-order",
        "Listed with a limit or an order",
        |_, headers| has(headers, names::X_LIST_LIMIT) || has(headers, names::X_LIST_ORDER),
    ),
    ("list-json", "Listed as JSON", |entry, headers| {
        entry.operation == Some(OperationName::List)
            && headers
                .iter()
                .any(|(name, value)| name == "accept" && value.contains("json"))
    }),
    (
        "delete-async",
        "Deleted without waiting (x-upyun-async)",
        |_, headers| has(headers, names::X_UPYUN_ASYNC),
    ),
    (
        "resume",
        "Asked what an interrupted upload has, to resume it",
        |entry, _| entry.operation == Some(OperationName::Parts),
    ),
    (
        "parallel-parts",
        "Sent parts in any order (x-upyun-multi-disorder)",
        |_, headers| has(headers, names::X_UPYUN_MULTI_DISORDER),
    ),
    (
        "token",
        "Signed with a token for a prefix or suffix",
        |_, headers| {
            has(headers, names::X_UPYUN_URI_PREFIX) || has(headers, names::X_UPYUN_URI_POSTFIX)
        },
    ),
    (
        "x-date",
        "Dated with X-Date, as pages and some runtimes must",
        |_, headers| has(headers, names::X_DATE),
    ),
    (
        "cdn-token",
        "Read with a token of the access domain (_upt)",
        |entry, _| entry.api == Some(ApiName::Cdn) && entry.path().contains("_upt="),
    ),
    (
        "chunked",
        "Uploaded without saying the length before",
        |_, headers| has(headers, "transfer-encoding"),
    ),
    ("fault", "Met a fault that was injected", |entry, _| {
        !entry.faults.is_empty()
    }),
];

/// Features that several requests show together.
pub(super) const RETRY: (&str, &str) = (
    "retry",
    "Tried again after an error that may go away (429, 5xx, a lost connection)",
);
pub(super) const CALLBACK: (&str, &str) =
    ("callback", "Was told of an upload or a task by a callback");

fn begins(headers: &Headers, prefix: &str) -> bool {
    headers.iter().any(|(known, _)| known.starts_with(prefix))
}
