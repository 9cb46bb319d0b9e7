//! A request, signed unless told otherwise.

use std::time::SystemTime;

use super::{Answer, Api, Connection, sign};
use crate::{context::Context, failure::Failure, target::Operator};

/// A request to the target.
///
/// It is what a careful client sends: Host, Date, the signature over what is there, Content-Length
/// for PUT and POST. Each of these can be changed or left out.
#[derive(Clone, Debug)]
#[must_use]
pub struct Request {
    cx: Context,
    method: String,
    target: String,
    api: Api,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
    signer: Option<Operator>,
    date: Option<String>,
    has_length: bool,
    signed_uri: Option<String>,
}

impl Request {
    pub(crate) fn new(cx: &Context, method: &str, target: String) -> Self {
        Self {
            cx: cx.clone(),
            method: method.to_owned(),
            target,
            api: Api::Storage,
            headers: Vec::new(),
            body: Vec::new(),
            signer: Some(cx.operator().clone()),
            date: None,
            has_length: matches!(method, "PUT" | "POST"),
            signed_uri: None,
        }
    }

    /// To another API.
    pub fn to(mut self, api: Api) -> Self {
        self.api = api;
        self
    }

    /// With this query, without its `?`.
    pub fn query(mut self, query: &str) -> Self {
        self.target = format!("{}?{query}", self.target);
        self
    }

    /// With one more header.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers
            .push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With this body.
    pub fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// With the body in one chunk, and no length.
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

    /// Signed by somebody else.
    pub fn by(mut self, operator: &Operator) -> Self {
        self.signer = Some(operator.clone());
        self
    }

    /// Without Date and Authorization.
    pub fn unsigned(mut self) -> Self {
        self.signer = None;
        self
    }

    /// Signed over this text instead of the request's path and query.
    pub fn signed_over(mut self, uri: impl Into<String>) -> Self {
        self.signed_uri = Some(uri.into());
        self
    }

    /// Signed at another time.
    pub fn at(self, time: SystemTime) -> Self {
        self.dated(httpdate::fmt_http_date(time))
    }

    /// With this text as its date, whatever it is.
    pub fn dated(mut self, date: impl Into<String>) -> Self {
        self.date = Some(date.into());
        self
    }

    /// Without Content-Length.
    pub fn without_length(mut self) -> Self {
        self.has_length = false;
        self
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut line = |text: &str| {
            bytes.extend(text.as_bytes());
            bytes.extend(b"\r\n");
        };
        line(&format!("{} {} HTTP/1.1", self.method, self.target));
        line(&format!("Host: {}", self.api.host()));
        if let Some(operator) = &self.signer {
            let date = self.date.clone();
            let date = date.unwrap_or_else(|| httpdate::fmt_http_date(self.cx.now()));
            let uri = self.signed_uri.as_ref().unwrap_or(&self.target);
            let md5 = self.header_text("content-md5");
            let parts = [&*self.method, uri, &date, &md5];
            line(&format!("Date: {date}"));
            let value = sign::upyun(&operator.name, &operator.password, &parts);
            line(&format!("Authorization: {value}"));
        }
        let says_length = self.header_text("content-length").is_empty();
        if self.has_length && says_length {
            line(&format!("Content-Length: {}", self.body.len()));
        }
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

    /// Sends it on a connection of its own.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn send(self) -> Result<Answer, Failure> {
        let mut connection = Connection::open(&self.cx, &self.api).await?;
        connection.write(self.to_bytes()).await?;
        connection.answer(&self.method).await
    }

    /// Sends it and expects 200.
    ///
    /// # Errors
    /// When another answer comes.
    pub async fn ok(self) -> Result<Answer, Failure> {
        let answer = self.send().await?;
        answer.is_status(200)?;
        Ok(answer)
    }

    /// Sends it and expects a whole refusal, and that nothing in the case's folder changed.
    ///
    /// # Errors
    /// When another answer comes, or something changed.
    pub async fn refused(self, code: u32) -> Result<Answer, Failure> {
        let cx = self.cx.clone();
        let reads = matches!(&*self.method, "GET" | "HEAD" | "OPTIONS");
        let before = if reads {
            None
        } else {
            Some(cx.snapshot().await?)
        };
        let answer = self.send().await?;
        answer.is_refusal(code)?;
        if let Some(before) = before {
            let after = cx.snapshot().await?;
            before.is_unchanged(&after)?;
        }
        Ok(answer)
    }

    fn header_text(&self, name: &str) -> String {
        let mut headers = self.headers.iter();
        let found = headers.find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map_or_else(String::new, |(_, value)| {
            String::from_utf8_lossy(value).into_owned()
        })
    }
}
