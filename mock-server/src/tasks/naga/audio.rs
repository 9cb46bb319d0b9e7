//! audio: sound alone.

use super::{
    Kind, Stage, avopts,
    container::NONE,
    media::Media,
    options::Options,
    output::{Made, Target, only},
    video::Clip,
};
use crate::{
    store::Body,
    tasks::{
        ffmpeg::{self, Run, Span, input},
        job::Job,
        outcome::Failure,
    },
};

/// Channels unless told otherwise.
const CHANNELS: u32 = 2;

/// What the synchronous transcoding of an upload makes of it unless told otherwise.
const UPLOAD_KBPS: u32 = 44;
const UPLOAD_FORMAT: &str = "mp3";

/// Transcodes what is being uploaded: the policy's `x-audio-avopts`.
pub(crate) async fn transcode(job: &Job, body: &Body, avopts: &str) -> Result<Body, Failure> {
    let mut options = Options::parse(Kind::Audio, &avopts::split(avopts)?)?;
    if !matches!(options.format.as_deref(), None | Some("mp3" | "ogg")) {
        return Err(Failure::bad_parameter("f is mp3 or ogg"));
    }
    options.audio_kbps.get_or_insert(UPLOAD_KBPS);
    let format = match options.format.as_deref() {
        Some("ogg") => "ogg",
        _ => UPLOAD_FORMAT,
    };
    let work_dir = job.work_dir()?;
    let directory = work_dir.path().to_owned();
    let unreadable = |error: std::io::Error| Failure::storing(error.to_string());
    let mut reader = body.reader().map_err(unreadable)?;
    let input = directory.join("in");
    tokio::task::spawn_blocking(move || -> std::io::Result<()> {
        std::io::copy(&mut reader, &mut std::fs::File::create_new(input)?)?;
        Ok(())
    })
    .await
    .map_err(|error| Failure::internal(error.to_string()))?
    .map_err(unreadable)?;
    let media = Media::of(job, &directory, "in").await?;
    let target = Target {
        file: format!("out.{format}"),
        key: None,
        format,
    };
    let stage = Stage {
        job,
        directory: &directory,
        options: &options,
        input: "in",
        media: &media,
        target: &target,
        span: Span::WHOLE,
    };
    let limit = job.world.limits.task_timeout;
    let made = tokio::time::timeout(limit, make(&stage)).await;
    let made = made.map_err(|_| Failure::timed_out("the transcoding takes too long"))??;
    job.take(&directory.join(only(&made)?)).await
}

pub(super) async fn make(stage: &Stage<'_>) -> Result<Vec<Made>, Failure> {
    let options = stage.options;
    let Some(audio) = stage.media.audio else {
        return Err(Failure::malformed("the source has no sound"));
    };
    let container = stage.target.container()?;
    if container.audio == NONE {
        return Err(Failure::bad_parameter(format!(
            "{} holds no sound",
            container.name
        )));
    }
    let clip = Clip::of(options, stage.media.duration)?;
    let mut arguments = clip.arguments();
    arguments.extend(input(stage.input));
    arguments.extend([
        "-map".to_owned(),
        format!("0:{}", audio.index),
        "-vn".to_owned(),
    ]);
    if !container.audio.is_empty() {
        arguments.extend(["-c:a", container.audio].map(str::to_owned));
    }
    // A quality wins over a rate.
    let source = audio
        .bits_per_second
        .map(|bits| (bits / 1000.0).round() as u32);
    let is_lossless = container.audio.starts_with("pcm");
    match (options.audio_quality, options.audio_kbps.or(source)) {
        (Some(quality), _) => arguments.extend(["-q:a".to_owned(), quality.to_string()]),
        (None, Some(kbps)) if !is_lossless => {
            arguments.extend(["-b:a".to_owned(), format!("{}k", kbps.clamp(8, 512))]);
        }
        (None, _) => {}
    }
    let channels = options.channels.unwrap_or(CHANNELS);
    arguments.extend(["-ac".to_owned(), channels.to_string()]);
    let metadata = if options.keeps_metadata { "0" } else { "-1" };
    arguments.extend(["-map_metadata", metadata, "-f", container.muxer].map(str::to_owned));
    arguments.push(format!("file:{}", stage.target.file));
    let run = Run {
        arguments,
        seconds: clip.seconds.unwrap_or(1.0),
    };
    ffmpeg::run(stage.job, stage.directory, run, stage.span).await?;
    Ok(vec![stage.target.made()])
}
