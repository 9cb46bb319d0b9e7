//! A request in parts, so that each can be changed alone.

use url::form_urlencoded;

use crate::wire::Api;

/// What stands between the fields of multipart forms.
const BOUNDARY: &str = "----upyun-conformance-strict-5hJ0cQ";

/// A request as it will be written, byte by byte but for `Content-Length`, which follows the body
/// unless a header of that name is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Raw {
    pub(super) api: Api,
    pub(super) method: String,
    /// As sent, still encoded, without the query.
    pub(super) path: String,
    /// Without its `?`.
    pub(super) query: Option<String>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) payload: Payload,
}

/// A body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    /// As it stands.
    Bytes(Vec<u8>),
    /// `multipart/form-data`.
    Multipart(Vec<Field>),
    /// `application/x-www-form-urlencoded`.
    Urlencoded(Vec<(String, String)>),
}

/// A field of a multipart form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) file_name: Option<String>,
    pub(super) value: Vec<u8>,
}

impl Raw {
    pub(super) fn new(api: Api, method: &str, path: impl Into<String>) -> Self {
        Self {
            api,
            method: method.to_owned(),
            path: path.into(),
            query: None,
            headers: Vec::new(),
            payload: Payload::Bytes(Vec::new()),
        }
    }

    /// The first header of this name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// Replaces a header, or adds it.
    pub(super) fn set_header(&mut self, name: &str, value: impl Into<String>) {
        let mut headers = self.headers.iter_mut();
        match headers.find(|(known, _)| known.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value.into(),
            None => self.headers.push((name.to_owned(), value.into())),
        }
    }

    pub(super) fn remove_header(&mut self, name: &str) {
        self.headers
            .retain(|(known, _)| !known.eq_ignore_ascii_case(name));
    }

    /// The value of a field of the body's form.
    pub(super) fn field(&self, name: &str) -> Option<String> {
        match &self.payload {
            Payload::Bytes(_) => None,
            Payload::Multipart(fields) => {
                let found = fields.iter().find(|field| field.name == name);
                found.map(|field| String::from_utf8_lossy(&field.value).into_owned())
            }
            Payload::Urlencoded(fields) => {
                let found = fields.iter().find(|(known, _)| known == name);
                found.map(|(_, value)| value.clone())
            }
        }
    }

    /// Replaces the value of a field of the body's form.
    pub(super) fn set_field(&mut self, name: &str, value: impl Into<String>) {
        match &mut self.payload {
            Payload::Bytes(_) => {}
            Payload::Multipart(fields) => {
                if let Some(field) = fields.iter_mut().find(|field| field.name == name) {
                    field.value = value.into().into_bytes();
                }
            }
            Payload::Urlencoded(fields) => {
                if let Some((_, old)) = fields.iter_mut().find(|(known, _)| known == name) {
                    *old = value.into();
                }
            }
        }
    }

    /// Path and query as sent.
    pub(super) fn target(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.clone(),
        }
    }

    /// The body's bytes.
    pub(super) fn body(&self) -> Vec<u8> {
        match &self.payload {
            Payload::Bytes(bytes) => bytes.clone(),
            Payload::Multipart(fields) => multipart(fields),
            Payload::Urlencoded(fields) => {
                let mut body = form_urlencoded::Serializer::new(String::new());
                body.extend_pairs(fields);
                body.finish().into_bytes()
            }
        }
    }

    /// The bytes on the wire.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let body = self.body();
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\n",
            self.method,
            self.target(),
            self.api.host()
        );
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let kind = match self.payload {
            Payload::Bytes(_) => None,
            Payload::Multipart(_) => Some(format!("multipart/form-data; boundary={BOUNDARY}")),
            Payload::Urlencoded(_) => Some("application/x-www-form-urlencoded".to_owned()),
        };
        if let Some(kind) = kind {
            head.push_str(&format!("Content-Type: {kind}\r\n"));
        }
        let has_length = !body.is_empty() || matches!(&*self.method, "PUT" | "POST");
        if has_length && self.header("content-length").is_none() {
            head.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut bytes = head.into_bytes();
        bytes.extend(body);
        bytes
    }

    /// Takes the bytes of a well-formed request apart; what follows from the body is left out.
    pub(super) fn parse(api: Api, bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|it| it == b"\r\n\r\n")?;
        let head = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let body = bytes.get(end + 4..)?;
        let mut lines = head.split("\r\n");
        let mut words = lines.next()?.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query.to_owned())),
            None => (target, None),
        };
        let mut raw = Self::new(api, method, path);
        raw.query = query;
        for line in lines {
            let (name, value) = line.split_once(':')?;
            raw.headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let kind = raw.header("content-type").unwrap_or_default().to_owned();
        let is_chunked = raw.header("transfer-encoding").is_some();
        raw.payload = if let Some((_, boundary)) = kind.split_once("boundary=") {
            Payload::Multipart(fields(body, boundary.trim_matches('"'))?)
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            Payload::Urlencoded(form_urlencoded::parse(body).into_owned().collect())
        } else if is_chunked {
            return None;
        } else {
            Payload::Bytes(body.to_vec())
        };
        for name in ["host", "content-length", "transfer-encoding"] {
            raw.remove_header(name);
        }
        if !matches!(raw.payload, Payload::Bytes(_)) {
            raw.remove_header("content-type");
        }
        Some(raw)
    }
}

fn multipart(fields: &[Field]) -> Vec<u8> {
    let mut body = Vec::new();
    for field in fields {
        let file_name = field.file_name.as_ref();
        let file_name = file_name.map_or_else(String::new, |it| format!("; filename=\"{it}\""));
        let head = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"{file_name}\r\n\r\n",
            field.name
        );
        body.extend(head.as_bytes());
        body.extend(&field.value);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

fn fields(body: &[u8], boundary: &str) -> Option<Vec<Field>> {
    let delimiter = format!("--{boundary}");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut fields = Vec::new();
    let mut rest = body;
    loop {
        let at = find(rest, delimiter.as_bytes())?;
        rest = rest.get(at + delimiter.len()..)?;
        if rest.starts_with(b"--") {
            return Some(fields);
        }
        let end = find(rest, b"\r\n\r\n")?;
        let head = text(rest.get(..end)?);
        rest = rest.get(end + 4..)?;
        let length = find(rest, format!("\r\n{delimiter}").as_bytes())?;
        let parameter = |name: &str| {
            let (_, value) = head.split_once(&format!(" {name}=\""))?;
            value.split_once('"').map(|it| it.0.to_owned())
        };
        fields.push(Field {
            name: parameter("name")?,
            file_name: parameter("filename"),
            value: rest.get(..length)?.to_vec(),
        });
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|it| it == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let mut form = Raw::new(Api::Storage, "POST", "/demo");
        let field = |name: &str, file_name: Option<&str>| Field {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            value: b"a\r\nb--c".to_vec(),
        };
        form.payload = Payload::Multipart(vec![field("policy", None), field("file", Some("x"))]);
        let mut purge = Raw::new(Api::Purge, "POST", "/purge/");
        purge.set_header("Date", "today");
        purge.payload = Payload::Urlencoded(vec![("purge".into(), "http://a/ä\n".into())]);
        let mut get = Raw::new(Api::Storage, "GET", "/demo/%41");
        get.query = Some("usage".into());
        for raw in [form, purge, get] {
            assert_eq!(Raw::parse(raw.api.clone(), &raw.to_bytes()), Some(raw));
        }
    }
}
