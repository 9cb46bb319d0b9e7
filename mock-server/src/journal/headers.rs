//! Headers as they are kept: copied, and without passwords.

use http::HeaderMap;
use upyun_client::protocol::sign::Authorization;

/// The headers of a request or a response.
///
/// The values of a parsed head are slices of the connection's buffer: to keep one of them would keep
/// the buffer. So they are copied, into one text: `name:value\n` for each. No value holds a line feed.
#[derive(Clone, Debug, Default)]
pub(crate) struct RecordedHeaders(Vec<u8>);

impl RecordedHeaders {
    /// Copies the headers and masks what may be a password.
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let length = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
            name.as_str().len() + value.len() + 2
        };
        let mut text = Vec::with_capacity(headers.iter().map(length).sum());
        for (name, value) in headers {
            let (name, value) = (name.as_str().as_bytes(), value.as_bytes());
            text.extend_from_slice(name);
            text.push(b':');
            let may_be_secret =
                matches!(name, b"authorization" | b"proxy-authorization" | b"cookie");
            if may_be_secret && !is_signature(value) {
                text.extend_from_slice(masked(value).as_bytes());
            } else {
                text.extend_from_slice(value);
            }
            text.push(b'\n');
        }
        Self(text)
    }

    /// Names and values, in the order of the names' first appearance.
    pub(super) fn pairs(&self) -> Vec<(String, String)> {
        let lines = self.0.split(|byte| *byte == b'\n');
        let pair = |line: &[u8]| {
            let colon = line.iter().position(|byte| *byte == b':');
            let (name, value) = line.split_at(colon.unwrap_or(line.len()));
            (
                String::from_utf8_lossy(name).into_owned(),
                String::from_utf8_lossy(value.get(1..).unwrap_or_default()).into_owned(),
            )
        };
        lines.filter(|line| !line.is_empty()).map(pair).collect()
    }

    /// All of it as text, to search in.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// Whether a value of `Authorization` is a signature, which is shown as it was sent.
fn is_signature(value: &[u8]) -> bool {
    let scheme = value.split(|byte| *byte == b' ').next();
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"upyun"))
}

/// A value without the password, or without the cookie that may be the control plane's.
fn masked(value: &[u8]) -> String {
    match Authorization::parse(&String::from_utf8_lossy(value)) {
        Ok(Authorization::Basic { operator, .. }) => format!("Basic {operator}:***"),
        _ => "***".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn headers_are_read_back_in_order_and_without_passwords() {
        let mut headers = HeaderMap::new();
        headers.insert("x-a", HeaderValue::from_static("b:c"));
        let basic = HeaderValue::from_static("Basic b3A6cHc=");
        headers.insert(header::AUTHORIZATION, basic);
        headers.append("x-b", HeaderValue::from_static(""));
        headers.append("x-b", HeaderValue::from_static("2"));
        let recorded = RecordedHeaders::of(&headers);
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let want = [
            pair("x-a", "b:c"),
            pair("authorization", "Basic op:***"),
            pair("x-b", ""),
            pair("x-b", "2"),
        ];
        assert_eq!(recorded.pairs(), want);
    }

    #[test]
    fn only_signatures_are_shown() {
        assert!(is_signature(b"UPYUN op:sig") && is_signature(b"upyun"));
        assert!(!is_signature(b"UPYUNS op:sig"));
        assert_eq!(masked(b"Bearer token"), "***");
        assert_eq!(masked(b"upyun_mock_token=x"), "***");
    }
}
