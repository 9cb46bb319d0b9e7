//! The HTTP library, set up.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, Url, redirect};

use super::{endpoint::Bases, tls};
use crate::{
    error::{Error, Result},
    protocol::host::Api,
};

/// The connections of a client and of all that are derived from it.
#[derive(Clone)]
pub(super) struct Connections {
    connect_timeout: Duration,
    /// For this machine, without proxies.
    local: Option<Client>,
    /// For the rest.
    remote: Option<Client>,
}

impl Connections {
    /// Those of the caller's, for everything.
    pub(super) fn of(http: Client) -> Self {
        Self {
            connect_timeout: Duration::ZERO,
            local: Some(http.clone()),
            remote: Some(http),
        }
    }

    pub(super) fn new(connect_timeout: Duration) -> Self {
        Self {
            connect_timeout,
            local: None,
            remote: None,
        }
    }

    /// With what these endpoints need; most clients need only one of the two.
    pub(super) fn reach(mut self, bases: &Bases) -> Result<Self> {
        let apis = [
            Api::Storage,
            Api::Tasks,
            Api::SyncTasks,
            Api::Purge,
            Api::Block,
        ];
        let apis = apis.iter().map(|api| bases.of(*api));
        for base in apis.chain([bases.form()]).chain(bases.access()) {
            let is_local = Url::parse(base.as_str()).is_ok_and(|url| is_loopback(&url));
            let client = if is_local {
                &mut self.local
            } else {
                &mut self.remote
            };
            if client.is_none() {
                *client = Some(build(is_local, self.connect_timeout)?);
            }
        }
        Ok(self)
    }

    pub(super) fn to(&self, url: &Url) -> Result<&Client> {
        let (first, second) = if is_loopback(url) {
            (&self.local, &self.remote)
        } else {
            (&self.remote, &self.local)
        };
        first
            .as_ref()
            .or(second.as_ref())
            .ok_or_else(|| Error::invalid("internal error: the client has no connections"))
    }
}

/// HTTP/1.1, no redirects, no decompression; the proxies of the environment except for loopback.
pub(crate) fn build(is_loopback: bool, connect_timeout: Duration) -> Result<Client> {
    let mut builder = Client::builder()
        .tls_backend_preconfigured(tls::config()?)
        .http1_only()
        .redirect(redirect::Policy::none())
        .referer(false)
        .tcp_nodelay(true)
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(Duration::from_secs(30));
    if is_loopback {
        builder = builder.no_proxy();
    }
    builder
        .build()
        .map_err(|error| Error::invalid("the HTTP client cannot be set up").with_source(error))
}

/// Whether a URL means this machine, which no proxy should be asked for.
pub(crate) fn is_loopback(url: &Url) -> bool {
    let Some(host) = url.host_str() else {
        return false;
    };
    let host = host.trim_matches(['[', ']']);
    match host.parse::<IpAddr>() {
        Ok(ip) => ip.is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}
