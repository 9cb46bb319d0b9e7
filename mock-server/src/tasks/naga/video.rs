//! video, nbhd and hls: transcoding, segments, moving pictures.

use super::{
    Stage,
    container::{Container, NONE},
    media::Video,
    options::{Options, Turn, Watermark},
    output::{LOCAL_PLAYLIST, Made},
    source,
};
use crate::tasks::{
    ffmpeg::{self, Run, input},
    outcome::Failure,
};

/// Seconds of a segment unless told otherwise.
const SEGMENT_SECONDS: u32 = 10;

pub(super) async fn make(stage: &Stage<'_>, is_nbhd: bool) -> Result<Vec<Made>, Failure> {
    let options = stage.options;
    let container = stage.target.container()?;
    if options.and_back && !container.is_animation() {
        return Err(Failure::bad_parameter("cr is for gif and webp only"));
    }
    let clip = Clip::of(options, stage.media.duration)?;
    let mut arguments = Vec::new();
    // What is turned by hand, or not at all, must not be turned by ffmpeg too.
    if options.turn != Turn::Auto {
        arguments.push("-noautorotate".to_owned());
    }
    arguments.extend(clip.arguments());
    arguments.extend(input(stage.input));
    let video = stage
        .media
        .video
        .filter(|_| !options.no_video && container.video != NONE);
    let has_audio = !options.no_audio && container.audio != NONE && stage.media.audio.is_some();
    if video.is_none() && !has_audio {
        return Err(Failure::malformed(
            "the source has nothing of what is wanted",
        ));
    }
    match video {
        Some(video) => {
            let mark = match &options.watermark {
                Some(mark) => Some((mark, lend_mark(stage, mark).await?)),
                None => None,
            };
            arguments.extend(picture(options, container, video, mark, is_nbhd));
        }
        None => arguments.push("-vn".to_owned()),
    }
    match stage.media.audio.filter(|_| has_audio) {
        Some(audio) => {
            arguments.extend(["-map".to_owned(), format!("0:{}", audio.index)]);
            arguments.extend(sound(options, container));
        }
        None => arguments.push("-an".to_owned()),
    }
    let metadata = if options.keeps_metadata { "0" } else { "-1" };
    arguments.extend(["-map_metadata", metadata].map(str::to_owned));
    let is_copied = options.video_codec.as_deref() == Some("copy");
    arguments.extend(muxer(stage, container, is_copied));
    let mut seconds = clip.seconds.unwrap_or(1.0) / options.speed;
    if options.and_back {
        seconds *= 2.0;
    }
    let run = Run { arguments, seconds };
    ffmpeg::run(stage.job, stage.directory, run, stage.span).await?;
    collect(stage, container)
}

/// A part of the source.
pub(super) struct Clip {
    start: Option<f64>,
    end: Option<f64>,
    /// How long it is, if that is known.
    pub(super) seconds: Option<f64>,
}

impl Clip {
    pub(super) fn of(options: &Options, duration: Option<f64>) -> Result<Self, Failure> {
        let start = options.start.unwrap_or(0.0);
        if duration.is_some_and(|duration| start >= duration) && start > 0.0 {
            return Err(Failure::bad_parameter(format!(
                "ss is {start} s, but the source ends before that"
            )));
        }
        let end = match (options.end, duration) {
            (Some(end), Some(duration)) => Some(end.min(duration)),
            (end, duration) => end.or(duration),
        };
        Ok(Self {
            start: options.start,
            end: options.end,
            seconds: end.map(|end| end - start),
        })
    }

    /// Before the input, so that both count on its time line.
    pub(super) fn arguments(&self) -> Vec<String> {
        let of =
            |name: &str, time: Option<f64>| time.map(|time| [name.to_owned(), time.to_string()]);
        let both = [of("-ss", self.start), of("-to", self.end)];
        both.into_iter().flatten().flatten().collect()
    }
}

async fn lend_mark(stage: &Stage<'_>, mark: &Watermark) -> Result<String, Failure> {
    let (key, object) = stage.job.open(&mark.path).await?;
    let file = source::link_input(stage.job, stage.directory, &key, object, "in_mark").await?;
    let lent = std::fs::File::open(stage.directory.join(&file))
        .map_err(|error| Failure::internal(error.to_string()))?;
    if !crate::image::is_png_or_webp(lent).await {
        return Err(Failure::bad_parameter(format!(
            "the watermark {key} is neither PNG nor WebP"
        )));
    }
    Ok(file)
}

/// Streams, filters and the encoder of pictures.
fn picture(
    options: &Options,
    container: &Container,
    video: Video,
    mark: Option<(&Watermark, String)>,
    is_nbhd: bool,
) -> Vec<String> {
    let codec = match (&options.video_codec, is_nbhd) {
        (_, true) if options.is_h265 => "libx265",
        (_, true) => "libx264",
        (Some(codec), false) => codec,
        (None, false) => container.video,
    };
    let is_420 = matches!(
        codec,
        "libx264" | "libx265" | "libtheora" | "libvpx" | "libvpx-vp9"
    );
    let mut arguments = Vec::new();
    let (before, after) = filters(options, video, is_420);
    match mark {
        Some((mark, file)) => {
            arguments.extend(input(&file));
            let before = if before.is_empty() {
                "null".to_owned()
            } else {
                before.join(",")
            };
            let mut graph = format!(
                "[0:{}]{before}[main];[main][1:v]overlay={}",
                video.index,
                position(mark)
            );
            for filter in after {
                graph = graph + "," + &filter;
            }
            arguments.extend(["-filter_complex".to_owned(), graph + "[out]"]);
            arguments.extend(["-map", "[out]"].map(str::to_owned));
        }
        None => {
            arguments.extend(["-map".to_owned(), format!("0:{}", video.index)]);
            let all = [before, after].concat();
            if !all.is_empty() {
                arguments.extend(["-vf".to_owned(), all.join(",")]);
            }
        }
    }
    if !codec.is_empty() {
        arguments.extend(["-c:v".to_owned(), codec.to_owned()]);
    }
    if is_nbhd {
        arguments.extend(["-preset", "slow", "-crf", "25"].map(str::to_owned));
        if options.is_animation {
            arguments.extend(["-tune", "animation"].map(str::to_owned));
        }
    } else if codec != "copy" && !container.is_animation() {
        arguments.extend(bitrate(options, video));
    }
    if codec == "libx264" || codec == "libx265" {
        arguments.extend(["-pix_fmt", "yuv420p"].map(str::to_owned));
    }
    let more = [
        ("-r", options.fps.map(|fps| fps.to_string())),
        ("-profile:v", options.profile.clone()),
        ("-level", options.level.clone()),
    ];
    for (name, value) in more {
        if let Some(value) = value {
            arguments.extend([name.to_owned(), value]);
        }
    }
    if options.turn != Turn::Keep && options.turn != Turn::Auto {
        // It is turned now, so it must not say that it lies.
        arguments.extend(["-metadata:s:v:0", "rotate=0"].map(str::to_owned));
    }
    arguments
}

/// What is asked for, else what the source has, but not more than goes with a named frame.
fn bitrate(options: &Options, video: Video) -> Vec<String> {
    let source = video.bits_per_second.map(|bits| (bits / 1000.0).ceil());
    match (options.video_kbps, options.cap_kbps) {
        (Some(kbps), _) => vec!["-b:v".to_owned(), format!("{kbps}k")],
        (None, Some(cap)) => {
            let wanted = source.map_or(f64::from(cap), |source| source.min(f64::from(cap)));
            let limit = [
                "-b:v".to_owned(),
                format!("{wanted}k"),
                "-maxrate".to_owned(),
                format!("{cap}k"),
                "-bufsize".to_owned(),
                format!("{}k", 2 * cap),
            ];
            limit.into()
        }
        (None, None) => match source {
            Some(source) => vec!["-b:v".to_owned(), format!("{source}k")],
            None => Vec::new(),
        },
    }
}

/// Filters before the watermark and after it, each list in order.
fn filters(options: &Options, video: Video, is_420: bool) -> (Vec<String>, Vec<String>) {
    let mut before = Vec::new();
    let (mut width, mut height) = (video.width, video.height);
    match options.turn {
        Turn::Keep => {}
        // ffmpeg turns it before the first filter.
        Turn::Auto if video.lies => (width, height) = (height, width),
        Turn::Auto => {}
        Turn::Right => before.push("transpose=1".to_owned()),
        Turn::Around => before.push("hflip,vflip".to_owned()),
        Turn::Left => before.push("transpose=2".to_owned()),
    }
    if matches!(options.turn, Turn::Right | Turn::Left) {
        (width, height) = (height, width);
    }
    if let Some(frame) = options.frame {
        let (width, height) = fit(frame, (width, height), options.keeps_aspect, is_420);
        before.push(format!("scale={width}:{height},setsar=1"));
    } else if is_420 && options.video_codec.as_deref() != Some("copy") && (width | height) & 1 == 1
    {
        before.push(format!("scale={}:{}", even(width), even(height)));
    }
    if let Some((width, height)) = options.sample_aspect {
        before.push(format!("setsar={width}/{height}"));
    }
    if let Some((width, height)) = options.display_aspect {
        before.push(format!("setdar={width}/{height}"));
    }
    let mut after = Vec::new();
    if options.speed > 1.0 {
        after.push(format!("setpts=PTS/{}", options.speed));
    }
    if options.and_back {
        after.push("split[forth][b];[b]reverse[back];[forth][back]concat=n=2:v=1:a=0".to_owned());
    }
    (before, after)
}

/// The size of the result: the frame, or the largest of the source's aspect that fits into it.
fn fit(
    (mut width, mut height): (u32, u32),
    (source_width, source_height): (u32, u32),
    keeps_aspect: bool,
    is_420: bool,
) -> (u32, u32) {
    let round = |side: u32| if is_420 { even(side) } else { side.max(1) };
    if !keeps_aspect {
        return (round(width), round(height));
    }
    let is_portrait = source_height > source_width;
    if is_portrait && width > height || source_width > source_height && width < height {
        (width, height) = (height, width);
    }
    let (wide, high) = (f64::from(source_width), f64::from(source_height));
    let scale = (f64::from(width) / wide).min(f64::from(height) / high);
    // A hair more, so that a product that should be whole is not cut to one less.
    let side = |side: f64| round((side * scale + 1e-6) as u32);
    (side(wide), side(high))
}

fn even(side: u32) -> u32 {
    (side / 2 * 2).max(2)
}

/// Where the watermark stands, in the words of ffmpeg's overlay.
fn position(mark: &Watermark) -> String {
    let Watermark {
        gravity, dx, dy, ..
    } = mark;
    let x = match &**gravity {
        "northwest" | "west" | "southwest" => format!("{dx}"),
        "north" | "center" | "south" => format!("(W-w)/2+{dx}"),
        _ => format!("W-w+{dx}"),
    };
    let y = match &**gravity {
        "northwest" | "north" | "northeast" => format!("{dy}"),
        "west" | "center" | "east" => format!("(H-h)/2+{dy}"),
        _ => format!("H-h+{dy}"),
    };
    format!("{x}:{y}")
}

/// The encoder of sound.
fn sound(options: &Options, container: &Container) -> Vec<String> {
    let mut arguments = Vec::new();
    let codec = match options.audio_codec.as_deref() {
        // Not built into what distributions have.
        Some("libfdk_aac") => "aac",
        Some(codec) => codec,
        None => container.audio,
    };
    if !codec.is_empty() {
        arguments.extend(["-c:a".to_owned(), codec.to_owned()]);
    }
    if options.speed > 1.0 {
        arguments.extend(["-af".to_owned(), tempo(options.speed)]);
    }
    for (name, value) in [("-ar", options.sample_rate), ("-ac", options.channels)] {
        if let Some(value) = value {
            arguments.extend([name.to_owned(), value.to_string()]);
        }
    }
    arguments
}

/// Each filter can at most double the speed.
fn tempo(mut speed: f64) -> String {
    let mut filters = Vec::new();
    while speed > 2.0 {
        filters.push("atempo=2.0".to_owned());
        speed /= 2.0;
    }
    filters.push(format!("atempo={speed}"));
    filters.join(",")
}

/// The format, and the file.
fn muxer(stage: &Stage<'_>, container: &Container, is_copied: bool) -> Vec<String> {
    let mut arguments: Vec<String> = container.extra().iter().map(ToString::to_string).collect();
    if container.is_playlist() {
        let seconds = stage.options.segment_seconds.unwrap_or(SEGMENT_SECONDS);
        if !is_copied {
            // Segments begin at key frames.
            let expression = format!("expr:gte(t,n_forced*{seconds})");
            arguments.extend(["-force_key_frames".to_owned(), expression]);
        }
        arguments.extend(["-hls_time".to_owned(), seconds.to_string()]);
        let whole = ["-hls_list_size", "0", "-hls_playlist_type", "vod"];
        arguments.extend(whole.map(str::to_owned));
        arguments.extend(["-hls_segment_filename", "seg_%d.ts"].map(str::to_owned));
    }
    arguments.extend(["-f", container.muxer].map(str::to_owned));
    arguments.push(format!("file:{}", stage.target.file));
    arguments
}

/// What came out; of a playlist the segments first, so that it never names what is not there.
fn collect(stage: &Stage<'_>, container: &Container) -> Result<Vec<Made>, Failure> {
    let unreadable = |error: std::io::Error| Failure::internal(error.to_string());
    let path = stage.directory.join(&stage.target.file);
    let made = stage.target.made();
    // Seeking past the end is no mistake for ffmpeg, it just writes nothing.
    if !path.metadata().is_ok_and(|file| file.len() > 0) {
        return Err(Failure::bad_parameter(
            "nothing of the source is within ss and es",
        ));
    }
    let Some(key) = made.key.as_deref().filter(|_| container.is_playlist()) else {
        return Ok(vec![made]);
    };
    let folder = key.rsplit_once('/').map_or("", |(folder, _)| folder);
    let stem = stage.target.segments();
    let mut all = Vec::new();
    let mut playlist = String::new();
    for line in std::fs::read_to_string(&path).map_err(unreadable)?.lines() {
        let number = line
            .strip_prefix("seg_")
            .and_then(|it| it.strip_suffix(".ts"));
        let name = match number {
            Some(number) => format!("{stem}_{number}.ts"),
            None => {
                playlist = playlist + line + "\n";
                continue;
            }
        };
        // A name is a part of a URL in a playlist.
        let in_url = upyun_client::protocol::path::encode(&name);
        playlist = playlist + in_url.trim_start_matches('/') + "\n";
        all.push(Made {
            file: line.to_owned(),
            key: Some(format!("{folder}/{name}")),
        });
    }
    // The info of the result needs a playlist that fits the files here.
    std::fs::rename(&path, stage.directory.join(LOCAL_PLAYLIST)).map_err(unreadable)?;
    std::fs::write(&path, playlist).map_err(unreadable)?;
    all.push(made);
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::naga::{Kind, avopts};

    #[track_caller]
    fn sized(source: (u32, u32), avopts: &str, want: (u32, u32)) {
        let pairs = avopts::split(avopts).unwrap();
        let options = Options::parse(Kind::Video, &pairs).unwrap();
        let frame = options.frame.unwrap();
        assert_eq!(
            fit(frame, source, options.keeps_aspect, true),
            want,
            "{source:?} {avopts}"
        );
    }

    #[test]
    fn the_worked_sizes() {
        sized((1920, 1080), "/s/240p(4:3)", (320, 240));
        sized((1920, 1080), "/s/240p(4:3)/as/1", (320, 180));
        sized((1080, 1920), "/s/240p(4:3)/as/1", (180, 320));
        sized((426, 236), "/s/128x96", (128, 96));
        sized((426, 236), "/s/128x96/as/1", (128, 70));
        sized((640, 360), "/s/1080p(16:9)/as/1", (1920, 1080));
        sized((1080, 1920), "/s/720p(16:9)/as/1", (720, 1280));
        sized((100, 100), "/s/1x1", (2, 2));
    }

    #[test]
    fn the_worked_positions() {
        let mark = |gravity: &str, dx, dy| Watermark {
            path: String::new(),
            gravity: gravity.to_owned(),
            dx,
            dy,
        };
        assert_eq!(position(&mark("northeast", -20, 15)), "W-w+-20:15");
        assert_eq!(position(&mark("southeast", -10, -10)), "W-w+-10:H-h+-10");
        assert_eq!(position(&mark("center", 0, 0)), "(W-w)/2+0:(H-h)/2+0");
        assert_eq!(position(&mark("west", 1, 2)), "1:(H-h)/2+2");
    }

    #[test]
    fn speeds_are_doubled_step_by_step() {
        assert_eq!(tempo(2.5), "atempo=2.0,atempo=1.25");
        assert_eq!(tempo(2.0), "atempo=2");
        assert_eq!(tempo(10.0), "atempo=2.0,atempo=2.0,atempo=2.0,atempo=1.25");
    }

    #[test]
    fn a_named_frame_caps_the_rate() {
        let video = |bits| Video {
            index: 0,
            width: 2,
            height: 2,
            bits_per_second: bits,
            lies: false,
        };
        let rate = |avopts: &str, bits| {
            let pairs = avopts::split(avopts).unwrap();
            bitrate(&Options::parse(Kind::Video, &pairs).unwrap(), video(bits)).join(" ")
        };
        assert_eq!(rate("/vb/500", Some(9e6)), "-b:v 500k");
        let capped = "-b:v 300k -maxrate 300k -bufsize 600k";
        assert_eq!(rate("/s/240p(4:3)", Some(9e6)), capped);
        assert_eq!(
            rate("/s/240p(4:3)", Some(99_608.0)),
            "-b:v 100k -maxrate 300k -bufsize 600k"
        );
        assert_eq!(rate("/s/240p(4:3)/vb/500", Some(9e6)), "-b:v 500k");
        assert_eq!(rate("", None), "");
    }
}
