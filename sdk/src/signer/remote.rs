//! Signing by a server of one's own, so that no client holds the password.

use std::time::Duration;

use serde::Serialize;

use super::{SignFuture, SignRequest, Signer};
use crate::{
    client::http,
    error::{BoxError, Error, Result},
};

/// The longest answer that could be a header value.
const MAX_ANSWER_BYTES: usize = 4096;

/// Asks a signing server for every signature.
///
/// The protocol is that of the Python SDK's `auth_server`: a POST of JSON with `username`, `method`,
/// `uri`, `date`, `content_md5` and `policy`; the answer's body is the header value. The example
/// `signing_server` of this crate is such a server.
///
/// ```no_run
/// use upyun_client::{Client, RemoteSigner};
///
/// let signer = RemoteSigner::new("https://sign.example.com/upyun")?;
/// let client = Client::builder("demo", "operator", signer).build()?;
/// # Ok::<(), upyun_client::Error>(())
/// ```
#[doc(alias = "auth_server")]
#[derive(Clone, Debug)]
pub struct RemoteSigner {
    url: reqwest::Url,
    http: reqwest::Client,
    timeout: Duration,
}

#[derive(Serialize)]
struct Question<'a> {
    username: &'a str,
    /// The Python SDK has the member; servers ignore it.
    password: Option<&'a str>,
    method: &'a str,
    uri: &'a str,
    date: &'a str,
    content_md5: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<&'a str>,
}

impl RemoteSigner {
    /// With the server's address, path and query included.
    ///
    /// # Errors
    /// Kind Invalid if that is not a URL of http or https.
    pub fn new(url: &str) -> Result<Self> {
        let url = reqwest::Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
            .ok_or_else(|| Error::invalid(format!("`{url}` is not the URL of a signing server")))?;
        let http = http::build(http::is_loopback(&url), Duration::from_secs(10))?;
        Ok(Self {
            url,
            http,
            timeout: Duration::from_secs(30),
        })
    }

    /// How long an answer may take: 30 seconds unless set.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// The connections to use; for a server that asks for headers or certificates of its own.
    #[must_use]
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = http;
        self
    }

    async fn ask(&self, request: SignRequest<'_>) -> std::result::Result<String, BoxError> {
        let question = serde_json::to_vec(&Question {
            username: request.operator,
            password: None,
            method: request.method,
            uri: request.uri,
            date: request.date,
            content_md5: request.content_md5,
            policy: request.policy,
        })?;
        let mut answer = self
            .http
            .post(self.url.clone())
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .timeout(self.timeout)
            .body(question)
            .send()
            .await
            .map_err(reqwest::Error::without_url)?;
        let status = answer.status();
        if status != reqwest::StatusCode::OK {
            return Err(format!("the signing server answered {status}").into());
        }
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await? {
            body.extend_from_slice(&chunk);
            if body.len() > MAX_ANSWER_BYTES {
                return Err("the signing server's answer is too long for a header".into());
            }
        }
        let value = String::from_utf8(body)?;
        if value.trim().is_empty() {
            let operator = request.operator;
            return Err(format!(
                "the signing server's answer is empty: it does not sign for operator `{operator}`"
            )
            .into());
        }
        Ok(value)
    }
}

impl Signer for RemoteSigner {
    fn sign<'a>(&'a self, request: SignRequest<'a>) -> SignFuture<'a> {
        Box::pin(self.ask(request))
    }
}
