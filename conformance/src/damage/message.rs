//! Requests and responses as the layer sees and changes them.

use std::io;

use serde_json::Value;

use crate::wire::Answer;

/// The largest body that the layer holds back to change it; larger ones pass unchanged.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// Header lines in the order of the wire.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Headers(pub(super) Vec<(String, String)>);

impl Headers {
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let mut lines = self.0.iter();
        let found = lines.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(super) fn remove(&mut self, name: &str) {
        self.0
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    pub(super) fn remove_prefix(&mut self, prefix: &str) {
        let prefix = prefix.to_ascii_lowercase();
        self.0
            .retain(|(known, _)| !known.to_ascii_lowercase().starts_with(&prefix));
    }

    /// Replaces the values of this name by one.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.remove(name);
        self.0.push((name.to_owned(), value.into()));
    }

    /// Changes the first value of this name, if there is one.
    pub(super) fn edit(&mut self, name: &str, change: impl FnOnce(&str) -> String) {
        let mut lines = self.0.iter_mut();
        if let Some((_, value)) = lines.find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            *value = change(value.trim());
        }
    }

    /// Changes the values of all names that start so.
    pub(super) fn edit_prefix(&mut self, prefix: &str, change: impl Fn(&str) -> String) {
        for (name, value) in &mut self.0 {
            if name.to_ascii_lowercase().starts_with(prefix) {
                *value = change(value);
            }
        }
    }
}

/// A request whose framing is plain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: String,
    /// Path and query.
    pub(super) target: String,
    pub(super) headers: Headers,
    /// Without the framing of chunks.
    pub(super) body: Vec<u8>,
}

/// What the first bytes of a connection hold.
pub(super) enum Parsed {
    /// A request, and its length on the wire.
    Whole(Request, usize),
    /// The beginning of one.
    More,
    /// What the layer passes on as it is: wrong framing, an expectation, a very large body.
    Opaque,
}

impl Request {
    pub(super) fn parse(bytes: &[u8]) -> Parsed {
        let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
            return match bytes.len() > MAX_HEAD_BYTES {
                true => Parsed::Opaque,
                false => Parsed::More,
            };
        };
        let Some(mut request) = head(&bytes[..end]) else {
            return Parsed::Opaque;
        };
        let start = end + 4;
        let headers = &request.headers;
        match (
            headers.get("content-length"),
            headers.get("transfer-encoding"),
        ) {
            (Some(_), Some(_)) => Parsed::Opaque,
            (None, None) => Parsed::Whole(request, start),
            (Some(length), None) => match length.parse() {
                Ok(length) if length > MAX_BODY_BYTES => Parsed::Opaque,
                Ok(length) if bytes.len() - start < length => Parsed::More,
                Ok(length) => {
                    request.body = bytes[start..start + length].to_vec();
                    Parsed::Whole(request, start + length)
                }
                Err(_) => Parsed::Opaque,
            },
            (None, Some(coding)) if coding.eq_ignore_ascii_case("chunked") => {
                match chunks(&bytes[start..]) {
                    Chunks::Whole(body, length) => {
                        request.body = body;
                        Parsed::Whole(request, start + length)
                    }
                    Chunks::More => Parsed::More,
                    Chunks::Wrong => Parsed::Opaque,
                }
            }
            (None, Some(_)) => Parsed::Opaque,
        }
    }

    /// The bytes on the wire, with a length instead of chunks.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let framing = ["content-length", "transfer-encoding"];
        let has_body = framing.iter().any(|name| self.headers.has(name));
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, self.target);
        for (name, value) in &self.headers.0 {
            if !framing.iter().any(|known| name.eq_ignore_ascii_case(known)) {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        if has_body {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        bytes.extend(&self.body);
        bytes
    }

    pub(super) fn is(&self, method: &str) -> bool {
        self.method == method
    }

    /// Whether it is a download, an info or a list.
    pub(super) fn reads(&self) -> bool {
        matches!(&*self.method, "GET" | "HEAD")
    }

    pub(super) fn path(&self) -> &str {
        self.target.split('?').next().unwrap_or_default()
    }

    pub(super) fn query(&self) -> Option<&str> {
        self.target.split_once('?').map(|(_, query)| query)
    }

    pub(super) fn host(&self) -> &str {
        let host = self.headers.get("host").unwrap_or_default();
        host.split(':').next().unwrap_or_default()
    }

    /// Whether it asks an access domain.
    pub(super) fn is_public(&self) -> bool {
        let host = self.host();
        host.ends_with(".b0.upaiyun.com") || host.ends_with(".upcdn.net")
    }

    /// Whether it uploads an object, and neither copies nor makes a folder.
    pub(super) fn uploads(&self) -> bool {
        let others = ["x-upyun-copy-source", "x-upyun-move-source", "folder"];
        let others = others
            .into_iter()
            .chain(["x-upyun-multi-stage", "x-upyun-folder"]);
        let is_other = others.into_iter().any(|name| self.headers.has(name));
        self.is("PUT") && !is_other
    }

    /// Whether it has this stage of a resumable upload.
    pub(super) fn has_stage(&self, stage: &str) -> bool {
        let stages = self.headers.get("x-upyun-multi-stage").unwrap_or_default();
        stages.split(',').any(|known| known.trim() == stage)
    }

    pub(super) fn drop_query_pair(&mut self, name: &str) {
        let Some(query) = self.query() else { return };
        let is_other = |pair: &&str| pair.split('=').next() != Some(name);
        let kept: Vec<&str> = query.split('&').filter(is_other).collect();
        let query = match kept.is_empty() {
            true => String::new(),
            false => format!("?{}", kept.join("&")),
        };
        self.target = format!("{}{query}", self.path());
    }
}

/// The head, if every line of it is plain.
fn head(bytes: &[u8]) -> Option<Request> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut lines = text.split("\r\n");
    let first: Vec<&str> = lines.next()?.split(' ').collect();
    let [method, target, "HTTP/1.1"] = first[..] else {
        return None;
    };
    let mut headers = Headers::default();
    for line in lines {
        let (name, value) = line.split_once(':')?;
        let is_plain = !name.contains([' ', '\t']) && !line.contains(['\r', '\n', '\0']);
        let is_framing = ["content-length", "transfer-encoding"]
            .iter()
            .any(|known| name.eq_ignore_ascii_case(known));
        let is_expectation = name.eq_ignore_ascii_case("expect");
        if !is_plain || is_expectation || is_framing && headers.has(name) {
            return None;
        }
        headers.0.push((name.to_owned(), value.trim().to_owned()));
    }
    Some(Request {
        method: method.to_owned(),
        target: target.to_owned(),
        headers,
        body: Vec::new(),
    })
}

enum Chunks {
    /// The body, and its length on the wire.
    Whole(Vec<u8>, usize),
    More,
    Wrong,
}

fn chunks(bytes: &[u8]) -> Chunks {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let rest = &bytes[at..];
        let Some(end) = rest.windows(2).position(|window| window == b"\r\n") else {
            return if rest.len() > 20 {
                Chunks::Wrong
            } else {
                Chunks::More
            };
        };
        let size = std::str::from_utf8(&rest[..end]).ok();
        let size = size.and_then(|size| usize::from_str_radix(size, 16).ok());
        let Some(size) = size.filter(|size| body.len() + size <= MAX_BODY_BYTES) else {
            return Chunks::Wrong;
        };
        let start = end + 2;
        match rest.get(start..start + size + 2) {
            None => return Chunks::More,
            Some(chunk) if !chunk.ends_with(b"\r\n") => return Chunks::Wrong,
            Some(chunk) => body.extend(&chunk[..size]),
        }
        at += start + size + 2;
        if size == 0 {
            return Chunks::Whole(body, at);
        }
    }
}

/// A response.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
}

impl From<Answer> for Response {
    fn from(answer: Answer) -> Self {
        Self {
            status: answer.status,
            headers: Headers(answer.headers),
            body: answer.body,
        }
    }
}

impl Response {
    /// A success that says nothing, with an id as every response has one.
    pub(super) fn empty(status: u16) -> Self {
        let mut headers = Headers::default();
        headers.set("X-Request-Id", "0".repeat(32));
        Self {
            status,
            headers,
            body: Vec::new(),
        }
    }

    /// The bytes on the wire.
    pub(super) fn to_bytes(&self, method: &str) -> Vec<u8> {
        let mut text = format!("HTTP/1.1 {} -\r\n", self.status);
        let has_body = method != "HEAD" && self.status >= 200 && !matches!(self.status, 204 | 304);
        for (name, value) in &self.headers.0 {
            let is_framing = name.eq_ignore_ascii_case("transfer-encoding")
                || has_body && name.eq_ignore_ascii_case("content-length");
            if !is_framing {
                text.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        if has_body {
            text.push_str(&format!("Content-Length: {}\r\n", self.body.len()));
        }
        text.push_str("\r\n");
        let mut bytes = text.into_bytes();
        if has_body {
            bytes.extend(&self.body);
        }
        bytes
    }

    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn code(&self) -> Option<u32> {
        self.headers.get("x-error-code")?.parse().ok()
    }

    /// Turns the refusals with this code into successes.
    pub(super) fn accept(&mut self, code: u32, status: u16) {
        if self.code() == Some(code) {
            self.status = status;
            self.headers.remove("x-error-code");
            self.body.clear();
        }
    }

    /// Gives the refusals with this code another, and its status.
    pub(super) fn recode(&mut self, code: u32, other: u32) {
        if self.code() == Some(code) {
            self.headers.set("x-error-code", other.to_string());
            self.status = u16::try_from(other / 100_000).unwrap_or(self.status);
            self.edit_json(|body| body["code"] = other.into());
        }
    }

    /// Changes a body of JSON; any other stays.
    pub(super) fn edit_json(&mut self, change: impl FnOnce(&mut Value)) {
        if let Ok(mut json) = serde_json::from_slice(&self.body) {
            change(&mut json);
            self.body = json.to_string().into_bytes();
        }
    }

    /// Adds to the number in a header.
    pub(super) fn add(&mut self, name: &str, more: u64) {
        self.headers.edit(name, |value| match value.parse::<u64>() {
            Ok(number) => (number + more).to_string(),
            Err(_) => value.to_owned(),
        });
    }

    pub(super) fn closes(&self) -> bool {
        let connection = self.headers.get("connection").unwrap_or_default();
        connection.eq_ignore_ascii_case("close")
    }
}

/// Why a response cannot be read.
pub(super) fn no_response(error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("the emulator's response: {error}"))
}
