//! A request, signed unless told otherwise.

use std::time::SystemTime;

use upyun_test_kit::Refusal;

use super::{Answer, Api, Connection};
use crate::{context::Context, failure::Failure, target::Operator};

/// A request to the target.
///
/// It is what a careful client sends: Host, Date, the signature over what is there, Content-Length
/// for bodies. Each of these can be changed or left out.
#[derive(Clone, Debug)]
#[must_use]
pub struct Request {
    cx: Context,
    api: Api,
    inner: upyun_test_kit::Request,
}

impl Request {
    pub(crate) fn new(cx: &Context, method: &str, target: String) -> Self {
        let operator = cx.operator();
        let inner = upyun_test_kit::Request::new(method, &target);
        Self {
            cx: cx.clone(),
            api: Api::Storage,
            inner: inner
                .host(Api::Storage.host())
                .by(&operator.name, &operator.password),
        }
    }

    fn map(
        mut self,
        change: impl FnOnce(upyun_test_kit::Request) -> upyun_test_kit::Request,
    ) -> Self {
        self.inner = change(self.inner);
        self
    }

    /// To another API.
    pub fn to(mut self, api: Api) -> Self {
        self.inner = self.inner.host(api.host());
        self.api = api;
        self
    }

    /// With this query, without its `?`.
    pub fn query(self, query: &str) -> Self {
        self.map(|inner| inner.query(query))
    }

    /// With one more header.
    pub fn header(self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.map(|inner| inner.header(name, value))
    }

    /// With this body.
    pub fn body(self, body: impl AsRef<[u8]>) -> Self {
        self.map(|inner| inner.body(body))
    }

    /// With the body in one chunk, and no length.
    pub fn chunked(self, body: impl AsRef<[u8]>) -> Self {
        self.map(|inner| inner.chunked(body))
    }

    /// Signed by another operator.
    pub fn by(self, operator: &Operator) -> Self {
        self.map(|inner| inner.by(&operator.name, &operator.password))
    }

    /// Without Date and Authorization.
    pub fn unsigned(self) -> Self {
        self.map(upyun_test_kit::Request::unsigned)
    }

    /// Signed over this text instead of the request's path and query.
    pub fn signed_over(self, uri: impl Into<String>) -> Self {
        self.map(|inner| inner.signed_over(uri))
    }

    /// Signed at another time.
    pub fn at(self, time: SystemTime) -> Self {
        self.map(|inner| inner.at(time))
    }

    /// With this text as its date, whatever it is.
    pub fn dated(self, date: impl Into<String>) -> Self {
        self.map(|inner| inner.dated(date))
    }

    /// Without Content-Length.
    pub fn without_length(self) -> Self {
        self.map(upyun_test_kit::Request::without_length)
    }

    /// The bytes on the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        let inner = self.inner.clone();
        inner.at_unless_dated(self.cx.now()).to_bytes()
    }

    /// Sends it on a connection of its own.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn send(self) -> Result<Answer, Failure> {
        let mut connection = Connection::open(&self.cx, &self.api).await?;
        connection.write(self.to_bytes()).await?;
        connection.answer(self.inner.method()).await
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
    pub async fn refused(self, refusal: Refusal) -> Result<Answer, Failure> {
        let cx = self.cx.clone();
        let reads = matches!(self.inner.method(), "GET" | "HEAD" | "OPTIONS");
        let before = if reads {
            None
        } else {
            Some(cx.snapshot().await?)
        };
        let answer = self.send().await?;
        answer.is_refusal(refusal)?;
        if let Some(before) = before {
            let after = cx.snapshot().await?;
            before.is_unchanged(&after)?;
        }
        Ok(answer)
    }
}
