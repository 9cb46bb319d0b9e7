//! Tasks that change pictures, in a build without the feature `images`.

use super::{
    job::Job,
    outcome::{Failure, Success},
};
use crate::{features::MissingFeature, store::Body};

/// There is no way to change a picture.
pub(super) enum Recipe {}

/// Fails.
pub(super) async fn carry_out(_: &Job) -> Result<Success, Failure> {
    Err(Failure::left_out(MissingFeature::IMAGES))
}

impl Job {
    pub(super) fn recipe(&self, _: &str) -> Result<Recipe, Failure> {
        Err(Failure::left_out(MissingFeature::IMAGES))
    }

    pub(super) async fn develop_body(
        &self,
        _: &Body,
        recipe: Recipe,
    ) -> Result<(Body, &'static str), Failure> {
        match recipe {}
    }
}
