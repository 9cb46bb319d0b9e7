//! Requests of the server's own: to programs on this machine, and with `--egress` to anybody.

#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "outside/no_tls.rs"]
mod tls;

use std::{
    error::Error as _,
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket},
    sync::Arc,
    time::Duration,
};

use reqwest::{
    Client, ClientBuilder, RequestBuilder, Response, Url,
    dns::{Name, Resolve, Resolving},
    redirect,
};

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Where requests of the server may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Egress {
    /// This machine only.
    Loopback,
    /// Anywhere.
    Open,
}

/// Sends requests as far as they may go, and never to the server itself; redirects are not
/// followed. A cheap handle.
///
/// Certificates are not checked: what a test serves by HTTPS is rarely signed by anybody.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    egress: Egress,
    /// The addresses that the server listens on.
    own: Arc<[SocketAddr]>,
}

/// What all clients of ours share: no redirects, no proxies, no check of certificates.
fn plain() -> ClientBuilder {
    tls::trusting(Client::builder())
        .redirect(redirect::Policy::none())
        .no_proxy()
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("upyun-mock/", env!("CARGO_PKG_VERSION")))
}

/// A client for another server of ours.
pub(crate) fn plain_client() -> reqwest::Result<Client> {
    plain().build()
}

impl Outside {
    pub(crate) fn new(egress: Egress, own: &[SocketAddr]) -> Self {
        let own = own.into();
        Self { egress, own }
    }

    /// Sends a request that `make` begins, if its URL may be reached; what went wrong is said in a
    /// sentence without its full stop.
    pub(crate) async fn send(
        &self,
        url: &str,
        make: impl FnOnce(&Client, Url) -> RequestBuilder,
    ) -> Result<Response, String> {
        let parsed = Url::parse(url).map_err(|error| format!("{url:?} is no URL: {error}"))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(format!("{url:?} is neither an http nor an https URL"));
        }
        if parsed.scheme() == "https" {
            tls::check_support().map_err(|missing| format!("{url:?} needs TLS: {missing}"))?;
        }
        let host = parsed.host_str().unwrap_or_default().to_owned();
        let port = parsed.port_or_known_default().unwrap_or_default();
        let addresses = self.addresses(&host, port).await?;
        // The addresses that were checked are those that are connected to.
        let client = plain()
            .dns_resolver(Arc::new(NoLookup))
            .resolve_to_addrs(&host, &addresses)
            .pool_max_idle_per_host(0)
            .build()
            .map_err(|error| in_words(&error))?;
        let sent = make(&client, parsed).send().await;
        sent.map_err(|error| format!("{host} cannot be asked: {}", in_words(&error)))
    }

    /// The addresses of a host, if all may be reached.
    async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, String> {
        let addresses = resolve(host, port, self.egress).await?;
        let is_loopback = |address: &SocketAddr| address.ip().to_canonical().is_loopback();
        if self.egress == Egress::Loopback && !addresses.iter().all(is_loopback) {
            return Err(no_egress(host));
        }
        match addresses.iter().any(|address| self.is_own(address)) {
            true => Err(format!(
                "{host}:{port} is upyun-mock itself, which sends no requests to itself; name \
                 another server"
            )),
            false => Ok(addresses),
        }
    }

    /// Whether a connection to this address reaches the server.
    fn is_own(&self, address: &SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        self.own.iter().any(|own| {
            let own_ip = own.ip().to_canonical();
            own.port() == address.port()
                && (own_ip == ip
                    || ip.is_unspecified()
                    || own_ip.is_unspecified() && is_of_this_machine(ip))
        })
    }
}

/// Whether an address belongs to an interface of this machine.
fn is_of_this_machine(ip: IpAddr) -> bool {
    // Only such addresses can be bound.
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

/// An error with all its causes.
pub(crate) fn in_words(error: &reqwest::Error) -> String {
    let mut text = String::new();
    let mut source = error.source();
    while let Some(cause) = source {
        let separator = if text.is_empty() { "" } else { ": " };
        // A string takes any text.
        let _ = write!(text, "{separator}{cause}");
        source = cause.source();
    }
    if text.is_empty() {
        text = error.to_string();
    }
    text
}

/// The addresses of a host. Without egress no name is looked up: a query would leave the machine.
async fn resolve(host: &str, port: u16, egress: Egress) -> Result<Vec<SocketAddr>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let name = bare.trim_end_matches('.');
    if name == "localhost" || name.ends_with(".localhost") {
        let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        return Ok(loopback.map(|ip| SocketAddr::new(ip, port)).into());
    }
    if egress == Egress::Loopback {
        return Err(no_egress(host));
    }
    let addresses = tokio::net::lookup_host((bare, port)).await;
    let addresses = addresses.map_err(|error| format!("the host {host} is not known: {error}"))?;
    Ok(addresses.collect())
}

fn no_egress(host: &str) -> String {
    format!("{host} is not this machine; start the server with --egress to reach others")
}

/// Resolves nothing: every name was resolved and checked before.
struct NoLookup;

impl Resolve for NoLookup {
    fn resolve(&self, name: Name) -> Resolving {
        let why = format!("{} was not resolved before", name.as_str());
        Box::pin(async move { Err(why.into()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn reached(outside: &Outside, url: &str) -> Result<Vec<SocketAddr>, String> {
        let url = Url::parse(url).unwrap();
        let port = url.port_or_known_default().unwrap();
        outside.addresses(url.host_str().unwrap(), port).await
    }

    #[track_caller]
    fn check(outside: &Outside, url: &str, why: &str) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let refused = runtime.block_on(reached(outside, url)).unwrap_err();
        assert!(refused.contains(why), "{url}: {refused}");
    }

    #[test]
    fn the_server_itself_is_never_reached() {
        for (own, egress) in [
            ("127.0.0.1:80", Egress::Loopback),
            ("0.0.0.0:80", Egress::Open),
            ("[::]:80", Egress::Open),
        ] {
            let outside = Outside::new(egress, &[own.parse().unwrap()]);
            for host in [
                "127.0.0.1",
                "127.1",
                "2130706433",
                "0x7f000001",
                "017700000001",
                "[::ffff:127.0.0.1]",
                "[::ffff:7f00:1]",
                "localhost",
                "LOCALHOST.",
                "a.localhost",
            ] {
                check(&outside, &format!("http://{host}/_mock/state"), "itself");
            }
        }
        let everywhere = Outside::new(Egress::Open, &["[::]:80".parse().unwrap()]);
        for host in [
            "0.0.0.0",
            "0",
            "[::]",
            "[::1]",
            "[::ffff:0.0.0.0]",
            "127.9.9.9",
        ] {
            check(&everywhere, &format!("http://{host}/"), "itself");
        }
        let loopback = Outside::new(Egress::Open, &["127.0.0.1:80".parse().unwrap()]);
        check(&loopback, "http://0.0.0.0/", "itself");
        check(&loopback, "http://[::]/", "itself");
    }

    #[tokio::test]
    async fn other_servers_of_this_machine_are_reached() {
        let outside = Outside::new(Egress::Loopback, &["127.0.0.1:80".parse().unwrap()]);
        for url in [
            "http://127.0.0.1:81/",
            "https://localhost/",
            "http://[::1]/",
        ] {
            assert!(reached(&outside, url).await.is_ok(), "{url}");
        }
    }

    #[test]
    fn without_egress_no_name_is_looked_up() {
        let outside = Outside::new(Egress::Loopback, &[]);
        for host in [
            "example.com",
            "notlocalhost",
            "localhost.example.com",
            "0.0.0.0",
            "192.0.2.1",
        ] {
            check(&outside, &format!("http://{host}/"), "--egress");
        }
    }
}
