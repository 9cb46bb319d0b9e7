//! HTTPS in a build without the feature `tls`: there is none.

use reqwest::ClientBuilder;

use crate::features::MissingFeature;

/// Whether https URLs can be asked for.
pub(super) fn check_support() -> Result<(), MissingFeature> {
    Err(MissingFeature::TLS)
}

/// The client as it is.
pub(super) fn trusting(client: ClientBuilder) -> ClientBuilder {
    client
}
