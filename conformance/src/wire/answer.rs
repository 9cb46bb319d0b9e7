//! An answer, and what can be expected of it.

use serde_json::Value;
use upyun_test_kit::Refusal;

use crate::failure::{Failure, holds, same};

/// What the target answered.
///
/// Checks return the answer again, so that they can be chained.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) method: String,
    pub(super) status_line: String,
    /// The status.
    pub status: u16,
    /// The headers, in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

type Checked<'a> = Result<&'a Answer, Failure>;

impl Answer {
    pub(super) fn new(status_line: String, status: u16, headers: Vec<(String, String)>) -> Self {
        Self {
            method: String::new(),
            status_line,
            status,
            headers,
            body: Vec::new(),
        }
    }

    /// The first header of this name, in any case of letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// All headers of this name.
    pub fn all<'a, 'b>(&'a self, name: &'b str) -> impl Iterator<Item = &'a str> + use<'a, 'b> {
        self.headers
            .iter()
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// Names in lower case and values of all headers that start so, sorted.
    pub fn headers_from(&self, prefix: &str) -> Vec<(String, String)> {
        let mut found: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
            .filter(|(name, _)| name.starts_with(prefix))
            .collect();
        found.sort();
        found
    }

    /// The header that must be there.
    ///
    /// # Errors
    /// When it is not, or stands twice.
    pub fn the(&self, name: &str) -> Result<&str, Failure> {
        let mut all = self.all(name);
        match (all.next(), all.next()) {
            (Some(value), None) => Ok(value),
            (None, _) => Err(Failure::new(format!("a header {name}"), "none")),
            (Some(_), Some(_)) => Err(Failure::new(format!("one header {name}"), "several")),
        }
    }

    /// The number that a header must hold.
    ///
    /// # Errors
    /// When there is none.
    pub fn number(&self, name: &str) -> Result<u64, Failure> {
        let value = self.the(name)?;
        value
            .parse()
            .map_err(|_| Failure::new(format!("a number in {name}"), value))
    }

    /// The body as text.
    ///
    /// # Errors
    /// When it is not UTF-8.
    pub fn text(&self) -> Result<&str, Failure> {
        std::str::from_utf8(&self.body)
            .map_err(|error| Failure::new("a body in UTF-8", error.to_string()))
    }

    /// The body as JSON.
    ///
    /// # Errors
    /// When it is none.
    pub fn json(&self) -> Result<Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let body = String::from_utf8_lossy(&self.body);
            Failure::new("a body of JSON", format!("{error} in {body:?}"))
        })
    }

    /// Expects the status.
    ///
    /// # Errors
    /// When it is another.
    pub fn is_status(&self, status: u16) -> Checked<'_> {
        if self.status == status {
            return Ok(self);
        }
        let code = self.header("x-error-code").unwrap_or("no X-Error-Code");
        let body = String::from_utf8_lossy(&self.body[..self.body.len().min(200)]);
        Err(Failure::new(
            format!("status {status}"),
            format!("{} ({code}) {body}", self.status),
        ))
    }

    /// Expects one header of this name with this value.
    ///
    /// # Errors
    /// When there is none, several, or another value.
    pub fn has(&self, name: &str, value: impl AsRef<str>) -> Checked<'_> {
        same(name, self.the(name)?, value.as_ref())?;
        Ok(self)
    }

    /// Expects no header of this name.
    ///
    /// # Errors
    /// When there is one.
    pub fn lacks(&self, name: &str) -> Checked<'_> {
        match self.header(name) {
            None => Ok(self),
            Some(value) => Err(Failure::new(format!("no header {name}"), value)),
        }
    }

    /// Expects exactly these metadata: names without `x-upyun-meta-`, sorted.
    ///
    /// # Errors
    /// When there are others.
    pub fn has_metadata(&self, want: &[(&str, &str)]) -> Checked<'_> {
        let prefix = "x-upyun-meta-";
        let found = self.headers_from(prefix);
        let found: Vec<_> = found
            .iter()
            .map(|(name, value)| (&name[prefix.len()..], value.as_str()))
            .collect();
        same("metadata", found, want)?;
        Ok(self)
    }

    /// Expects this body.
    ///
    /// # Errors
    /// When it is another.
    pub fn is_body(&self, body: impl AsRef<[u8]>) -> Checked<'_> {
        let body = body.as_ref();
        if self.body == body {
            return Ok(self);
        }
        if body.len() <= 4096 && self.body.len() <= 4096 {
            let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
            same("the body", text(&self.body), text(body))?;
        }
        let at = self.body.iter().zip(body).position(|(a, b)| a != b);
        Err(Failure::new(
            format!("a certain body of {} bytes", body.len()),
            match at {
                Some(at) => format!("another from byte {at} on"),
                None => format!("one of {} bytes", self.body.len()),
            },
        ))
    }

    /// Expects an answer without a body that says so.
    ///
    /// # Errors
    /// When there is one.
    pub fn is_empty(&self) -> Checked<'_> {
        self.is_body("")?;
        if self.status != 204 && self.status != 304 {
            self.has("Content-Length", "0")?;
        }
        Ok(self)
    }

    /// Expects this refusal: status, `X-Error-Code`, the text, and an id that equals
    /// `X-Request-Id`; for HEAD the same without a body.
    ///
    /// # Errors
    /// When any of it is otherwise.
    pub fn is_refusal(&self, refusal: Refusal) -> Checked<'_> {
        self.has_code(refusal)?;
        let (_, code, text) = refusal;
        let id = self.the("x-request-id")?;
        let is_id = id.len() == 32 && id.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        holds(is_id, "X-Request-Id of 32 lower-case hex digits", id)?;
        if self.method == "HEAD" {
            same("the body", self.body.len(), 0)?;
            return Ok(self);
        }
        let kind = self.the("content-type")?;
        holds(
            kind.starts_with("application/json"),
            "Content-Type application/json",
            kind,
        )?;
        let body = self.json()?;
        same("the code in the body", &body["code"], code)?;
        same("the id in the body", &body["id"], id)?;
        same("the text in the body", &body["msg"], text)?;
        Ok(self)
    }

    /// Expects this status, and this code in `X-Error-Code`.
    ///
    /// # Errors
    /// When either is another.
    pub fn has_code(&self, (status, code, text): Refusal) -> Checked<'_> {
        let found = self.header("x-error-code").unwrap_or("none");
        if (self.status, found) == (status, &*code.to_string()) {
            return Ok(self);
        }
        let body = String::from_utf8_lossy(&self.body[..self.body.len().min(200)]);
        Err(Failure::new(
            format!("the refusal {code} `{text}` with status {status}"),
            format!("status {} with X-Error-Code {found} {body}", self.status),
        ))
    }
}
