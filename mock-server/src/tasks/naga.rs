//! naga: media, by ffmpeg.
//!
//! A task is one step, or a chain of them. Each step reads what the one before made, and the files
//! of the last get keys. All work is done in a directory of the task's own, under names that do not
//! come from outside; sources are lent there, so that what happens to their keys does not matter.

mod audio;
mod avopts;
mod concat;
mod container;
mod media;
mod options;
mod output;
mod source;
mod thumbnail;
mod video;

use serde_json::{Map, Value};

pub(super) use self::thumbnail::shots;
pub(crate) use self::{audio::transcode, thumbnail::take_snapshot};
use self::{
    avopts::Pair,
    media::Media,
    options::Options,
    output::{Made, Target},
};
use super::{
    ffmpeg::Span,
    job::Job,
    outcome::{Failure, Success},
};
use crate::store::Attributes;

/// The most steps of a chain.
const MAX_STEPS: usize = 4;

/// The types of media tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Video,
    Nbhd,
    Hls,
    Thumbnail,
    Audio,
    Vconcat,
    Aconcat,
    Probe,
    Chain,
}

impl Kind {
    const ALL: [Self; 9] = [
        Self::Video,
        Self::Nbhd,
        Self::Hls,
        Self::Thumbnail,
        Self::Audio,
        Self::Vconcat,
        Self::Aconcat,
        Self::Probe,
        Self::Chain,
    ];

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    fn name(self) -> &'static str {
        match self {
            Self::Video => "video",
            Self::Nbhd => "nbhd",
            Self::Hls => "hls",
            Self::Thumbnail => "thumbnail",
            Self::Audio => "audio",
            Self::Vconcat => "vconcat",
            Self::Aconcat => "aconcat",
            Self::Probe => "probe",
            Self::Chain => "chain",
        }
    }

    /// The parameters that it has.
    fn keys(self) -> &'static [&'static str] {
        match self {
            Self::Video => &[
                "vb",
                "s",
                "as",
                "r",
                "sp",
                "sm",
                "acodec",
                "vcodec",
                "an",
                "vn",
                "su",
                "ar",
                "ac",
                "sar",
                "dar",
                "pv",
                "level",
                "f",
                "ht",
                "wmImg",
                "wmGravity",
                "wmDx",
                "wmDy",
                "ss",
                "es",
                "cr",
                "i",
                "h",
                "codec",
            ],
            Self::Nbhd => &[
                "ct",
                "scene",
                "s",
                "as",
                "r",
                "sp",
                "sm",
                "su",
                "ar",
                "f",
                "ht",
                "wmImg",
                "wmGravity",
                "wmDx",
                "wmDy",
                "ss",
                "es",
            ],
            Self::Hls => &["ht", "vb", "s", "as", "r"],
            Self::Thumbnail => &["o", "n", "ss", "es", "s", "f"],
            Self::Audio => &["f", "ac", "ab", "vbr", "sm", "ss", "es", "i"],
            Self::Vconcat => &["i", "h", "codec"],
            Self::Aconcat => &["i"],
            Self::Probe | Self::Chain => &[],
        }
    }

    /// Whether it can be a step of a chain.
    fn is_step(self) -> bool {
        !matches!(self, Self::Probe | Self::Chain)
    }
}

/// One step: a type and its parameters.
#[derive(Debug)]
struct Step {
    kind: Kind,
    options: Options,
}

impl Step {
    fn new(kind: Kind, pairs: &[Pair]) -> Result<Self, Failure> {
        let options = Options::parse(kind, pairs)?;
        Ok(Self { kind, options })
    }
}

/// What a task asks for.
struct Plan {
    steps: Vec<Step>,
    save_as: Option<String>,
    returns_info: bool,
}

pub(super) async fn carry_out(job: &Job) -> Result<Success, Failure> {
    let plan = plan(job.parameters())?;
    if job.entry.source.is_empty() {
        return Err(Failure::not_found(
            "the field source of the submission is empty; it is the path of an object",
        ));
    }
    let work_dir = job.work_dir()?;
    let directory = work_dir.path();
    let (key, object) = job.open(&job.entry.source).await?;
    let mut input = source::link_input(job, directory, &key, object, "in").await?;
    let mut media = Media::of(job, directory, &input).await?;
    if plan.steps.is_empty() {
        return Ok(Success::default().with("info", media.info));
    }
    let last = plan.steps.len() - 1;
    let mut made = Vec::new();
    for (number, step) in plan.steps.iter().enumerate() {
        let span = Span::WHOLE.part(number, plan.steps.len());
        let target = match number == last {
            true => Target::last(step, &key, plan.save_as.as_deref(), job.entry.id.as_str())?,
            false => Target::between(step, &input, number)?,
        };
        made = carry_out_step(job, directory, step, &input, &media, &target, span).await?;
        if number != last {
            input = output::only(&made)?;
            media = Media::of(job, directory, &input).await?;
        }
    }
    let mut success = Success::default();
    let mut results = Vec::new();
    for Made { file, key } in &made {
        let key = key.as_deref().unwrap_or(file);
        let body = job.take(&directory.join(file)).await?;
        results.push((super::job::key_of(key)?, body, Attributes::default()));
    }
    if plan.returns_info
        && let Some(first) = made.iter().find(|it| it.is_told())
    {
        let info = Media::of(job, directory, first.to_probe()).await?.info;
        success = success.with("info", info);
    }
    let told = made.iter().filter(|it| it.is_told());
    success.paths = told.filter_map(|it| it.key.clone()).collect();
    job.keep(results).await?;
    Ok(success)
}

/// What a file is made of, as `info`: the synchronous API.
pub(crate) async fn avmeta(job: &Job) -> Result<Value, Failure> {
    let work_dir = job.work_dir()?;
    let (key, object) = job.open(job.needed("source")?).await?;
    let input = source::link_input(job, work_dir.path(), &key, object, "in").await?;
    Ok(Media::of(job, work_dir.path(), &input).await?.info)
}

async fn carry_out_step(
    job: &Job,
    directory: &std::path::Path,
    step: &Step,
    input: &str,
    media: &Media,
    target: &Target,
    span: Span,
) -> Result<Vec<Made>, Failure> {
    let stage = Stage {
        job,
        directory,
        options: &step.options,
        input,
        media,
        target,
        span,
    };
    match step.kind {
        Kind::Thumbnail => thumbnail::make(&stage).await,
        Kind::Vconcat => concat::make(&stage, true).await,
        Kind::Aconcat => concat::make(&stage, false).await,
        Kind::Video if step.options.joins() => concat::make(&stage, true).await,
        Kind::Audio if step.options.joins() => concat::make(&stage, false).await,
        Kind::Audio => audio::make(&stage).await,
        Kind::Video | Kind::Hls => video::make(&stage, false).await,
        Kind::Nbhd => video::make(&stage, true).await,
        Kind::Probe | Kind::Chain => Err(Failure::malformed("it can be no step of a chain")),
    }
}

/// A step at work.
struct Stage<'a> {
    job: &'a Job,
    directory: &'a std::path::Path,
    options: &'a Options,
    /// The name of the source in the directory.
    input: &'a str,
    media: &'a Media,
    target: &'a Target,
    span: Span,
}

fn plan(task: &Map<String, Value>) -> Result<Plan, Failure> {
    let kind = kind_of(task)?;
    if kind != Kind::Chain {
        let steps = match kind {
            Kind::Probe => Vec::new(),
            kind => vec![Step::new(kind, &avopts::pairs(kind, task)?)?],
        };
        return finish(steps, task);
    }
    // In the form of old, only the last step says where the result goes.
    if let Some(Value::Array(parts)) = task.get("steps") {
        let steps = parts.iter().filter_map(Value::as_object).map(|part| {
            let kind = kind_of(part)?;
            Step::new(kind, &avopts::pairs(kind, part)?)
        });
        let steps = steps.collect::<Result<_, _>>()?;
        let last = parts.last().and_then(Value::as_object).unwrap_or(task);
        return finish(check_chain(steps)?, last);
    }
    let Some(Value::String(text)) = task.get("avopts") else {
        return Err(Failure::malformed("a chain needs avopts"));
    };
    let steps = avopts::split_chain(text)?;
    let steps = steps.iter().map(|(kind, pairs)| Step::new(*kind, pairs));
    finish(check_chain(steps.collect::<Result<_, _>>()?)?, task)
}

fn finish(steps: Vec<Step>, task: &Map<String, Value>) -> Result<Plan, Failure> {
    let save_as = match task.get("save_as") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) if path.is_empty() => None,
        Some(Value::String(path)) => Some(format!("/{}", path.trim_start_matches('/'))),
        Some(other) => return Err(Failure::malformed(format!("save_as is {other}, no path"))),
    };
    let returns_info = match task.get("return_info") {
        None | Some(Value::Null) => false,
        Some(Value::Bool(value)) => *value,
        Some(Value::String(text)) => text == "true" || text == "1",
        Some(Value::Number(number)) => number.as_u64() == Some(1),
        Some(other) => {
            return Err(Failure::bad_parameter(format!(
                "return_info is {other}; it is true or false"
            )));
        }
    };
    Ok(Plan {
        steps,
        save_as,
        returns_info,
    })
}

fn kind_of(task: &Map<String, Value>) -> Result<Kind, Failure> {
    let name = task.get("type").and_then(Value::as_str).unwrap_or_default();
    Kind::of(name).ok_or_else(|| {
        let known = Kind::ALL.map(Kind::name).join(" ");
        Failure::malformed(format!(
            "the type of the task is {name:?}; there are {known}"
        ))
    })
}

fn check_chain(steps: Vec<Step>) -> Result<Vec<Step>, Failure> {
    let refuse = |why: String| Err(Failure::malformed(why));
    if steps.is_empty() || steps.len() > MAX_STEPS {
        return refuse(format!(
            "a chain has 1 to {MAX_STEPS} steps, not {}",
            steps.len()
        ));
    }
    let not_last = &steps[..steps.len() - 1];
    for step in &steps {
        if !step.kind.is_step() {
            return refuse(format!("{} can be no step of a chain", step.kind.name()));
        }
    }
    let ends = |step: &&Step| {
        matches!(step.kind, Kind::Thumbnail | Kind::Hls) || step.options.segment_seconds.is_some()
    };
    match not_last.iter().find(ends) {
        Some(step) => refuse(format!("{} can only be the last step", step.kind.name())),
        None => Ok(steps),
    }
}

/// Reads a text as `avopts` of each kind of task.
#[cfg(feature = "fuzzing")]
pub(crate) fn try_options(text: &str) {
    let _ = avopts::split_chain(text);
    let Ok(pairs) = avopts::split(text) else {
        return;
    };
    for kind in Kind::ALL {
        let _ = Options::parse(kind, &pairs);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    fn refused(task: Value, why: &str) {
        let Err(failure) = plan(task.as_object().unwrap()) else {
            panic!("{task} is accepted");
        };
        assert!(failure.why.contains(why), "{task}: {failure}");
    }

    #[test]
    fn tasks_that_are_not_understood() {
        refused(json!({}), "the type of the task is \"\"");
        refused(json!({ "type": "magic" }), "there are video nbhd");
        refused(json!({ "type": "video", "avopts": 1 }), "no text");
        refused(json!({ "type": "video", "save_as": 1 }), "no path");
        refused(json!({ "type": "chain" }), "needs avopts");
        refused(json!({ "type": "chain", "avopts": "/" }), "begins with");
        let five = "/video/s/2x2".repeat(5);
        refused(json!({ "type": "chain", "avopts": five }), "1 to 4 steps");
        let early = json!({ "type": "chain", "avopts": "/thumbnail/o/1/video/s/2x2" });
        refused(early, "only be the last");
        let segments = json!({ "type": "chain", "avopts": "/video/ht/5/video/s/2x2" });
        refused(segments, "only be the last");
        let old = json!({ "type": "chain", "steps": [{ "type": "probe" }] });
        refused(old, "no step");
    }

    #[test]
    fn a_chain_of_old_says_at_its_end_where_it_goes() {
        let task = json!({ "type": "chain", "steps": [
            { "type": "video", "bitrate": 500, "save_as": "/not/here.mp4" },
            { "type": "thumbnail", "save_as": "there.jpg", "return_info": "true" },
        ]});
        let plan = plan(task.as_object().unwrap()).unwrap();
        assert_eq!(plan.steps.len(), 2);
        assert_eq!(plan.save_as.as_deref(), Some("/there.jpg"));
        assert!(plan.returns_info);
    }
}
