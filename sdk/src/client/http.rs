//! The HTTP library, set up.

use std::{net::IpAddr, time::Duration};

use reqwest::{Client, Url, redirect};

use super::tls;
use crate::error::{Error, Result};

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
