//! Concatenation: video and audio with `i` and `h`, vconcat and aconcat.

use super::{
    Stage,
    container::{Container, NONE},
    media::Media,
    output::{Made, suffix_of},
    source,
};
use crate::tasks::{
    ffmpeg::{self, CONCAT_LIST, PLAYLIST, Run, input},
    outcome::Failure,
};

/// The most files of one result.
const MAX_PARTS: usize = 100;

/// Puts every `h`, the source and every `i` after one another, in this order.
pub(super) async fn make(stage: &Stage<'_>, is_video: bool) -> Result<Vec<Made>, Failure> {
    let options = stage.options;
    if options.before.len() + options.after.len() >= MAX_PARTS {
        return Err(Failure::bad_parameter(format!(
            "there are more than {MAX_PARTS} files"
        )));
    }
    let mut parts = Vec::new();
    for (number, path) in options.before.iter().enumerate() {
        parts.push(part(stage, path, &format!("in_h{number}")).await?);
    }
    parts.push((stage.input.to_owned(), stage.media.clone()));
    for (number, path) in options.after.iter().enumerate() {
        parts.push(part(stage, path, &format!("in_i{number}")).await?);
    }
    let container = stage.target.container()?;
    let mut arguments = match options.joins_unchanged {
        true => unchanged(stage, &parts)?,
        false if is_video => video(container, &parts)?,
        false => audio(container, &parts)?,
    };
    arguments.extend(container.extra().iter().map(ToString::to_string));
    arguments.extend(["-f", container.muxer].map(str::to_owned));
    arguments.push(format!("file:{}", stage.target.file));
    let seconds = parts.iter().filter_map(|(_, media)| media.duration).sum();
    ffmpeg::run(
        stage.job,
        stage.directory,
        Run { arguments, seconds },
        stage.span,
    )
    .await?;
    Ok(vec![stage.target.made()])
}

type Part = (String, Media);

async fn part(stage: &Stage<'_>, path: &str, name: &str) -> Result<Part, Failure> {
    let (key, object) = stage.job.open(path).await?;
    let file = source::link_input(stage.job, stage.directory, &key, object, name).await?;
    let media = Media::of(stage.job, stage.directory, &file).await?;
    Ok((file, media))
}

/// Without encoding anew, by a list of the files.
fn unchanged(stage: &Stage<'_>, parts: &[Part]) -> Result<Vec<String>, Failure> {
    let mut list = "ffconcat version 1.0\n".to_owned();
    for (file, _) in parts {
        if suffix_of(file) == Some(PLAYLIST) {
            return Err(Failure::bad_parameter(
                "codec/copy does not go with playlists",
            ));
        }
        list = list + "file " + file + "\n";
    }
    std::fs::write(stage.directory.join(CONCAT_LIST), list)
        .map_err(|error| Failure::storing(error.to_string()))?;
    let mut arguments = input(CONCAT_LIST);
    arguments.extend(["-c", "copy"].map(str::to_owned));
    Ok(arguments)
}

fn video(container: &Container, parts: &[Part]) -> Result<Vec<String>, Failure> {
    let size = |(file, media): &Part| {
        let video = media.video.map(|video| (video.width, video.height));
        video.ok_or_else(|| Failure::malformed(format!("a part has no pictures ({file})")))
    };
    let first = size(&parts[0])?;
    for part in parts {
        let other = size(part)?;
        if other != first {
            return Err(Failure::bad_parameter(format!(
                "the pictures differ in size: {}x{} and {}x{}",
                first.0, first.1, other.0, other.1
            )));
        }
    }
    if container.video == NONE {
        return Err(Failure::bad_parameter(format!(
            "{} holds no pictures",
            container.name
        )));
    }
    let has_audio = container.audio != NONE && parts.iter().all(|(_, media)| media.audio.is_some());
    let (mut arguments, mut graph, mut joined) = (Vec::new(), String::new(), String::new());
    for (number, (file, media)) in parts.iter().enumerate() {
        arguments.extend(input(file));
        let index = media.video.map_or(0, |video| video.index);
        graph = graph + &format!("[{number}:{index}]setsar=1[v{number}];");
        joined = joined + &format!("[v{number}]");
        if let Some(audio) = media.audio.filter(|_| has_audio) {
            joined = joined + &format!("[{number}:{}]", audio.index);
        }
    }
    let count = parts.len();
    let (sound, out) = if has_audio { (1, "[v][a]") } else { (0, "[v]") };
    let graph = format!("{graph}{joined}concat=n={count}:v=1:a={sound}{out}");
    arguments.extend(["-filter_complex".to_owned(), graph]);
    arguments.extend(["-map", "[v]"].map(str::to_owned));
    encoder(&mut arguments, "-c:v", container.video);
    if container.video == "libx264" {
        arguments.extend(["-pix_fmt", "yuv420p"].map(str::to_owned));
    }
    if has_audio {
        arguments.extend(["-map", "[a]"].map(str::to_owned));
        encoder(&mut arguments, "-c:a", container.audio);
    }
    Ok(arguments)
}

fn audio(container: &Container, parts: &[Part]) -> Result<Vec<String>, Failure> {
    if container.audio == NONE {
        return Err(Failure::bad_parameter(format!(
            "{} holds no sound",
            container.name
        )));
    }
    let (mut arguments, mut graph) = (Vec::new(), String::new());
    for (number, (file, media)) in parts.iter().enumerate() {
        let Some(audio) = media.audio else {
            return Err(Failure::malformed(format!("a part has no sound ({file})")));
        };
        arguments.extend(input(file));
        graph = graph + &format!("[{number}:{}]", audio.index);
    }
    let graph = format!("{graph}concat=n={}:v=0:a=1[a]", parts.len());
    arguments.extend(["-filter_complex".to_owned(), graph]);
    arguments.extend(["-map", "[a]"].map(str::to_owned));
    encoder(&mut arguments, "-c:a", container.audio);
    Ok(arguments)
}

fn encoder(arguments: &mut Vec<String>, option: &str, encoder: &str) {
    if !encoder.is_empty() {
        arguments.extend([option.to_owned(), encoder.to_owned()]);
    }
}
