//! Pictures on access domains in a build without the feature `images`.

use axum::response::Response;
use http::request::Parts;

use crate::{
    accounts::Service,
    api::{app::App, trace::Trace},
    features::MissingFeature,
    refusal::Refusal,
    store::{self, Object},
};

/// Refuses to change the picture or to answer questions about it.
pub(super) async fn serve(
    _: &App,
    _: &Parts,
    _: (&Service, &store::Service),
    _: Object,
    _: &str,
    _: &Trace,
) -> Result<Response, Refusal> {
    Err(Refusal::without_feature(MissingFeature::IMAGES))
}
