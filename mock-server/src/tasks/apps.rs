//! Which app carries out a task.

use super::{
    archive, audit, fetch, jigsaw,
    job::Job,
    naga,
    outcome::{Failure, Success},
    thumb,
};

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

/// Carries out a task.
pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    match &*job.entry.app {
        "naga" => naga::carry_out(job).await,
        "compress" => archive::compress::carry_out(job).await,
        "depress" => archive::depress::carry_out(job).await,
        "spiderman" => fetch::carry_out(job).await,
        "imgaudit" | "textjudge" => audit::of_object(job).await,
        "videoaudit" => audit::of_video(job).await,
        "thumb" => thumb::carry_out(job).await,
        "jigsaw" => jigsaw::carry_out(job).await,
        "uconvert" => Err(Failure::unsupported(
            "upyun-mock has no converter for documents",
        )),
        other => Err(Failure::internal(format!(
            "upyun-mock does not emulate the app {other} yet"
        ))),
    }
}
