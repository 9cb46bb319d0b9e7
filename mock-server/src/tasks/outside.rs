//! Requests of the server's own: to programs on this machine, and with `--egress` to anybody.

use std::{error::Error as _, fmt::Write as _, net::SocketAddr, sync::Arc, time::Duration};

use reqwest::{
    Client, ClientBuilder, RequestBuilder, Response, Url,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect,
};
use rustls::{
    ClientConfig, DigitallySignedStruct, SignatureScheme,
    client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    crypto::{CryptoProvider, ring},
    pki_types::{CertificateDer, ServerName, UnixTime},
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

/// Sends requests as far as they may go; redirects are not followed. A cheap handle.
///
/// Certificates are not checked: what a test serves by HTTPS is rarely signed by anybody.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    client: Client,
    egress: Egress,
}

/// What all clients of ours share: no redirects, no proxies, no check of certificates.
fn plain() -> ClientBuilder {
    let provider = Arc::new(ring::default_provider());
    let tls = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("the provider knows the versions that rustls calls safe")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Trusting(provider)))
        .with_no_client_auth();
    Client::builder()
        .tls_backend_preconfigured(tls)
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
    pub(crate) fn new(egress: Egress) -> Self {
        let client = plain()
            .pool_max_idle_per_host(0)
            .dns_resolver(Arc::new(Resolver(egress)))
            .build()
            .expect("every setting is a constant");
        Self { client, egress }
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
        let host = parsed.host_str().unwrap_or_default().to_owned();
        // The client would resolve names by itself, but not tell why it did not.
        resolve(&host, self.egress).await?;
        let sent = make(&self.client, parsed).send().await;
        sent.map_err(|error| format!("{host} cannot be asked: {}", in_words(&error)))
    }
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

/// The addresses of a host that may be reached.
async fn resolve(host: &str, egress: Egress) -> Result<Vec<SocketAddr>, String> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let addresses = tokio::net::lookup_host((bare, 0))
        .await
        .map_err(|error| format!("the host {host} is not known: {error}"))?;
    let may_be_reached =
        |address: &SocketAddr| egress == Egress::Open || address.ip().to_canonical().is_loopback();
    let addresses: Vec<_> = addresses.filter(may_be_reached).collect();
    match addresses.is_empty() {
        false => Ok(addresses),
        true => Err(format!(
            "{host} is not this machine; start the server with --egress to reach others"
        )),
    }
}

struct Resolver(Egress);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let egress = self.0;
        Box::pin(async move {
            let addresses = resolve(name.as_str(), egress).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Takes every certificate; signatures of the handshake are checked all the same.
#[derive(Debug)]
struct Trusting(Arc<CryptoProvider>);

impl ServerCertVerifier for Trusting {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
