//! Settings of a client.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use reqwest::header::HeaderValue;

use super::{
    Client, Inner, RetryPolicy,
    endpoint::{Choice, Endpoint},
    http::Connections,
};
use crate::{
    error::{Error, Result},
    protocol::ServiceName,
    signer::Credential,
};

/// Settings of a [`Client`]; mistakes wait until [`build`](Self::build).
///
/// ```
/// use std::time::Duration;
/// use upyun_client::{Client, Endpoint, RetryPolicy, protocol::PasswordMd5};
///
/// let password = PasswordMd5::from_hex("5f4dcc3b5aa765d61d8327deb882cf99").unwrap();
/// let client = Client::builder("demo", "operator", password)
///     .endpoint(Endpoint::url("http://127.0.0.1:8390"))
///     .timeout(Duration::from_secs(20))
///     .retry(RetryPolicy::none())
///     .build()?;
/// # Ok::<(), upyun_client::Error>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClientBuilder {
    service: String,
    operator: String,
    credential: Credential,
    endpoints: Choice,
    timeout: Duration,
    connect_timeout: Duration,
    user_agent: String,
    http: Option<reqwest::Client>,
    retry: RetryPolicy,
    chunk_size: Option<usize>,
    now: Now,
}

/// What time it is.
#[derive(Clone)]
pub(super) struct Now(pub(super) Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl fmt::Debug for Now {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Now")
    }
}

impl ClientBuilder {
    pub(super) fn new(service: String, operator: String, credential: Credential) -> Self {
        Self {
            service,
            operator,
            credential,
            endpoints: Choice::default(),
            timeout: Duration::from_secs(60),
            connect_timeout: Duration::from_secs(10),
            user_agent: concat!("upyun-client-rust/", env!("CARGO_PKG_VERSION")).to_owned(),
            http: None,
            retry: RetryPolicy::default(),
            chunk_size: None,
            now: Now(Arc::new(SystemTime::now)),
        }
    }

    pub(super) fn from_env() -> Result<Self> {
        let var = |name: &str| {
            std::env::var(name)
                .ok()
                .filter(|value| !value.is_empty())
                .ok_or_else(|| {
                    Error::invalid(format!("the environment variable {name} is not set"))
                })
        };
        let builder = Self::new(
            var("UPYUN_SERVICE")?,
            var("UPYUN_USERNAME")?,
            var("UPYUN_PASSWORD")?.into(),
        );
        Ok(match var("UPYUN_ENDPOINT") {
            Ok(url) => builder.endpoint(Endpoint::url(url)),
            Err(_) => builder,
        })
    }

    /// Where the service is: [`Endpoint::Auto`] unless set. A custom URL serves all APIs that are
    /// not set apart.
    pub fn endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.storage = endpoint;
        self
    }

    /// Where FORM uploads go, and where the forms that [`sign_form`](Client::sign_form) signs say that
    /// they go: where [`endpoint`](Self::endpoint) is unless set.
    pub fn form_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.form = Some(endpoint);
        self
    }

    /// Where asynchronous tasks go: `p0.api.upyun.com` unless set.
    pub fn tasks_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.tasks = Some(endpoint);
        self
    }

    /// Where synchronous tasks go: `p1.api.upyun.com` unless set.
    pub fn sync_tasks_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.sync_tasks = Some(endpoint);
        self
    }

    /// Where cache refreshes go: `purge.upyun.com` unless set.
    pub fn purge_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.purge = Some(endpoint);
        self
    }

    /// Where legacy block uploads go: `m0.api.upyun.com` unless set.
    pub fn block_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.block = Some(endpoint);
        self
    }

    /// Where all access domains are asked, with their names in `Host`; each at its own host unless
    /// set. An [`endpoint`](Self::endpoint) that is an emulator gets the service's default domains
    /// without this.
    pub fn access_endpoint(mut self, endpoint: Endpoint) -> Self {
        self.endpoints.access = Some(endpoint);
        self
    }

    /// How long nothing may move before a request is given up: 60 seconds unless set.
    ///
    /// It bounds each wait, not the whole: an upload or download may take hours while it moves.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// How long a connection may take to be made: 10 seconds unless set. Without effect on an
    /// [`http_client`](Self::http_client) of one's own.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The header `User-Agent`: `upyun-client-rust/<version>` unless set.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.user_agent = user_agent.into();
        self
    }

    /// The connections to use, to share a pool or to set proxies and certificates.
    ///
    /// It should not follow redirects, decompress, or have time-outs of its own. Unless set, the
    /// client speaks HTTP/1.1, trusts what the platform trusts, and uses the proxies of the
    /// environment (`HTTPS_PROXY`, `NO_PROXY`, …), but never for this machine.
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.http = Some(http);
        self
    }

    /// How often to try: see [`RetryPolicy`] for the default.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How many bytes of a body are read and sent at a time, 256 KiB unless set; and the most that
    /// [`Download::chunk`](crate::Download::chunk) returns at a time, which is as they arrive unless
    /// set.
    #[doc(alias = "chunksize")]
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.chunk_size = Some(bytes);
        self
    }

    /// The time that requests and forms are signed with: the system's unless set.
    ///
    /// The service refuses dates that are more than 30 minutes off. This is for machines whose clock
    /// cannot be trusted, and for emulators whose clock is moved.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.now = Now(Arc::new(now));
        self
    }

    /// The client, for programs that are not asynchronous.
    ///
    /// # Errors
    /// As [`build`](Self::build), and kind Io if its thread cannot be started.
    #[cfg(feature = "blocking")]
    pub fn build_blocking(self) -> Result<crate::blocking::Client> {
        crate::blocking::Client::start(self.build()?)
    }

    /// The client.
    ///
    /// # Errors
    /// Kind Invalid if a name, an endpoint, the chunk size or the user agent cannot be one. Nothing is sent, so a
    /// wrong password shows at the first request.
    pub fn build(self) -> Result<Client> {
        let service: ServiceName = self
            .service
            .parse()
            .map_err(|error| Error::invalid(format!("{error}")))?;
        if self.operator.is_empty() || self.operator.contains([':', '\r', '\n']) {
            return Err(Error::invalid(format!(
                "`{}` cannot name an operator",
                self.operator.escape_debug()
            )));
        }
        let user_agent = HeaderValue::from_str(&self.user_agent)
            .map_err(|_| Error::invalid("the user agent cannot be a header"))?;
        let bases = self.endpoints.resolve()?;
        if self.chunk_size == Some(0) {
            return Err(Error::invalid("the chunk size is 0; it is at least 1 byte"));
        }
        let connections = match self.http {
            Some(http) => Connections::of(http),
            None => Connections::new(self.connect_timeout).reach(&bases)?,
        };
        Ok(Client(Arc::new(Inner {
            service,
            operator: self.operator,
            credential: self.credential,
            endpoints: self.endpoints,
            bases,
            connections,
            chunk_size: self.chunk_size,
            user_agent,
            timeout: self.timeout,
            retry: self.retry,
            now: self.now,
        })))
    }
}
