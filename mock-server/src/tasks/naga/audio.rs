//! audio: sound alone.

use super::{
    Stage,
    container::NONE,
    output::Made,
    video::{Clip, input},
};
use crate::tasks::{
    ffmpeg::{self, Run},
    outcome::Failure,
};

/// Channels unless told otherwise.
const CHANNELS: u32 = 2;

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
