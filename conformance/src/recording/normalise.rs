//! Taking away what differs from run to run, so that the rest can be compared.

use std::sync::LazyLock;

use regex::Regex;

use super::Step;
use crate::wire::{Exchange, Message};

/// Headers of connections and of whoever stands in front of the service.
const NOISE: [&str; 11] = [
    "date",
    "server",
    "connection",
    "keep-alive",
    "via",
    "age",
    "x-cache",
    "x-source",
    "strict-transport-security",
    "transfer-encoding",
    "vary",
];

/// What is replaced wherever it stands.
static PATTERNS: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| {
    [
        (
            r"[A-Z][a-z]{2}, \d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d (GMT|UTC)",
            "<date>",
        ),
        (
            r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b",
            "<uuid>",
        ),
        (r"\b1[0-9]{9}\b", "<time>"),
        (r"127\.0\.0\.1(:|%3A)\d+", "<loopback>"),
        // The end of a list is always the same; other cursors are nobody's business.
        (r"g2gCZAAEbmV4dG0[A-Za-z0-9+/=_-]*", "<cursor>"),
    ]
    .map(|(pattern, name)| {
        let pattern = Regex::new(&format!("(?-u){pattern}"));
        (pattern.expect("a pattern"), name)
    })
    .into()
});

pub(super) struct Normaliser<'a> {
    folder: &'a str,
    service: &'a str,
}

impl<'a> Normaliser<'a> {
    pub(super) fn new(folder: &'a str, service: &'a str) -> Self {
        Self { folder, service }
    }

    pub(super) fn step(&self, exchange: &Exchange) -> Step {
        let (request, answer) = self.lines(&exchange.request, exchange.answer.as_ref());
        Step {
            request: request.join(),
            answer: answer.join(),
        }
    }

    /// A request, and one answer to it.
    pub(super) fn lines(&self, request: &Message, answer: Option<&Message>) -> (Lines, Lines) {
        let id = answer.and_then(request_id);
        let request = self.message(request, None);
        let mut answer =
            answer.map_or_else(Lines::default, |answer| self.message(answer, id.as_deref()));
        if request.asks_for_the_root() && answer.first == "200" {
            let of_others = ["content-length: ", "x-upyun-list-iter: "];
            answer
                .headers
                .retain(|line| !of_others.iter().any(|it| line.starts_with(it)));
            answer.body = vec!["<what else the service holds>".to_owned()];
        }
        (request, answer)
    }

    fn message(&self, message: &Message, id: Option<&str>) -> Lines {
        let mut head = message.head.iter();
        let first = head.next().map_or("", String::as_str);
        // The reason phrase is free.
        let first = match first.strip_prefix("HTTP/1.1 ") {
            Some(status) => status.get(..3).unwrap_or(status),
            None => first,
        };
        let body = self.text(&message.body, id);
        let is_changed = body != message.body;
        let mut headers: Vec<_> = head
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
            .filter(|(name, _)| !NOISE.contains(&&**name))
            .map(|(name, value)| match &*name {
                "authorization" => format!("{name}: <authorization>"),
                "content-length" if is_changed => format!("{name}: <length>"),
                _ => format!("{name}: {}", self.text(value, id)),
            })
            .collect();
        headers.sort();
        let body = if message.body_bytes > Message::BODY_BYTES {
            vec![format!(
                "{} bytes with MD5 {}",
                message.body_bytes, message.body_md5
            )]
        } else {
            body.lines().map(str::to_owned).collect()
        };
        Lines {
            first: self.text(first, id),
            headers,
            body,
        }
    }

    fn text(&self, text: &str, id: Option<&str>) -> String {
        let mut text = text.replace(self.folder, "/<folder>");
        let encoded = self.folder.replace('/', "%2F");
        text = text.replace(&encoded, "%2F<folder>");
        let bare = self.folder.trim_start_matches('/');
        text = text.replace(bare, "<folder>");
        if let Some(id) = id {
            text = text.replace(id, "<id>");
        }
        for end in ["/", " ", "?"] {
            let service = format!("/{}{end}", self.service);
            text = text.replace(&service, &format!("/<service>{end}"));
        }
        for (pattern, name) in PATTERNS.iter() {
            text = pattern.replace_all(&text, *name).into_owned();
        }
        text
    }
}

/// A message, normalised.
#[derive(Default)]
pub(super) struct Lines {
    pub(super) first: String,
    pub(super) headers: Vec<String>,
    pub(super) body: Vec<String>,
}

impl Lines {
    /// Whether the answer lists or counts what is none of the run's business.
    fn asks_for_the_root(&self) -> bool {
        let mut words = self.first.split(' ');
        let (method, target) = (words.next(), words.next().unwrap_or_default());
        let path = target.split('?').next().unwrap_or_default();
        method == Some("GET") && path.trim_end_matches('/') == "/<service>"
    }

    pub(super) fn join(mut self) -> Vec<String> {
        if self.first.is_empty() {
            return Vec::new();
        }
        let mut lines = vec![self.first];
        lines.append(&mut self.headers);
        lines.append(&mut self.body);
        lines
    }
}

fn request_id(answer: &Message) -> Option<String> {
    let mut lines = answer.head.iter().filter_map(|line| line.split_once(": "));
    let found = lines.find(|(name, _)| name.eq_ignore_ascii_case("x-request-id"));
    found.map(|(_, id)| id.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: &str) {
        let normaliser = Normaliser::new("/upyun-conformance-0123456789abcdef", "demo");
        assert_eq!(normaliser.text(text, Some("11e4a729d2494340")), want);
    }

    #[test]
    fn what_differs_from_run_to_run_is_gone() {
        check(
            "GET /demo/upyun-conformance-0123456789abcdef/rest.put.a/b HTTP/1.1",
            "GET /<service>/<folder>/rest.put.a/b HTTP/1.1",
        );
        check("GET /demo HTTP/1.1", "GET /<service> HTTP/1.1");
        check("last: Tue, 24 Nov 2026 00:00:00 GMT", "last: <date>");
        check("bar\tF\t0\t1415096260", "bar\tF\t0\t<time>");
        check("{\"id\":\"11e4a729d2494340\"}", "{\"id\":\"<id>\"}");
        check("g2gCZAAEbmV4dG0AAAADZm9v", "<cursor>");
        check("g2gCZAAEbmV4dGQAA2VvZg", "g2gCZAAEbmV4dGQAA2VvZg");
        check("b2326f91-c5c4-4c6e-bce9-a41dae78ca2a", "<uuid>");
        check(
            "5d41402abc4b2a76b9719d911017c592",
            "5d41402abc4b2a76b9719d911017c592",
        );
    }
}
