//! The handle that everything starts from.

pub(crate) mod answer;
mod builder;
pub(crate) mod call;
mod endpoint;
pub(crate) mod http;
mod retry;
mod tls;
mod trace;

use std::{fmt, sync::Arc, time::Duration};

pub use builder::ClientBuilder;
pub(crate) use endpoint::Base;
pub use endpoint::Endpoint;
pub use retry::RetryPolicy;

use crate::{
    error::{Error, Result},
    protocol::{Key, ServiceName, path},
    signer::Credential,
};

/// A client of one service, as one operator.
///
/// It is a handle: clones are cheap and share connections. Make one and keep it.
///
/// ```no_run
/// use upyun_client::Client;
///
/// # async fn example() -> upyun_client::Result<()> {
/// let client = Client::new("demo", "operator", "password")?;
/// client.put("/hello.txt").body("hello").send().await?;
/// let text = client.get("/hello.txt").send().await?.text().await?;
/// # Ok(())
/// # }
/// ```
///
/// Keys are texts like `/dir/a.txt`, not percent-encoded; a leading slash may be missing. A key that
/// cannot exist, and any other mistake in a request, is reported by `send` with kind
/// [`Invalid`](crate::ErrorKind::Invalid), before anything is sent.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    service: ServiceName,
    operator: String,
    credential: Credential,
    /// As they were set, which the bases were resolved from.
    endpoints: endpoint::Choice,
    bases: endpoint::Bases,
    connections: http::Connections,
    chunk_size: Option<usize>,
    user_agent: reqwest::header::HeaderValue,
    timeout: Duration,
    retry: RetryPolicy,
    now: builder::Now,
}

impl Client {
    /// A client with default settings.
    ///
    /// # Errors
    /// As [`ClientBuilder::build`].
    #[doc(alias("UpYun", "NewUpYun"))]
    pub fn new(
        service: impl Into<String>,
        operator: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> Result<Self> {
        Self::builder(service, operator, credential).build()
    }

    /// Settings for a client. The credential is a password, its
    /// [`PasswordMd5`](crate::protocol::PasswordMd5), a [`RemoteSigner`](crate::RemoteSigner) or
    /// another signer.
    pub fn builder(
        service: impl Into<String>,
        operator: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> ClientBuilder {
        ClientBuilder::new(service.into(), operator.into(), credential.into())
    }

    /// A client from `UPYUN_SERVICE`, `UPYUN_USERNAME`, `UPYUN_PASSWORD` and, if set,
    /// `UPYUN_ENDPOINT`: a URL like `http://127.0.0.1:8390`, or a host.
    ///
    /// # Errors
    /// Kind Invalid if a variable is missing, or as [`ClientBuilder::build`].
    pub fn from_env() -> Result<Self> {
        ClientBuilder::from_env()?.build()
    }

    /// The service that this client is for.
    pub fn service(&self) -> &ServiceName {
        &self.0.service
    }

    /// The operator that requests are signed for.
    pub fn operator(&self) -> &str {
        &self.0.operator
    }

    /// A client like this one, whose storage API is elsewhere, as
    /// [`ClientBuilder::endpoint`] says; what was set apart stays. It shares the connections.
    ///
    /// ```
    /// use std::time::Duration;
    /// use upyun_client::{Client, Endpoint};
    ///
    /// let client = Client::new("demo", "operator", "password")?;
    /// let patient = client
    ///     .with_endpoint(Endpoint::Telecom)?
    ///     .with_timeout(Duration::from_secs(300));
    /// # Ok::<(), upyun_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// Kind Invalid if the endpoint cannot be one.
    #[doc(alias = "set_endpoint")]
    pub fn with_endpoint(&self, endpoint: Endpoint) -> Result<Self> {
        let mut inner = Inner::clone(&self.0);
        inner.endpoints.storage = endpoint;
        inner.bases = inner.endpoints.resolve()?;
        inner.connections = inner.connections.reach(&inner.bases)?;
        Ok(Self(Arc::new(inner)))
    }

    /// A client like this one, with another [`timeout`](ClientBuilder::timeout). It shares the
    /// connections.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut inner = Inner::clone(&self.0);
        inner.timeout = timeout;
        Self(Arc::new(inner))
    }

    /// A client like this one, with another [retry policy](ClientBuilder::retry). It shares the
    /// connections.
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        let mut inner = Inner::clone(&self.0);
        inner.retry = policy;
        Self(Arc::new(inner))
    }

    /// A client like this one, whose requests another credential of the same operator signs: a
    /// password, or a signer. It shares the connections.
    #[doc(alias = "auth_server")]
    #[must_use]
    pub fn with_signer(&self, signer: impl Into<Credential>) -> Self {
        let mut inner = Inner::clone(&self.0);
        inner.credential = signer.into();
        Self(Arc::new(inner))
    }

    /// The time to sign with.
    pub(crate) fn now(&self) -> std::time::SystemTime {
        (self.0.now.0)()
    }

    pub(crate) fn credential(&self) -> &Credential {
        &self.0.credential
    }

    /// The URL of a FORM upload.
    pub(crate) fn form_url(&self, uri: &str) -> Result<reqwest::Url> {
        self.0.bases.form().url(uri, uri)
    }

    /// How many bytes of a body are read and sent at a time.
    pub(crate) fn chunk_bytes(&self) -> usize {
        self.0.chunk_size.unwrap_or(crate::body::CHUNK_BYTES)
    }

    /// What requests to an access domain go to, and the `Host` if that is another.
    pub(crate) fn access_base(&self, domain: &str) -> Result<(Base, Option<String>)> {
        self.0.bases.of_access_domain(domain)
    }

    /// `/<service>/<key>`, encoded.
    pub(crate) fn uri(&self, target: &Target) -> String {
        let mut uri = path::of(&self.0.service, &target.key);
        if target.has_slash && !target.key.is_root() {
            uri.push('/');
        }
        uri
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("service", &self.0.service)
            .field("operator", &self.0.operator)
            .field("credential", &self.0.credential)
            .field("bases", &self.0.bases)
            .finish_non_exhaustive()
    }
}

/// A key as the caller wrote it: the trailing slash, which a [`Key`] has not, says that a folder is
/// meant.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) key: Key,
    pub(crate) has_slash: bool,
}

impl Target {
    /// A file or a folder.
    pub(crate) fn any(text: &str) -> Result<Self> {
        let key = Key::parse(text)
            .map_err(|error| Error::invalid(format!("`{}`: {error}", text.escape_debug())))?;
        Ok(Self {
            key,
            has_slash: text.ends_with('/'),
        })
    }

    /// A file, which neither is the root nor ends in a slash.
    pub(crate) fn file(text: &str) -> Result<Self> {
        let target = Self::any(text)?;
        if target.key.is_root() || target.has_slash {
            return Err(Error::invalid(format!(
                "`{text}` names a folder where a file is meant"
            )));
        }
        Ok(target)
    }

    /// A folder, with its slash.
    pub(crate) fn folder(text: &str) -> Result<Self> {
        let mut target = Self::any(text)?;
        target.has_slash = true;
        Ok(target)
    }
}
