//! Zip archives in a build without the feature `archives`.

use super::{
    job::Job,
    outcome::{Failure, Success},
};
use crate::features::MissingFeature;

/// Fails.
pub(super) async fn carry_out(_: &Job) -> Result<Success, Failure> {
    Err(Failure::left_out(MissingFeature::ARCHIVES))
}
