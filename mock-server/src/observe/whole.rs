//! What is kept of a request besides its entry: both heads, and the beginnings of both bodies.

use http::{HeaderMap, header};
use upyun_client::protocol::sign::Authorization;

/// What is kept of each body.
pub(crate) const PREVIEW_BYTES: usize = 4096;

/// Heads and the beginnings of bodies, as few pieces of memory as can be.
///
/// The values of a parsed head are slices of the connection's buffer: to keep one of them would keep
/// the buffer. So a head is copied, in one piece, and taken apart only when somebody asks.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whole {
    /// `name:value\n`, the request's and then the answer's. No value holds a line feed.
    heads: Box<[u8]>,
    /// Where in `heads` the answer's begins.
    answer_at: usize,
    pub(super) request_body: Box<[u8]>,
    pub(super) response_body: Box<[u8]>,
}

impl Whole {
    pub(super) fn of(request: &HeaderMap, answer: &HeaderMap, request_body: Vec<u8>) -> Self {
        let mut heads = Vec::with_capacity(length(request) + length(answer));
        append(&mut heads, request);
        let answer_at = heads.len();
        append(&mut heads, answer);
        Self {
            heads: heads.into_boxed_slice(),
            answer_at,
            request_body: request_body.into_boxed_slice(),
            response_body: Box::default(),
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.heads.len() + self.request_body.len() + self.response_body.len()
    }

    pub(super) fn request_headers(&self) -> Vec<(String, String)> {
        lines(&self.heads[..self.answer_at])
    }

    pub(super) fn response_headers(&self) -> Vec<(String, String)> {
        lines(&self.heads[self.answer_at..])
    }

    /// Whether a text is in it, whatever the case of its ASCII letters.
    pub(super) fn contains(&self, text: &str) -> bool {
        [&self.heads, &self.request_body, &self.response_body]
            .into_iter()
            .any(|part| contains(part, text.as_bytes()))
    }
}

/// Whether bytes hold a text, whatever the case of its ASCII letters.
pub(super) fn contains(bytes: &[u8], text: &[u8]) -> bool {
    text.is_empty()
        || bytes
            .windows(text.len())
            .any(|window| window.eq_ignore_ascii_case(text))
}

fn length(headers: &HeaderMap) -> usize {
    let lines = headers.iter();
    lines
        .map(|(name, value)| name.as_str().len() + value.len() + 2)
        .sum()
}

fn append(head: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.push(b':');
        let is_secret = name == header::AUTHORIZATION
            || name == header::PROXY_AUTHORIZATION
            || name == header::COOKIE;
        match is_secret {
            true => head.extend_from_slice(masked(value.as_bytes()).as_bytes()),
            false => head.extend_from_slice(value.as_bytes()),
        }
        head.push(b'\n');
    }
}

/// A signature is shown as it was sent; a password, or a cookie that may be the control plane's, never.
fn masked(value: &[u8]) -> std::borrow::Cow<'_, str> {
    let text = String::from_utf8_lossy(value);
    match Authorization::parse(&text) {
        Ok(Authorization::Basic { operator, .. }) => format!("Basic {operator}:***").into(),
        Ok(_) => text,
        Err(_) => {
            let scheme = text.split(' ').next().unwrap_or_default();
            let is_signature = scheme.eq_ignore_ascii_case("upyun");
            match is_signature {
                true => text,
                false => "***".into(),
            }
        }
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
    use http::HeaderValue;

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
        let whole = Whole::of(&request, &answer, b"Hello".to_vec());
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let want = [pair("x-a", "b:c"), pair("authorization", "Basic op:***")];
        assert_eq!(whole.request_headers(), want);
        assert_eq!(
            whole.response_headers(),
            [pair("x-b", ""), pair("x-b", "2")]
        );
        assert!(whole.contains("hELLO"));
        assert!(whole.contains("X-B"));
        assert!(!whole.contains("b3A6"));
    }

    #[test]
    fn what_is_no_signature_is_a_secret() {
        assert_eq!(masked(b"UPYUN op:sig"), "UPYUN op:sig");
        assert_eq!(masked(b"Bearer token"), "***");
        assert_eq!(masked(b"upyun_mock_token=x"), "***");
    }
}
