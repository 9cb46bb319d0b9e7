//! Parameters with their types, checked by what a kind of task allows.

use std::str::FromStr;

use super::{
    Kind,
    avopts::{self, Pair},
};
use crate::tasks::outcome::Failure;

/// Frames that have names, and the most kbit/s that go with them.
const PRESETS: [(&str, u32, u32, u32); 12] = [
    ("2160p(16:9)", 3840, 2160, 8000),
    ("1440p(16:9)", 2560, 1440, 4000),
    ("1080p(16:9)", 1920, 1080, 2560),
    ("720p(16:9)", 1280, 720, 1500),
    ("720p(4:3)", 960, 720, 1500),
    ("540p(16:9)", 960, 540, 800),
    ("480p(16:9)", 854, 480, 800),
    ("480p(4:3)", 640, 480, 500),
    ("480p(3:2)", 720, 480, 800),
    ("360p(16:9)", 640, 360, 500),
    ("360p(4:3)", 480, 360, 500),
    ("240p(4:3)", 320, 240, 300),
];
const SAMPLE_RATES: [u32; 7] = [44100, 48000, 32000, 22050, 24000, 16000, 0];
const GRAVITIES: [&str; 9] = [
    "northwest",
    "north",
    "northeast",
    "west",
    "center",
    "east",
    "southwest",
    "south",
    "southeast",
];
const SCENES: [&str; 5] = [
    "auto",
    "self_portrait",
    "animation",
    "film_calm",
    "film_dramatic",
];
/// The largest side of a frame.
const MAX_SIDE: u32 = 8192;
/// The most pictures of one task.
const MAX_THUMBNAILS: u32 = 1000;

/// What a media task is to do, but for its type.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Options {
    pub(super) video_kbps: Option<u32>,
    pub(super) frame: Option<(u32, u32)>,
    /// The most kbit/s, by the frame's name.
    pub(super) cap_kbps: Option<u32>,
    pub(super) keeps_aspect: bool,
    pub(super) fps: Option<u32>,
    pub(super) turn: Turn,
    pub(super) keeps_metadata: bool,
    pub(super) audio_codec: Option<String>,
    pub(super) video_codec: Option<String>,
    pub(super) no_audio: bool,
    pub(super) no_video: bool,
    pub(super) speed: f64,
    pub(super) sample_rate: Option<u32>,
    pub(super) channels: Option<u32>,
    pub(super) sample_aspect: Option<(u32, u32)>,
    pub(super) display_aspect: Option<(u32, u32)>,
    pub(super) profile: Option<String>,
    pub(super) level: Option<String>,
    pub(super) format: Option<String>,
    pub(super) segment_seconds: Option<u32>,
    pub(super) watermark: Option<Watermark>,
    pub(super) start: Option<f64>,
    pub(super) end: Option<f64>,
    pub(super) and_back: bool,
    /// In this order, before the source.
    pub(super) before: Vec<String>,
    /// In this order, after the source.
    pub(super) after: Vec<String>,
    pub(super) joins_unchanged: bool,
    pub(super) is_h265: bool,
    pub(super) is_animation: bool,
    /// How many pictures; `None` for a single one.
    pub(super) pictures: Option<u32>,
    pub(super) audio_kbps: Option<u32>,
    pub(super) audio_quality: Option<u8>,
}

/// Which way up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// As it is stored, with what it says of its rotation.
    Keep,
    /// Upright, by what it says of its rotation.
    Auto,
    Right,
    Around,
    Left,
}

/// A picture over the video.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Watermark {
    pub(super) path: String,
    pub(super) gravity: String,
    pub(super) dx: i32,
    pub(super) dy: i32,
}

impl Options {
    pub(super) fn parse(kind: Kind, pairs: &[Pair]) -> Result<Self, Failure> {
        let given = Given { kind, pairs };
        given.check_keys()?;
        let size = given.size()?;
        let options = Self {
            video_kbps: given.number("vb", 1..=1_000_000)?,
            frame: size.map(|(width, height, _)| (width, height)),
            cap_kbps: size.and_then(|(.., cap)| cap),
            keeps_aspect: given.flag("as", false)?,
            fps: given.number("r", 1..=240)?,
            turn: given.turn()?,
            keeps_metadata: given.flag("sm", true)?,
            audio_codec: given.one_of("acodec", &["libmp3lame", "libfdk_aac", "copy"])?,
            video_codec: given.one_of(
                "vcodec",
                &[
                    "libx264",
                    "libtheora",
                    "libx265",
                    "libvpx-vp9",
                    "libvpx",
                    "copy",
                ],
            )?,
            no_audio: given.flag("an", false)?,
            no_video: given.flag("vn", false)?,
            speed: given.speed()?,
            sample_rate: given
                .parsed::<u32>("ar")?
                .map(|rate| match SAMPLE_RATES.contains(&rate) {
                    true => Ok(rate),
                    false => Err(given.wrong("ar", "one of 44100 48000 32000 22050 24000 16000 0")),
                })
                .transpose()?
                .filter(|rate| *rate != 0),
            channels: given.channels()?,
            sample_aspect: given.ratio("sar")?,
            display_aspect: given.ratio("dar")?,
            profile: given.word("pv")?,
            level: given.word("level")?,
            format: given.word("f")?.map(|format| format.to_ascii_lowercase()),
            segment_seconds: given.number("ht", 1..=86_400)?,
            watermark: given.watermark()?,
            start: given.time("ss")?,
            end: given.time("es")?,
            and_back: given.flag("cr", false)?,
            before: given.paths("h")?,
            after: given.paths("i")?,
            joins_unchanged: given.one_of("codec", &["copy"])?.is_some(),
            is_h265: given.one_of("ct", &["h264", "h265"])?.as_deref() == Some("h265"),
            is_animation: given.one_of("scene", &SCENES)?.as_deref() == Some("animation"),
            pictures: given.pictures()?,
            audio_kbps: given.number("ab", 1..=10_000)?,
            audio_quality: given.number("vbr", 0..=9)?,
        };
        options.check(&given)?;
        Ok(options)
    }

    /// Whether other files are put before or after the source.
    pub(super) fn joins(&self) -> bool {
        !self.before.is_empty() || !self.after.is_empty()
    }

    fn check(&self, given: &Given<'_>) -> Result<(), Failure> {
        let refuse = |why: &str| Err(Failure::bad_parameter(why));
        if self.keeps_aspect && self.frame.is_none() {
            return refuse("as has a meaning only with s");
        }
        if self.no_audio && self.no_video {
            return refuse("an and vn together leave nothing");
        }
        if self.is_h265 && given.last("scene").is_some() {
            return refuse("scene is for h264 only");
        }
        if let (Some(start), Some(end)) = (self.start, self.end)
            && end <= start
            && self.pictures.is_none_or(|_| given.kind != Kind::Thumbnail)
        {
            return refuse("es is not after ss");
        }
        let is_copy = self.video_codec.as_deref() == Some("copy");
        if is_copy && (self.filters_video() || self.fps.is_some()) {
            return refuse("vcodec/copy leaves the picture as it is: no other size, speed or mark");
        }
        if self.audio_codec.as_deref() == Some("copy") && self.speed > 1.0 {
            return refuse("acodec/copy leaves the sound as it is: no other speed");
        }
        let others = given
            .pairs
            .iter()
            .find(|(key, _)| !matches!(&**key, "i" | "h" | "codec"));
        match others {
            Some((key, _)) if self.joins() => Err(Failure::bad_parameter(format!(
                "i and h do not go with {key}"
            ))),
            _ if self.joins_unchanged && !self.joins() => refuse("codec is for i and h only"),
            _ => Ok(()),
        }
    }

    pub(super) fn filters_video(&self) -> bool {
        self.frame.is_some()
            || !matches!(self.turn, Turn::Keep)
            || self.speed > 1.0
            || self.sample_aspect.is_some()
            || self.display_aspect.is_some()
            || self.watermark.is_some()
            || self.and_back
    }
}

/// The pairs of a step; of a key that is given twice, the last counts.
struct Given<'a> {
    kind: Kind,
    pairs: &'a [Pair],
}

impl<'a> Given<'a> {
    fn check_keys(&self) -> Result<(), Failure> {
        let known = self.kind.keys();
        match self.pairs.iter().find(|(key, _)| !known.contains(&&**key)) {
            Some((key, _)) => Err(Failure::bad_parameter(format!(
                "{} tasks have no parameter {key}; they have {}",
                self.kind.name(),
                known.join(" ")
            ))),
            None => Ok(()),
        }
    }

    fn last(&self, key: &str) -> Option<&'a str> {
        let mut values = self.pairs.iter().rev();
        values
            .find(|(known, _)| known == key)
            .map(|(_, value)| &**value)
    }

    fn wrong(&self, key: &str, want: &str) -> Failure {
        Failure::bad_parameter(format!(
            "{key} is {:?}; it is {want}",
            self.last(key).unwrap_or_default()
        ))
    }

    fn parsed<T: FromStr>(&self, key: &str) -> Result<Option<T>, Failure> {
        self.last(key)
            .map(|value| value.parse().map_err(|_| self.wrong(key, "a number")))
            .transpose()
    }

    fn number<T: FromStr + PartialOrd + std::fmt::Display>(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<T>,
    ) -> Result<Option<T>, Failure> {
        let number = self.parsed(key)?;
        if number.as_ref().is_some_and(|it| !range.contains(it)) {
            let want = format!("{} to {}", range.start(), range.end());
            return Err(self.wrong(key, &want));
        }
        Ok(number)
    }

    fn flag(&self, key: &str, default: bool) -> Result<bool, Failure> {
        match self.last(key) {
            None => Ok(default),
            Some("1" | "true") => Ok(true),
            Some("0" | "false") => Ok(false),
            Some(_) => Err(self.wrong(key, "1, 0, true or false")),
        }
    }

    fn one_of(&self, key: &str, known: &[&str]) -> Result<Option<String>, Failure> {
        match self.last(key) {
            None => Ok(None),
            Some(value) if known.contains(&value) => Ok(Some(value.to_owned())),
            Some(_) => Err(self.wrong(key, &format!("one of {}", known.join(" ")))),
        }
    }

    /// A name that goes to ffmpeg: nothing in it may be taken for something else.
    fn word(&self, key: &str) -> Result<Option<String>, Failure> {
        let Some(value) = self.last(key).map(str::trim) else {
            return Ok(None);
        };
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':');
        if value.is_empty() || !value.bytes().all(is_plain) {
            return Err(self.wrong(key, "a word"));
        }
        Ok(Some(value.to_owned()))
    }

    fn size(&self) -> Result<Option<(u32, u32, Option<u32>)>, Failure> {
        let Some(value) = self.last("s") else {
            return Ok(None);
        };
        if let Some((_, width, height, cap)) = PRESETS.iter().find(|(name, ..)| *name == value) {
            return Ok(Some((*width, *height, Some(*cap))));
        }
        let side = |text: &str| {
            let side = text.parse::<u32>().ok();
            side.filter(|side| (1..=MAX_SIDE).contains(side))
        };
        let sides = value.split_once(['x', ':']);
        sides
            .and_then(|(width, height)| Some((side(width)?, side(height)?, None)))
            .map(Some)
            .ok_or_else(|| self.wrong("s", "WxH, or a name like 720p(16:9)"))
    }

    fn turn(&self) -> Result<Turn, Failure> {
        Ok(match self.last("sp") {
            None => Turn::Keep,
            Some("auto") => Turn::Auto,
            Some("90") => Turn::Right,
            Some("180") => Turn::Around,
            Some("270") => Turn::Left,
            Some(_) => return Err(self.wrong("sp", "auto, 90, 180 or 270")),
        })
    }

    fn speed(&self) -> Result<f64, Failure> {
        let speed = self.parsed::<f64>("su")?.unwrap_or(1.0);
        match (1.0..=10.0).contains(&speed) {
            true => Ok(speed),
            false => Err(self.wrong("su", "1.0 to 10.0")),
        }
    }

    fn channels(&self) -> Result<Option<u32>, Failure> {
        Ok(match self.last("ac") {
            None => None,
            Some("5.1") => Some(6),
            Some("7.1") => Some(8),
            Some(_) => match self.parsed::<u32>("ac")? {
                Some(channels @ 1..=8) => Some(channels),
                _ => return Err(self.wrong("ac", "1, 2, 5.1 or 7.1")),
            },
        })
    }

    fn ratio(&self, key: &str) -> Result<Option<(u32, u32)>, Failure> {
        let Some(value) = self.last(key) else {
            return Ok(None);
        };
        let side = |text: &str| {
            text.parse::<u32>()
                .ok()
                .filter(|it| (1..=65535).contains(it))
        };
        let ratio = value.split_once(':');
        ratio
            .and_then(|(width, height)| Some((side(width)?, side(height)?)))
            .map(Some)
            .ok_or_else(|| self.wrong(key, "w:h"))
    }

    /// `HH:MM:SS`, with or without a fraction, or seconds.
    fn time(&self, key: &str) -> Result<Option<f64>, Failure> {
        let Some(value) = self.last(key) else {
            return Ok(None);
        };
        seconds(value)
            .map(Some)
            .ok_or_else(|| self.wrong(key, "HH:MM:SS"))
    }

    fn watermark(&self) -> Result<Option<Watermark>, Failure> {
        let gravity = self.last("wmGravity").unwrap_or("northeast");
        let gravity = gravity.to_ascii_lowercase();
        if !GRAVITIES.contains(&&*gravity) {
            return Err(self.wrong("wmGravity", &format!("one of {}", GRAVITIES.join(" "))));
        }
        let (dx, dy) = if gravity == "northeast" {
            (-20, 15)
        } else {
            (0, 0)
        };
        let offset = -10_000..=10_000;
        let dx = self.number("wmDx", offset.clone())?.unwrap_or(dx);
        let dy = self.number("wmDy", offset)?.unwrap_or(dy);
        let Some(path) = self.last("wmImg") else {
            return Ok(None);
        };
        Ok(Some(Watermark {
            path: avopts::path("wmImg", path)?,
            gravity,
            dx,
            dy,
        }))
    }

    fn paths(&self, key: &str) -> Result<Vec<String>, Failure> {
        let values = self.pairs.iter().filter(|(known, _)| known == key);
        values.map(|(_, value)| avopts::path(key, value)).collect()
    }

    fn pictures(&self) -> Result<Option<u32>, Failure> {
        if self.kind != Kind::Thumbnail || self.flag("o", true)? {
            return Ok(None);
        }
        match self.number("n", 1..=MAX_THUMBNAILS)? {
            Some(count) => Ok(Some(count)),
            None => Err(Failure::bad_parameter(
                "several pictures need n, their number",
            )),
        }
    }
}

/// `HH:MM:SS`, with or without a fraction, or seconds.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let part = |text: &str| {
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        text.parse::<f64>().ok().filter(|_| is_plain)
    };
    let parts: Vec<f64> = text.split(':').map(part).collect::<Option<_>>()?;
    match parts[..] {
        [seconds] => Some(seconds),
        [hours, minutes, seconds] if minutes < 60.0 && seconds < 60.0 => {
            Some(hours * 3600.0 + minutes * 60.0 + seconds)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(kind: Kind, text: &str) -> Result<Options, Failure> {
        Options::parse(kind, &avopts::split(text)?)
    }

    #[track_caller]
    fn refused(kind: Kind, text: &str, why: &str) {
        let failure = parse(kind, text).unwrap_err();
        assert!(failure.why.contains(why), "{text}: {failure}");
    }

    #[test]
    fn frames_have_names_or_sides() {
        let frame = |text: &str| parse(Kind::Video, text).unwrap();
        let named = frame("/s/240p(4:3)");
        assert_eq!((named.frame, named.cap_kbps), (Some((320, 240)), Some(300)));
        assert_eq!(frame("/s/1280x720").frame, Some((1280, 720)));
        assert_eq!(frame("/s/1280:720").frame, Some((1280, 720)));
        refused(Kind::Video, "/s/big", "WxH");
        refused(Kind::Video, "/s/0x1", "WxH");
        refused(Kind::Video, "/s/99999x1", "WxH");
    }

    #[test]
    fn times_are_clocks_or_seconds() {
        assert_eq!(seconds("00:01:05"), Some(65.0));
        assert_eq!(seconds("01:00:00.250"), Some(3600.25));
        assert_eq!(seconds("5"), Some(5.0));
        for bad in ["", "1:2", "00:61:00", "-1", "1e3", "a", "00:00:00:00"] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_a_type_does_not_have_is_refused() {
        refused(Kind::Video, "/n/1", "no parameter n");
        refused(Kind::Nbhd, "/vb/500", "no parameter vb");
        refused(Kind::Audio, "/vb/500", "no parameter vb");
        refused(Kind::Thumbnail, "/o/0", "need n");
        refused(Kind::Video, "/an/1/vn/1", "leave nothing");
        refused(Kind::Video, "/as/1", "only with s");
        refused(Kind::Video, "/ss/00:00:05/es/00:00:05", "not after");
        refused(Kind::Video, "/vcodec/copy/s/1x1", "as it is");
        refused(Kind::Video, "/su/11", "1.0 to 10.0");
        refused(Kind::Video, "/ar/8000", "44100");
        refused(Kind::Video, "/i/L2E=/vb/500", "do not go with vb");
        refused(Kind::Video, "/pv/ma-in", "a word");
        refused(Kind::Nbhd, "/ct/h265/scene/auto", "h264 only");
    }

    #[test]
    fn defaults_are_the_documented_ones() {
        let options = parse(Kind::Video, "/wmImg/L2EucG5n").unwrap();
        let mark = options.watermark.unwrap();
        assert_eq!((&*mark.gravity, mark.dx, mark.dy), ("northeast", -20, 15));
        assert!(options.keeps_metadata);
        let south = parse(Kind::Video, "/wmImg/L2EucG5n/wmGravity/South").unwrap();
        let mark = south.watermark.unwrap();
        assert_eq!((mark.dx, mark.dy), (0, 0));
        assert_eq!(parse(Kind::Thumbnail, "").unwrap().pictures, None);
        assert_eq!(
            parse(Kind::Thumbnail, "/o/0/n/4").unwrap().pictures,
            Some(4)
        );
        assert_eq!(
            parse(Kind::Video, "/vb/1/vb/2").unwrap().video_kbps,
            Some(2)
        );
    }
}
