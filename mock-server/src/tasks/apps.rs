//! Which app carries out a task.

use super::{
    archive, audit, fetch,
    job::Job,
    naga,
    outcome::{Failure, Success},
    pictures,
};
use crate::features::MissingFeature;

/// What `app_name` may be; absent or empty it means the first (`[choice]`: the table of apps).
pub(crate) const SUBMITTED: [&str; 8] = [
    "naga",
    "compress",
    "depress",
    "spiderman",
    "jigsaw",
    "uconvert",
    "imgaudit",
    "videoaudit",
];

/// What `apps` of a policy may name.
pub(crate) const OF_FORMS: [&str; 10] = [
    "thumb",
    "naga",
    "imgaudit",
    "videoaudit",
    "textjudge",
    "uconvert",
    "spiderman",
    "compress",
    "depress",
    "jigsaw",
];

/// The feature that an app needs and this build leaves out.
pub(crate) fn missing(app: &str) -> Option<MissingFeature> {
    let (feature, is_there) = match app {
        "compress" | "depress" => (MissingFeature::ARCHIVES, cfg!(feature = "archives")),
        "imgaudit" | "jigsaw" | "thumb" => (MissingFeature::IMAGES, cfg!(feature = "images")),
        "naga" | "videoaudit" => (MissingFeature::MEDIA, cfg!(feature = "media")),
        _ => return None,
    };
    (!is_there).then_some(feature)
}

/// Carries out a task.
pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    match &*job.entry.app {
        "naga" => naga::carry_out(job).await,
        "compress" | "depress" => archive::carry_out(job).await,
        "spiderman" => fetch::carry_out(job).await,
        "textjudge" => audit::of_object(job).await,
        "videoaudit" => audit::of_video(job).await,
        "imgaudit" | "jigsaw" | "thumb" => pictures::carry_out(job).await,
        "uconvert" => Err(Failure::unsupported(
            "upyun-mock has no converter for documents",
        )),
        other => Err(Failure::internal(format!(
            "upyun-mock does not emulate the app {other} yet"
        ))),
    }
}
