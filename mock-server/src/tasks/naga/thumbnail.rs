//! thumbnail: pictures of a video. Also the shots of audits and the one of the synchronous API.

use super::{
    Stage,
    media::Media,
    options::seconds,
    output::{Made, suffix_of},
    source,
};
use crate::{
    store::Attributes,
    tasks::{
        ffmpeg::{self, Run, Span, input},
        job::{Job, key_of},
        outcome::Failure,
    },
};

/// The most shots of a video.
const MAX_SHOTS: usize = 1000;

pub(super) async fn make(stage: &Stage<'_>) -> Result<Vec<Made>, Failure> {
    let options = stage.options;
    let duration = stage.media.duration;
    let start = options.start.unwrap_or(0.0);
    if duration.is_some_and(|duration| start > 0.0 && start >= duration) {
        return Err(Failure::bad_parameter(format!(
            "ss is {start} s, but the source ends before that"
        )));
    }
    let Some(count) = options.pictures else {
        let made = stage.target.made();
        shoot(stage, start, &made.file, stage.span).await?;
        return Ok(vec![made]);
    };
    let end = match (options.end, duration) {
        (Some(end), Some(duration)) => end.min(duration),
        (Some(end), None) | (None, Some(end)) => end,
        (None, None) => {
            return Err(Failure::bad_parameter(
                "the source does not say how long it is, so es must",
            ));
        }
    };
    if end <= start {
        return Err(Failure::bad_parameter("es is not after ss"));
    }
    let mut all = Vec::new();
    for number in 0..count {
        let made = stage.target.numbered(number + 1);
        let at = start + f64::from(number) * (end - start) / f64::from(count);
        let span = stage.span.part(number as usize, count as usize);
        shoot(stage, at, &made.file, span).await?;
        all.push(made);
    }
    Ok(all)
}

async fn shoot(stage: &Stage<'_>, at: f64, file: &str, span: Span) -> Result<(), Failure> {
    let frame = Frame {
        input: stage.input,
        media: stage.media,
        at,
        size: stage.options.frame,
        file,
    };
    frame.take(stage.job, stage.directory, span).await
}

/// One frame.
struct Frame<'a> {
    input: &'a str,
    media: &'a Media,
    at: f64,
    size: Option<(u32, u32)>,
    /// Its suffix tells the format.
    file: &'a str,
}

impl Frame<'_> {
    async fn take(
        &self,
        job: &Job,
        directory: &std::path::Path,
        span: Span,
    ) -> Result<(), Failure> {
        let Some(video) = self.media.video else {
            return Err(Failure::malformed("the source has no pictures"));
        };
        let mut arguments = Vec::new();
        if self.at > 0.0 {
            arguments.extend(["-ss".to_owned(), self.at.to_string()]);
        }
        arguments.extend(input(self.input));
        arguments.extend(["-map".to_owned(), format!("0:{}", video.index)]);
        if let Some((width, height)) = self.size {
            arguments.extend(["-vf".to_owned(), format!("scale={width}:{height}")]);
        }
        let encoder: &[&str] = match suffix_of(self.file) {
            Some("png") => &["-c:v", "png", "-f", "image2"],
            Some("webp") => &["-c:v", "libwebp", "-f", "webp"],
            _ => &[
                "-c:v", "mjpeg", "-q:v", "2", "-pix_fmt", "yuvj420p", "-f", "image2",
            ],
        };
        arguments.extend(["-frames:v", "1"].map(str::to_owned));
        arguments.extend(encoder.iter().map(ToString::to_string));
        if suffix_of(self.file) != Some("webp") {
            arguments.extend(["-update", "1"].map(str::to_owned));
        }
        arguments.push(format!("file:{}", self.file));
        let run = Run {
            arguments,
            seconds: 1.0,
        };
        ffmpeg::run(job, directory, run, span).await?;
        let made = directory.join(self.file).metadata();
        match made.is_ok_and(|file| file.len() > 0) {
            true => Ok(()),
            false => Err(Failure::bad_parameter(format!(
                "there is no frame at {} s",
                self.at
            ))),
        }
    }
}

/// A shot of an audited video.
#[derive(Debug)]
pub(in crate::tasks) struct Shot {
    pub(in crate::tasks) seconds: u64,
    /// Where it is kept, if it is.
    pub(in crate::tasks) key: Option<String>,
}

/// Shots of a video every so many seconds; kept if the task has a template of their names.
pub(in crate::tasks) async fn shots(
    job: &Job,
    path: &str,
    interval: u64,
) -> Result<Vec<Shot>, Failure> {
    let template = job.text("save_as");
    if template.is_some_and(|template| !template.contains("{index}")) {
        return Err(Failure::bad_parameter("save_as must contain {index}"));
    }
    let is_picture = |template| matches!(suffix_of(template), Some("jpg" | "png"));
    if template.is_some_and(|template| !is_picture(template)) {
        return Err(Failure::bad_parameter("save_as must end in .jpg or .png"));
    }
    let size = match job.text("resize") {
        None => None,
        Some(text) => Some(size(text)?),
    };
    let (key, object) = job.open(path).await?;
    let work_dir = job.work_dir()?;
    let directory = work_dir.path();
    let input = source::link_input(job, directory, &key, object, "in").await?;
    let media = Media::of(job, directory, &input).await?;
    let duration = media.duration.unwrap_or(0.0);
    let mut shots = Vec::new();
    let mut results = Vec::new();
    let mut at = 0;
    while (at as f64) < duration.max(0.001) && shots.len() < MAX_SHOTS {
        let index = shots.len() + 1;
        let key = template.map(|template| {
            let name = template.replace("{index}", &index.to_string());
            format!("/{}", name.trim_start_matches('/'))
        });
        if let Some(key) = &key {
            let suffix = if suffix_of(key) == Some("png") {
                "png"
            } else {
                "jpg"
            };
            let file = format!("shot{index}.{suffix}");
            let frame = Frame {
                input: &input,
                media: &media,
                at: at as f64,
                size,
                file: &file,
            };
            frame.take(job, directory, Span::WHOLE).await?;
            let body = job.take(&directory.join(&file)).await?;
            results.push((key_of(key)?, body, Attributes::default()));
        }
        shots.push(Shot { seconds: at, key });
        at += interval;
    }
    job.keep(results).await?;
    Ok(shots)
}

/// One frame, kept: the synchronous API.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) content_type: &'static str,
    pub(crate) bytes: u64,
    pub(crate) save_as: String,
}

pub(crate) async fn take_snapshot(job: &Job) -> Result<Snapshot, Failure> {
    let save_as = job.needed("save_as")?;
    let target = key_of(save_as)?;
    let point = job.needed("point")?;
    let at = seconds(point)
        .ok_or_else(|| Failure::bad_parameter(format!("point is {point:?}; it is HH:MM:SS")))?;
    let size = job.text("size").map(size).transpose()?;
    let format = job.text("format").or_else(|| suffix_of(save_as));
    let (suffix, content_type) = match format {
        Some("png") => ("png", "image/png"),
        Some("webp") => ("webp", "image/webp"),
        None | Some("jpg" | "jpeg") => ("jpg", "image/jpeg"),
        Some(other) => {
            return Err(Failure::bad_parameter(format!(
                "the format is {other:?}; it is jpg, png or webp"
            )));
        }
    };
    let (key, object) = job.open(job.needed("source")?).await?;
    let work_dir = job.work_dir()?;
    let directory = work_dir.path();
    let input = source::link_input(job, directory, &key, object, "in").await?;
    let media = Media::of(job, directory, &input).await?;
    let file = format!("shot.{suffix}");
    let frame = Frame {
        input: &input,
        media: &media,
        at,
        size,
        file: &file,
    };
    frame.take(job, directory, Span::WHOLE).await?;
    let body = job.take(&directory.join(&file)).await?;
    let bytes = body.size();
    let attributes = Attributes {
        content_type: Some(content_type.to_owned()),
        ..Attributes::default()
    };
    job.keep(vec![(target, body, attributes)]).await?;
    Ok(Snapshot {
        content_type,
        bytes,
        save_as: save_as.to_owned(),
    })
}

fn size(text: &str) -> Result<(u32, u32), Failure> {
    let side = |text: &str| {
        text.parse::<u32>()
            .ok()
            .filter(|it| (1..=8192).contains(it))
    };
    text.split_once(['x', ':'])
        .and_then(|(width, height)| Some((side(width)?, side(height)?)))
        .ok_or_else(|| Failure::bad_parameter(format!("the size is {text:?}; it is WxH")))
}
