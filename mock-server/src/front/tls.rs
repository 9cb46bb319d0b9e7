//! HTTPS with certificates that are made when a host is first asked for.

use std::{
    collections::HashMap,
    fmt,
    path::PathBuf,
    sync::{Arc, OnceLock},
};

use parking_lot::Mutex;
use rustls::{
    ServerConfig,
    crypto::ring,
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

use super::{ca::LocalCa, duplex::Duplex};
use crate::features::MissingFeature;

/// Certificates that are remembered; hosts beyond these are made anew.
const REMEMBERED: usize = 1000;

/// The TLS side of a server. A cheap handle; nothing is made before the first use.
#[derive(Clone, Debug)]
pub(crate) struct Tls(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Where the authority is kept; only in memory if `None`.
    directory: Option<PathBuf>,
    made: OnceLock<Result<Made, String>>,
}

#[derive(Clone)]
struct Made {
    ca: Arc<LocalCa>,
    acceptor: TlsAcceptor,
}

impl Tls {
    pub(crate) fn new(directory: Option<PathBuf>) -> Self {
        Self(Arc::new(Inner {
            directory,
            made: OnceLock::new(),
        }))
    }

    /// The authority.
    pub(crate) fn ca(&self) -> Result<Arc<LocalCa>, String> {
        self.made().map(|made| Arc::clone(&made.ca))
    }

    /// Whether this build has TLS.
    pub(crate) fn check_support() -> Result<(), MissingFeature> {
        Ok(())
    }

    /// Agrees with a client on TLS.
    ///
    /// # Errors
    /// Why it did not, in a sentence without its full stop.
    pub(super) async fn accept<S: Duplex>(&self, stream: S) -> Result<impl Duplex, String> {
        let made = self
            .made()
            .map_err(|error| format!("HTTPS cannot be served: {error}"))?;
        made.acceptor.accept(stream).await.map_err(|error| {
            format!(
                "a TLS handshake failed: {error}; a client that does not trust the local CA needs \
                 what `upyun-mock ca` prints"
            )
        })
    }

    fn made(&self) -> Result<&Made, String> {
        let made = self.0.made.get_or_init(|| {
            let ca = match &self.0.directory {
                Some(directory) => {
                    LocalCa::in_directory(directory).map_err(|error| error.to_string())
                }
                None => LocalCa::new().map_err(|error| error.to_string()),
            };
            let ca = Arc::new(ca.map_err(|error| format!("the local CA cannot be had: {error}"))?);
            let resolver = Resolver {
                ca: Arc::clone(&ca),
                known: Mutex::default(),
            };
            let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map_err(|error| error.to_string())?;
            let mut config = config
                .with_no_client_auth()
                .with_cert_resolver(Arc::new(resolver));
            config.alpn_protocols = vec![b"http/1.1".to_vec()];
            Ok(Made {
                ca,
                acceptor: TlsAcceptor::from(Arc::new(config)),
            })
        });
        made.as_ref().map_err(String::clone)
    }
}

impl fmt::Debug for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Made").finish_non_exhaustive()
    }
}

impl<S: Duplex> Duplex for TlsStream<S> {
    fn reset_at_end(&self) {
        self.get_ref().0.reset_at_end();
    }
}

/// Chooses a certificate by the name that the client asks for.
#[derive(Debug)]
struct Resolver {
    ca: Arc<LocalCa>,
    known: Mutex<HashMap<Option<String>, Arc<CertifiedKey>>>,
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name().map(str::to_ascii_lowercase);
        let mut known = self.known.lock();
        if let Some(found) = known.get(&name) {
            return Some(Arc::clone(found));
        }
        let made = self.ca.leaf(name.as_deref()).ok().and_then(|leaf| {
            let key = ring::sign::any_supported_type(&leaf.key).ok()?;
            Some(Arc::new(CertifiedKey::new(vec![leaf.certificate], key)))
        });
        let Some(made) = made else {
            tracing::warn!(
                "a client asked for a certificate of {:?}, which is no host of the service",
                name.unwrap_or_default()
            );
            return None;
        };
        if known.len() < REMEMBERED {
            known.insert(name, Arc::clone(&made));
        }
        Some(made)
    }
}
