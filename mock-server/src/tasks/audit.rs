//! imgaudit, videoaudit and textjudge: verdicts, which a test decides.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    job::Job,
    naga,
    outcome::{Failure, Success},
};
use crate::image;

/// The largest picture.
const MAX_IMAGE_BYTES: u64 = 10 * 1024 * 1024;
/// Seconds between two shots of a video.
const DEFAULT_INTERVAL: u64 = 10;

/// What the audit apps say of everything that they are shown.
///
/// Until a test says otherwise: label 0 (nothing wrong), with a probability of 0.99, and no person
/// needs to look at it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// 0 normal; what the other numbers mean depends on the app.
    pub label: u8,
    /// The probability of the label, 0 to 1.
    pub rate: f64,
    /// Whether a person should look at it.
    pub review: bool,
}

impl Default for Verdict {
    fn default() -> Self {
        Self {
            label: 0,
            rate: 0.99,
            review: false,
        }
    }
}

/// The verdict on a picture or a text.
pub(super) async fn of_object(job: &Job) -> Result<Success, Failure> {
    let (key, object) = job.open(source(job)?).await?;
    let is_text = job.entry.app == "textjudge";
    if object.info().size > MAX_IMAGE_BYTES {
        return Err(Failure::unsupported(format!(
            "{key} is larger than {MAX_IMAGE_BYTES} bytes"
        )));
    }
    if !is_text && image::facts_of_file(object.into_file()).await.is_none() {
        return Err(Failure::not_an_image(format!("{key} is no picture")));
    }
    let kind = if is_text { "text" } else { "porn" };
    Ok(Success::default().with("result", result(job, kind)))
}

/// The verdict on a video, and on a shot every few seconds.
pub(super) async fn of_video(job: &Job) -> Result<Success, Failure> {
    let interval = match job.parameters().get("interval") {
        None => Some(DEFAULT_INTERVAL),
        Some(Value::String(text)) => text.parse().ok(),
        Some(value) => value.as_u64(),
    };
    let interval = interval.filter(|it| *it > 0);
    let interval = interval
        .ok_or_else(|| Failure::bad_parameter("interval is a whole number of seconds from 1"))?;
    let shots = naga::shots(job, source(job)?, interval).await?;
    let shots = shots.into_iter().map(|shot| {
        let mut entry = json!({ "result": result(job, "porn"), "shot_time": shot.seconds });
        if let Some(key) = shot.key {
            entry["save_as"] = key.into();
        }
        entry
    });
    let shots: Vec<Value> = shots.collect();
    Ok(Success::default()
        .with("result", result(job, "porn"))
        .with("filelist", shots))
}

fn source(job: &Job) -> Result<&str, Failure> {
    Some(&*job.entry.source)
        .filter(|it| !it.is_empty())
        .ok_or_else(|| Failure::malformed("the task has no source"))
}

fn result(job: &Job, kind: &str) -> Value {
    json!({ kind: *job.world.verdict.lock() })
}
