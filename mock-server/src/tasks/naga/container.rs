//! Formats of outputs: what ffmpeg calls them, and what goes into them.

/// A format.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Container {
    /// The suffix, or the value of `f`.
    pub(super) name: &'static str,
    /// What ffmpeg calls it.
    pub(super) muxer: &'static str,
    /// The encoder of pictures; ffmpeg's choice if empty.
    pub(super) video: &'static str,
    /// The encoder of sound; ffmpeg's choice if empty, none for [`NONE`].
    pub(super) audio: &'static str,
}

/// No such stream.
pub(super) const NONE: &str = "none";

const fn container(
    name: &'static str,
    muxer: &'static str,
    video: &'static str,
    audio: &'static str,
) -> Container {
    Container {
        name,
        muxer,
        video,
        audio,
    }
}

const CONTAINERS: [Container; 24] = [
    container("mp4", "mp4", "libx264", "aac"),
    container("m4v", "mp4", "libx264", "aac"),
    container("mov", "mov", "libx264", "aac"),
    container("f4v", "f4v", "libx264", "aac"),
    container("3gp", "3gp", "libx264", "aac"),
    container("mkv", "matroska", "libx264", "aac"),
    container("flv", "flv", "libx264", "aac"),
    container("ts", "mpegts", "libx264", "aac"),
    container("m3u8", "hls", "libx264", "aac"),
    container("webm", "webm", "libvpx", "libvorbis"),
    container("ogv", "ogg", "libtheora", "libvorbis"),
    container("avi", "avi", "", ""),
    container("wmv", "asf", "", ""),
    container("asf", "asf", "", ""),
    container("vob", "vob", "", ""),
    container("mpg", "mpeg", "", ""),
    container("mpeg", "mpeg", "", ""),
    container("gif", "gif", "gif", NONE),
    container("webp", "webp", "libwebp", NONE),
    container("mp3", "mp3", NONE, "libmp3lame"),
    container("m4a", "mp4", NONE, "aac"),
    container("aac", "adts", NONE, "aac"),
    container("ogg", "ogg", "libtheora", "libvorbis"),
    container("wav", "wav", NONE, "pcm_s16le"),
];

impl Container {
    /// By a suffix or the value of `f`.
    pub(super) fn of(name: &str) -> Option<&'static Self> {
        CONTAINERS
            .iter()
            .find(|known| known.name.eq_ignore_ascii_case(name))
    }

    /// Whether pictures follow each other without sound.
    pub(super) fn is_animation(&self) -> bool {
        matches!(self.name, "gif" | "webp")
    }

    pub(super) fn is_playlist(&self) -> bool {
        self.muxer == "hls"
    }

    /// What ffmpeg needs to know besides the encoders.
    pub(super) fn extra(&self) -> &'static [&'static str] {
        match self.muxer {
            "mp4" | "mov" | "f4v" | "3gp" => &["-movflags", "+faststart"],
            "webp" => &["-loop", "0"],
            _ => &[],
        }
    }
}
