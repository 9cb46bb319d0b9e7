//! TLS in a build without the feature `tls`: there is none.

use std::{convert::Infallible, path::PathBuf, sync::Arc};

use super::duplex::Duplex;
use crate::features::MissingFeature;

/// The TLS side of a server.
#[derive(Clone, Debug)]
pub(crate) struct Tls;

/// An authority, which cannot be made.
pub(crate) struct LocalCa(Infallible);

impl LocalCa {
    pub(crate) fn pem(&self) -> &str {
        match self.0 {}
    }
}

impl Tls {
    pub(crate) fn new(_: Option<PathBuf>) -> Self {
        Self
    }

    /// Whether this build has TLS.
    pub(crate) fn check_support() -> Result<(), MissingFeature> {
        Err(MissingFeature::TLS)
    }

    /// The authority, which there is not.
    pub(crate) fn ca(&self) -> Result<Arc<LocalCa>, String> {
        Err(MissingFeature::TLS.to_string())
    }

    /// Ends the connection: only TLS could say more to the client.
    ///
    /// # Errors
    /// Always, with the reason.
    pub(super) async fn accept<S: Duplex>(&self, _: S) -> Result<S, String> {
        Err(format!(
            "a TLS handshake cannot be answered: {}",
            MissingFeature::TLS
        ))
    }
}
