//! Media in a build without the feature `media`: everything fails.

use serde_json::Value;

use super::{
    job::Job,
    outcome::{Failure, Success},
};
use crate::{features::MissingFeature, store::Body};

pub(super) async fn carry_out(_: &Job) -> Result<Success, Failure> {
    Err(left_out())
}

pub(crate) async fn avmeta(_: &Job) -> Result<Value, Failure> {
    Err(left_out())
}

pub(crate) async fn transcode(_: &Job, _: &Body, _: &str) -> Result<Body, Failure> {
    Err(left_out())
}

/// A picture of a video.
pub(crate) struct Snapshot {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: u64,
    pub(crate) save_as: String,
}

pub(crate) async fn take_snapshot(_: &Job) -> Result<Snapshot, Failure> {
    Err(left_out())
}

/// A picture of a video, for an audit.
pub(super) struct Shot {
    pub(super) seconds: u64,
    pub(super) key: Option<String>,
}

pub(super) async fn shots(_: &Job, _: &str, _: u64) -> Result<Vec<Shot>, Failure> {
    Err(left_out())
}

fn left_out() -> Failure {
    Failure::left_out(MissingFeature::MEDIA)
}
