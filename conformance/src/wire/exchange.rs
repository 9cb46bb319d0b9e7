//! What went over the wire, as it may be shown.

use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use super::sign;

/// A request and its answer, without credentials.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exchange {
    /// The head of the request and the beginning of its body.
    pub request: Message,
    /// The same of the answer; `None` if none came.
    pub answer: Option<Message>,
    /// What the second target answered, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shadow: Option<Message>,
}

impl Exchange {
    /// Both directions as a person reads them: `>` for the request, `<` for the answer.
    pub fn to_text(&self) -> String {
        let mark = |mark: &str, text: &str| {
            let lines = text.lines().map(|line| format!("{mark} {line}"));
            lines.collect::<Vec<_>>().join("\n")
        };
        let request = mark(">", &self.request.to_text());
        let answer = self.answer.as_ref();
        let answer = answer.map_or_else(
            || "< no answer".to_owned(),
            |answer| mark("<", &answer.to_text()),
        );
        format!("{request}\n{answer}")
    }
}

/// One direction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Request line or status line, and the headers.
    pub head: Vec<String>,
    /// The beginning of the body, as text; bytes that are none are replaced.
    pub body: String,
    /// How long the body is.
    pub body_bytes: usize,
    /// The MD5 of the body.
    pub body_md5: String,
}

impl Message {
    /// How much of a body is kept, in bytes.
    pub const BODY_BYTES: usize = 4096;

    pub(super) fn new(head: &str, body: &[u8], scrubber: &Scrubber) -> Self {
        let head = head.trim_end().lines().map(|line| scrubber.line(line));
        let shown = &body[..body.len().min(Self::BODY_BYTES)];
        Self {
            head: head.collect(),
            body: scrubber.text(&String::from_utf8_lossy(shown)),
            body_bytes: body.len(),
            body_md5: sign::md5(body),
        }
    }

    /// Head and body as a person reads them.
    pub fn to_text(&self) -> String {
        let mut text = self.head.join("\n");
        if self.body_bytes > 0 {
            text.push_str("\n\n");
            text.push_str(&self.body);
        }
        if self.body_bytes > Self::BODY_BYTES {
            text.push_str(&format!("… ({} bytes)", self.body_bytes));
        }
        text
    }
}

/// Replaces what must not be shown.
#[derive(Clone, Debug, Default)]
pub struct Scrubber {
    secrets: Vec<(String, &'static str)>,
}

impl Scrubber {
    /// Knows this password and what is made of it.
    #[must_use]
    pub fn password(mut self, operator: &str, password: &str) -> Self {
        if password.is_empty() {
            return self;
        }
        let basic = sign::base64(format!("{operator}:{password}"));
        self.secrets.push((basic, "<basic>"));
        self.secrets.push((sign::md5(password), "<password-md5>"));
        self.secrets.push((password.to_owned(), "<password>"));
        self
    }

    /// Knows another secret.
    #[must_use]
    pub fn secret(mut self, secret: &str, shown: &'static str) -> Self {
        if !secret.is_empty() {
            self.secrets.push((secret.to_owned(), shown));
        }
        self
    }

    /// The text without secrets and without signatures.
    pub fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (secret, shown) in &self.secrets {
            text = text.replace(secret, shown);
        }
        let text = without_signatures(&text);
        FIELDS.replace_all(&text, "${1}<signature>").into_owned()
    }

    fn line(&self, line: &str) -> String {
        let is_basic = line
            .split_once(": ")
            .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
            .and_then(|(_, value)| value.get(..6))
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic "));
        if is_basic {
            return "Authorization: Basic <basic>".to_owned();
        }
        self.text(line)
    }
}

/// Fields that are signatures, or that sign what comes next, without a scheme before them.
static FIELDS: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r#"((?:name="signature"\r?\n\r?\n|(?-u:\b)signature=|_upt=|"(?:token_secret|signature)" *: *"))[^"&; \t\r\n]+"#;
    Regex::new(pattern).expect("a good expression")
});

/// A signature is valid for half an hour, so whoever reads the report could use it.
fn without_signatures(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = find_scheme(rest) {
        let end = rest[at..]
            .find(['"', '&', '\r', '\n'])
            .map_or(rest.len(), |length| at + length);
        let credential = &rest[at..end];
        match credential.rfind(':') {
            Some(colon) if credential.len() - colon > 20 => {
                shown.push_str(&rest[..=at + colon]);
                shown.push_str("<signature>");
            }
            _ => shown.push_str(&rest[..end]),
        }
        rest = &rest[end..];
    }
    shown.push_str(rest);
    shown
}

fn find_scheme(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let scheme = b"upyun ";
    (0..bytes.len().saturating_sub(scheme.len()))
        .find(|at| bytes[*at..*at + scheme.len()].eq_ignore_ascii_case(scheme))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let scrubber = Scrubber::default()
            .password("op", "secret-password")
            .secret("form-secret", "<form-secret>");
        assert_eq!(scrubber.line(text), want);
    }

    #[test]
    fn nothing_that_signs_is_shown() {
        check(
            "Authorization: UPYUN op:YUaAZX+WNAcJdNGHS5SBlITME5A=",
            "Authorization: UPYUN op:<signature>",
        );
        check(
            "{\"authorization\":\"UpYun demo:op:0123456789abcdef0123456789abcdef\"}",
            "{\"authorization\":\"UpYun demo:op:<signature>\"}",
        );
        check("authorization: basic eDp5", "Authorization: Basic <basic>");
        check(
            "policy=e30&signature=0123&x=1",
            "policy=e30&signature=<signature>&x=1",
        );
        check(
            "GET /a?_upt=abcdef0123 HTTP/1.1",
            "GET /a?_upt=<signature> HTTP/1.1",
        );
        check(
            "name=\"signature\"\r\n\r\n0123\r\n--b",
            "name=\"signature\"\r\n\r\n<signature>\r\n--b",
        );
        check(
            "{\"token_secret\":\"x\",\"a\":1}",
            "{\"token_secret\":\"<signature>\",\"a\":1}",
        );
        check("a secret-password b", "a <password> b");
        check("x form-secret", "x <form-secret>");
        check(&sign::md5("secret-password"), "<password-md5>");
        check("Authorization: UPYUN op", "Authorization: UPYUN op");
    }
}
