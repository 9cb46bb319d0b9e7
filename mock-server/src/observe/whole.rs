//! What is kept of a request and its answer as it was sent.

use http::HeaderMap;
use upyun_client::protocol::sign::Authorization;

/// What is kept of each body.
pub(crate) const PREVIEW_BYTES: usize = 4096;

/// Texts, heads and the beginnings of bodies, in one piece of memory, which the next request can use
/// again.
///
/// The values of a parsed head are slices of the connection's buffer: to keep one of them would keep
/// the buffer. So a head is copied, and taken apart only when somebody asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whole {
    /// The parts, one after another.
    bytes: Vec<u8>,
    /// Where each part but the last ends.
    ends: [usize; ANSWER_BODY],
}

const METHOD: usize = 0;
const HOST: usize = 1;
const PATH: usize = 2;
const OPERATOR: usize = 3;
const SERVICE: usize = 4;
/// A head is `name:value\n` for each header; no value holds a line feed.
const REQUEST_HEAD: usize = 5;
const ANSWER_HEAD: usize = 6;
const REQUEST_BODY: usize = 7;
/// It comes last, for it comes when the others are there.
const ANSWER_BODY: usize = 8;

/// What texts and heads usually have room in.
const USUAL_BYTES: usize = 1024;

/// What is known of a request when the head of its answer is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Exchange<'a> {
    pub(super) method: &'a str,
    pub(super) host: &'a str,
    pub(super) path: &'a str,
    pub(super) operator: Option<&'a str>,
    pub(super) service: Option<&'a str>,
    pub(super) request: &'a HeaderMap,
    pub(super) answer: &'a HeaderMap,
    /// Its beginning.
    pub(super) request_body: &'a [u8],
}

impl Whole {
    /// Forgets what it holds, for another request. The answer's body is still to come.
    pub(super) fn set(&mut self, exchange: &Exchange<'_>) {
        let Self { bytes, ends } = self;
        let texts = [
            (METHOD, exchange.method),
            (HOST, exchange.host),
            (PATH, exchange.path),
            (OPERATOR, exchange.operator.unwrap_or_default()),
            (SERVICE, exchange.service.unwrap_or_default()),
        ];
        bytes.clear();
        bytes.reserve(USUAL_BYTES + exchange.request_body.len());
        for (part, text) in texts {
            bytes.extend_from_slice(text.as_bytes());
            ends[part] = bytes.len();
        }
        append(bytes, exchange.request);
        ends[REQUEST_HEAD] = bytes.len();
        append(bytes, exchange.answer);
        ends[ANSWER_HEAD] = bytes.len();
        bytes.extend_from_slice(exchange.request_body);
        ends[REQUEST_BODY] = bytes.len();
    }

    /// Appends to the answer's body what of a piece there is room for.
    pub(super) fn preview(&mut self, piece: &[u8]) {
        let room = PREVIEW_BYTES.saturating_sub(self.response_body().len());
        self.bytes
            .extend_from_slice(&piece[..room.min(piece.len())]);
    }

    /// What it costs to keep, used or not.
    pub(super) fn bytes(&self) -> usize {
        self.bytes.capacity()
    }

    pub(super) fn method(&self) -> &str {
        self.text(METHOD)
    }

    pub(super) fn host(&self) -> &str {
        self.text(HOST)
    }

    pub(super) fn path(&self) -> &str {
        self.text(PATH)
    }

    pub(super) fn operator(&self) -> Option<&str> {
        Some(self.text(OPERATOR)).filter(|name| !name.is_empty())
    }

    pub(super) fn service(&self) -> Option<&str> {
        Some(self.text(SERVICE)).filter(|name| !name.is_empty())
    }

    pub(super) fn request_headers(&self) -> Vec<(String, String)> {
        lines(self.part(REQUEST_HEAD))
    }

    pub(super) fn response_headers(&self) -> Vec<(String, String)> {
        lines(self.part(ANSWER_HEAD))
    }

    pub(super) fn request_body(&self) -> &[u8] {
        self.part(REQUEST_BODY)
    }

    pub(super) fn response_body(&self) -> &[u8] {
        self.part(ANSWER_BODY)
    }

    /// Whether a text is in one of its parts, whatever the case of its ASCII letters.
    pub(super) fn contains(&self, text: &str) -> bool {
        let mut parts = (METHOD..=ANSWER_BODY).map(|part| self.part(part));
        parts.any(|part| contains(part, text.as_bytes()))
    }

    fn part(&self, part: usize) -> &[u8] {
        let before = part.checked_sub(1);
        let begin = before.map_or(0, |before| self.ends[before]);
        let end = self.ends.get(part).copied();
        &self.bytes[begin..end.unwrap_or(self.bytes.len())]
    }

    fn text(&self, part: usize) -> &str {
        std::str::from_utf8(self.part(part)).unwrap_or_default()
    }
}

/// Whether bytes hold a text, whatever the case of its ASCII letters.
pub(super) fn contains(bytes: &[u8], text: &[u8]) -> bool {
    text.is_empty()
        || bytes
            .windows(text.len())
            .any(|window| window.eq_ignore_ascii_case(text))
}

fn append(head: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        let (shown, value) = (name.as_str().as_bytes(), value.as_bytes());
        head.reserve(shown.len() + value.len() + 2);
        head.extend_from_slice(shown);
        head.push(b':');
        let may_be_secret = matches!(shown, b"authorization" | b"proxy-authorization" | b"cookie");
        match may_be_secret && !is_signature(value) {
            true => head.extend_from_slice(masked(value).as_bytes()),
            false => head.extend_from_slice(value),
        }
        head.push(b'\n');
    }
}

/// A signature is shown as it was sent.
fn is_signature(value: &[u8]) -> bool {
    let scheme = value.split(|b| *b == b' ').next();
    scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"upyun"))
}

/// A password, or a cookie that may be the control plane's, is never shown.
fn masked(value: &[u8]) -> String {
    match Authorization::parse(&String::from_utf8_lossy(value)) {
        Ok(Authorization::Basic { operator, .. }) => format!("Basic {operator}:***"),
        _ => "***".to_owned(),
    }
}

fn lines(head: &[u8]) -> Vec<(String, String)> {
    let lines = head.split(|b| *b == b'\n').filter(|line| !line.is_empty());
    let pair = |line: &[u8]| {
        let colon = line.iter().position(|b| *b == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        (
            String::from_utf8_lossy(name).into_owned(),
            String::from_utf8_lossy(value.get(1..).unwrap_or_default()).into_owned(),
        )
    };
    lines.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use http::{HeaderValue, header};

    use super::*;

    #[test]
    fn heads_come_back_as_they_were_and_without_passwords() {
        let mut request = HeaderMap::new();
        request.insert("x-a", HeaderValue::from_static("b:c"));
        let basic = HeaderValue::from_static("Basic b3A6cHc=");
        request.insert(header::AUTHORIZATION, basic);
        let mut answer = HeaderMap::new();
        answer.append("x-b", HeaderValue::from_static(""));
        answer.append("x-b", HeaderValue::from_static("2"));
        let exchange = Exchange {
            method: "PUT",
            host: "h",
            path: "/s/é",
            operator: Some("op"),
            service: None,
            request: &request,
            answer: &answer,
            request_body: b"Hello",
        };
        let mut whole = Whole::default();
        whole.set(&Exchange {
            service: Some("another"),
            request_body: b"of another request",
            ..exchange
        });
        whole.set(&exchange);
        whole.preview(&[b'x'; PREVIEW_BYTES - 1]);
        whole.preview(b"yz");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let want = [pair("x-a", "b:c"), pair("authorization", "Basic op:***")];
        assert_eq!(whole.request_headers(), want);
        assert_eq!(
            whole.response_headers(),
            [pair("x-b", ""), pair("x-b", "2")]
        );
        assert_eq!(
            (whole.method(), whole.host(), whole.path()),
            ("PUT", "h", "/s/é")
        );
        assert_eq!((whole.operator(), whole.service()), (Some("op"), None));
        assert_eq!(whole.request_body(), b"Hello");
        assert_eq!(whole.response_body().len(), PREVIEW_BYTES);
        assert!(whole.response_body().ends_with(b"xy"));
        assert!(whole.contains("hELLO"));
        assert!(whole.contains("X-B"));
        assert!(!whole.contains("b3A6"));
    }

    #[test]
    fn what_is_no_signature_is_a_secret() {
        assert!(is_signature(b"UPYUN op:sig") && is_signature(b"upyun"));
        assert!(!is_signature(b"UPYUNS op:sig"));
        assert_eq!(masked(b"Bearer token"), "***");
        assert_eq!(masked(b"upyun_mock_token=x"), "***");
    }
}
