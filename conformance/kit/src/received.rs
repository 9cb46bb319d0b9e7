//! Requests that a test's own server receives.

use crate::{Head, dechunk};

/// A request as it was on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The method.
    pub method: String,
    /// Path and query.
    pub target: String,
    head: Head,
    /// The content of the body, without the framing of chunks.
    pub body: Vec<u8>,
    /// Whether the body is complete.
    pub is_whole: bool,
}

impl Received {
    /// The request at the start of these bytes, and how many it takes; `None` while the head is not
    /// complete.
    pub fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let (head, start) = Head::parse(bytes)?;
        let rest = &bytes[start..];
        let (body, length) = if head.is_chunked() {
            dechunk(rest)
        } else {
            let length = head.content_length().unwrap_or(0);
            let body = rest[..length.min(rest.len())].to_vec();
            (body, (rest.len() >= length).then_some(length))
        };
        let request = Self {
            method: head.word(0)?.to_owned(),
            target: head.word(1)?.to_owned(),
            head,
            body,
            is_whole: length.is_some(),
        };
        Some((request, start + length.unwrap_or(rest.len())))
    }

    /// The header of this name as bytes.
    ///
    /// # Panics
    /// If there are several.
    #[track_caller]
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        let mut found = self.head.headers.iter().filter(|(known, _)| known == name);
        let (_, value) = found.next()?;
        assert!(found.next().is_none(), "two headers {name}: {self:?}");
        Some(value)
    }

    /// The first header of this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.header(name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_request_after_the_other() {
        let bytes = b"PUT /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloGET /b HTTP/1.1\r\n\r\n";
        let (first, length) = Received::parse(bytes).unwrap();
        assert_eq!((&*first.method, &*first.target), ("PUT", "/a"));
        assert_eq!((&*first.body, first.is_whole), (&b"hello"[..], true));
        let (second, rest) = Received::parse(&bytes[length..]).unwrap();
        assert_eq!((&*second.target, &*second.body), ("/b", &b""[..]));
        assert_eq!(length + rest, bytes.len());
        let (cut, _) = Received::parse(&bytes[..length - 1]).unwrap();
        assert_eq!((&*cut.body, cut.is_whole), (&b"hell"[..], false));
    }
}
