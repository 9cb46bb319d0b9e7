//! Requests as bytes.

use std::time::SystemTime;

use crate::{Connection, Response, sign};

/// A request. It has what a careful client sends: `Host`, `Date`, the signature over what is there,
/// and `Content-Length` if there is a body or the method is PUT or POST. Each of these can be changed
/// or left out.
#[derive(Clone, Debug)]
#[must_use]
pub struct Request {
    method: String,
    target: String,
    host: String,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    /// Name and password.
    signer: Option<(String, String)>,
    date: Option<String>,
    has_length: bool,
    signed_target: Option<String>,
}

impl Request {
    /// A request to `localhost`, signed by the emulator's default operator.
    pub fn new(method: &str, target: &str) -> Self {
        Self {
            method: method.to_owned(),
            target: target.to_owned(),
            host: "localhost".to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            signer: Some(("operator".to_owned(), "password".to_owned())),
            date: None,
            has_length: true,
            signed_target: None,
        }
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Adds a query, given without its `?`.
    pub fn query(mut self, query: &str) -> Self {
        self.target = format!("{}?{query}", self.target);
        self
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref().to_vec();
        self.headers.push((name.to_owned(), value));
        self
    }

    /// Sets the body.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// Sets the body, in one chunk.
    pub fn chunked(self, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut chunks = Vec::new();
        if !body.is_empty() {
            chunks.extend(format!("{:x}\r\n", body.len()).as_bytes());
            chunks.extend(body);
            chunks.extend(b"\r\n");
        }
        chunks.extend(b"0\r\n\r\n");
        let request = self.header("Transfer-Encoding", "chunked");
        request.body(chunks).without_length()
    }

    /// Signs as another operator.
    pub fn by(mut self, operator: &str, password: &str) -> Self {
        self.signer = Some((operator.to_owned(), password.to_owned()));
        self
    }

    /// Leaves out `Date` and `Authorization`.
    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self
    }

    /// Signs this text in the place of path and query.
    pub fn signed_over(mut self, target: impl Into<String>) -> Self {
        self.signed_target = Some(target.into());
        self
    }

    /// Signs at this time.
    pub fn at(self, time: SystemTime) -> Self {
        self.dated(httpdate::fmt_http_date(time))
    }

    /// Sends this text as `Date`.
    pub fn dated(mut self, date: impl Into<String>) -> Self {
        self.date = Some(date.into());
        self
    }

    /// Signs at this time unless another date is set.
    pub fn at_unless_dated(self, time: SystemTime) -> Self {
        if self.date.is_some() {
            return self;
        }
        self.at(time)
    }

    /// Leaves out `Content-Length`.
    pub fn without_length(mut self) -> Self {
        self.has_length = false;
        self
    }

    /// Sends another `Host`.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = host.into();
        self
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut lines = vec![
            format!("{} {} HTTP/1.1", self.method, self.target),
            format!("Host: {}", self.host),
        ];
        if let Some((operator, password)) = &self.signer {
            let date = self.date.clone();
            let date = date.unwrap_or_else(|| httpdate::fmt_http_date(SystemTime::now()));
            let target = self.signed_target.as_ref().unwrap_or(&self.target);
            let md5 = self.header_text("content-md5").unwrap_or_default();
            let parts = [&*self.method, target, &date, &md5];
            lines.push(format!("Date: {date}"));
            let value = sign::upyun(operator, password, &parts);
            lines.push(format!("Authorization: {value}"));
        }
        if self.states_length() {
            lines.push(format!("Content-Length: {}", self.body.len()));
        }
        let mut bytes = (lines.join("\r\n") + "\r\n").into_bytes();
        for (name, value) in &self.headers {
            bytes.extend(name.as_bytes());
            bytes.extend(b": ");
            bytes.extend(value);
            bytes.extend(b"\r\n");
        }
        bytes.extend(b"\r\n");
        bytes.extend(&self.body);
        bytes
    }

    /// Sends it on a connection of its own and reads the whole response.
    #[track_caller]
    pub fn send_to(&self, address: std::net::SocketAddr) -> Response {
        let mut connection = Connection::open(address);
        connection.write(&self.to_bytes());
        connection.answer(&self.method)
    }

    fn states_length(&self) -> bool {
        let has_body = matches!(&*self.method, "PUT" | "POST") || !self.body.is_empty();
        self.has_length && has_body && self.header_text("content-length").is_none()
    }

    fn header_text(&self, name: &str) -> Option<String> {
        let mut headers = self.headers.iter();
        let (_, value) = headers.find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(String::from_utf8_lossy(value).into_owned())
    }
}
