//! Pictures in a build without the feature `images`.

use super::{Processed, Requested};
use crate::{
    accounts,
    api::app::App,
    features::MissingFeature,
    refusal::Refusal,
    store::{Body, Service},
};

/// Refuses a parameter that is neither a text nor a number, as it would any other.
pub(in crate::api) fn not_a_text(_: &str, _: &str) -> Option<Refusal> {
    Some(missing())
}

/// Refuses a file where a policy limits width or height.
pub(in crate::api) fn without_size() -> Refusal {
    missing()
}

/// Refuses to process a body.
pub(super) async fn process(
    _: &App,
    _: &accounts::Service,
    _: &Service,
    _: Body,
    _: &Requested,
) -> Result<Processed, Refusal> {
    Err(missing())
}

fn missing() -> Refusal {
    Refusal::without_feature(MissingFeature::IMAGES)
}
