//! Conditional requests, in the precedence of RFC 9110 (`[choice R-37]`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderName, header};
use upyun_client::protocol::Md5Digest;

/// What the conditions of a request say about the stored object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Answer as if there were no conditions.
    Proceed,
    /// 304.
    NotModified,
    /// 412.
    Failed,
}

/// Evaluates `If-Match`, `If-Unmodified-Since`, `If-None-Match` and `If-Modified-Since`.
pub(crate) fn evaluate(headers: &HeaderMap, md5: Md5Digest, modified: u64) -> Outcome {
    let modified = UNIX_EPOCH + Duration::from_secs(modified);
    let mut matches = header_lines(headers, header::IF_MATCH).peekable();
    if matches.peek().is_some() {
        if !matches.any(|line| lists(line, md5)) {
            return Outcome::Failed;
        }
    } else if date(headers, header::IF_UNMODIFIED_SINCE).is_some_and(|since| modified > since) {
        return Outcome::Failed;
    }
    let mut none = header_lines(headers, header::IF_NONE_MATCH).peekable();
    if none.peek().is_some() {
        if none.any(|line| lists(line, md5)) {
            return Outcome::NotModified;
        }
    } else if date(headers, header::IF_MODIFIED_SINCE).is_some_and(|since| modified <= since) {
        return Outcome::NotModified;
    }
    Outcome::Proceed
}

/// Whether a range may be answered: no `If-Range`, or one that fits (`[choice R-38]`).
pub(crate) fn range_is_welcome(headers: &HeaderMap, md5: Md5Digest, modified: u64) -> bool {
    let Some(condition) = headers
        .get(header::IF_RANGE)
        .and_then(|value| value.to_str().ok())
    else {
        return true;
    };
    if condition.contains('"') {
        return lists(condition, md5);
    }
    let modified = UNIX_EPOCH + Duration::from_secs(modified);
    date(headers, header::IF_RANGE).is_some_and(|date| date == modified)
}

/// Whether a list of entity tags names this one. Weak and unquoted tags are taken for strong ones:
/// an MD5 has no weak form.
fn lists(line: &str, md5: Md5Digest) -> bool {
    let md5 = md5.to_string();
    line.split(',').map(str::trim).any(|tag| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag).trim_matches('"');
        tag == "*" || tag.eq_ignore_ascii_case(&md5)
    })
}

fn header_lines(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
}

fn date(headers: &HeaderMap, name: HeaderName) -> Option<SystemTime> {
    upyun_client::protocol::date::parse(headers.get(name)?.to_str().ok()?)
}

#[cfg(test)]
mod tests {
    use super::{Outcome::*, *};

    const MODIFIED: u64 = 1_414_549_618;
    const THEN: &str = "Wed, 29 Oct 2014 02:26:58 GMT";
    const BEFORE: &str = "Wed, 29 Oct 2014 02:26:57 GMT";
    const TAG: &str = "\"5d41402abc4b2a76b9719d911017c592\"";
    const OTHER: &str = "\"00000000000000000000000000000000\"";

    fn headers(lines: &[(HeaderName, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| (name.clone(), value.parse().unwrap()))
            .collect()
    }

    #[track_caller]
    fn check(lines: &[(HeaderName, &str)], want: Outcome) {
        let got = evaluate(&headers(lines), Md5Digest::of("hello"), MODIFIED);
        assert_eq!(got, want, "{lines:?}");
    }

    #[test]
    fn single_conditions() {
        use http::header::*;
        check(&[], Proceed);
        check(&[(IF_NONE_MATCH, TAG)], NotModified);
        check(&[(IF_NONE_MATCH, "*")], NotModified);
        check(&[(IF_NONE_MATCH, OTHER)], Proceed);
        check(
            &[(IF_NONE_MATCH, &format!("{OTHER}, W/{TAG}"))],
            NotModified,
        );
        check(
            &[(IF_NONE_MATCH, "5d41402abc4b2a76b9719d911017c592")],
            NotModified,
        );
        check(&[(IF_MATCH, TAG)], Proceed);
        check(&[(IF_MATCH, OTHER)], Failed);
        check(&[(IF_MODIFIED_SINCE, THEN)], NotModified);
        check(&[(IF_MODIFIED_SINCE, BEFORE)], Proceed);
        check(&[(IF_MODIFIED_SINCE, "yesterday")], Proceed);
        check(&[(IF_UNMODIFIED_SINCE, THEN)], Proceed);
        check(&[(IF_UNMODIFIED_SINCE, BEFORE)], Failed);
    }

    #[test]
    fn entity_tags_go_before_dates() {
        use http::header::*;
        check(
            &[(IF_NONE_MATCH, OTHER), (IF_MODIFIED_SINCE, THEN)],
            Proceed,
        );
        check(&[(IF_MATCH, TAG), (IF_UNMODIFIED_SINCE, BEFORE)], Proceed);
        check(&[(IF_MATCH, OTHER), (IF_NONE_MATCH, TAG)], Failed);
    }

    #[test]
    fn if_range_wants_the_same_version() {
        let check = |value: &str, want: bool| {
            let headers = headers(&[(header::IF_RANGE, value)]);
            let got = range_is_welcome(&headers, Md5Digest::of("hello"), MODIFIED);
            assert_eq!(got, want, "{value}");
        };
        check(TAG, true);
        check(OTHER, false);
        check(THEN, true);
        check(BEFORE, false);
        assert!(range_is_welcome(
            &HeaderMap::new(),
            Md5Digest::of("hello"),
            MODIFIED
        ));
    }
}
