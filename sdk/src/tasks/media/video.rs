//! video, nbhd and hls.

use super::{Avopts, Gravity, clip, media_task};

/// Transcodes a video; by the suffix of its name also into segments, GIF or WebP.
///
/// What is not set stays as the source has it.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct VideoTask {
    avopts: Avopts,
    save_as: Option<String>,
    return_info: bool,
}

/// "Narrow-band HD": a video that is encoded for few bits at a good look.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct NarrowbandTask {
    avopts: Avopts,
    save_as: Option<String>,
    return_info: bool,
}

/// Cuts a video into segments with a playlist.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct HlsTask {
    avopts: Avopts,
    save_as: Option<String>,
    return_info: bool,
}

media_task!(VideoTask, "video");
media_task!(NarrowbandTask, "nbhd");
media_task!(HlsTask, "hls");
clip!(VideoTask);
clip!(NarrowbandTask);

/// How a video is turned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// Upright, by what the file says of itself.
    Auto,
    /// A quarter clockwise.
    Right,
    /// Upside down.
    Around,
    /// A quarter counter-clockwise.
    Left,
}

/// What tasks have that make a video.
macro_rules! picture {
    ($name:ident) => {
        impl $name {
            /// Everything as the source has it.
            pub fn new() -> Self {
                Self::default()
            }

            /// This frame, in pixels.
            pub fn size(self, width: u32, height: u32) -> Self {
                self.option("s", format!("{width}x{height}"))
            }

            /// The frame of this name, like `720p(16:9)`, which also limits the bitrate.
            pub fn preset(self, name: &str) -> Self {
                self.option("s", name)
            }

            /// Fits into the frame without a change of its aspect. Only with a frame.
            pub fn keep_aspect(self) -> Self {
                self.option("as", true)
            }

            /// Pictures a second.
            pub fn fps(self, fps: u32) -> Self {
                self.option("r", fps)
            }
        }
    };
}

/// What video and narrow-band tasks share besides.
macro_rules! transcoding {
    ($name:ident) => {
        impl $name {
            /// Turns it.
            pub fn rotate(self, rotation: Rotation) -> Self {
                let value = match rotation {
                    Rotation::Auto => "auto",
                    Rotation::Right => "90",
                    Rotation::Around => "180",
                    Rotation::Left => "270",
                };
                self.option("sp", value)
            }

            /// Leaves title, author and the like out.
            pub fn strip_metadata(self) -> Self {
                self.option("sm", false)
            }

            /// Plays it this many times as fast: 1 to 10.
            pub fn speed(self, factor: f64) -> Self {
                self.option("su", factor)
            }

            /// Samples of sound a second, in Hz.
            pub fn sample_rate(self, hertz: u32) -> Self {
                self.option("ar", hertz)
            }

            /// The format, where the name of the result has no suffix.
            pub fn format(self, format: &str) -> Self {
                self.option("f", format)
            }

            /// Segments of this length, in seconds, and a playlist; the name must end in `.m3u8`.
            pub fn segment_seconds(self, seconds: u32) -> Self {
                self.option("ht", seconds)
            }

            /// Lays a PNG or WebP of the same service over it.
            pub fn watermark(mut self, key: &str, gravity: Gravity) -> Self {
                self.avopts.push_path("wmImg", key);
                self.option("wmGravity", gravity.as_str())
            }

            /// Moves the watermark by so many pixels to the east and to the south.
            pub fn watermark_offset(self, east: i32, south: i32) -> Self {
                self.option("wmDx", east).option("wmDy", south)
            }
        }
    };
}

picture!(VideoTask);
picture!(NarrowbandTask);
picture!(HlsTask);
transcoding!(VideoTask);
transcoding!(NarrowbandTask);

impl VideoTask {
    /// Bitrate of the pictures, in kbit/s.
    pub fn kbps(self, kbps: u32) -> Self {
        self.option("vb", kbps)
    }

    /// The encoder of the pictures: `libx264`, `libx265`, `libvpx`, `libvpx-vp9`, `libtheora`, or
    /// `copy` to leave them as they are.
    pub fn video_codec(self, codec: &str) -> Self {
        self.option("vcodec", codec)
    }

    /// The encoder of the sound: `libmp3lame`, `libfdk_aac`, or `copy` to leave it as it is.
    pub fn audio_codec(self, codec: &str) -> Self {
        self.option("acodec", codec)
    }

    /// Without sound.
    pub fn no_audio(self) -> Self {
        self.option("an", true)
    }

    /// Without pictures.
    pub fn no_video(self) -> Self {
        self.option("vn", true)
    }

    /// Channels of sound: `1`, `2`, `5.1`, `7.1`.
    pub fn channels(self, channels: &str) -> Self {
        self.option("ac", channels)
    }

    /// Plays the clip forth and back. Only for GIF and WebP.
    pub fn and_back(self) -> Self {
        self.option("cr", true)
    }
}

impl NarrowbandTask {
    /// H.265 instead of H.264.
    pub fn h265(self) -> Self {
        self.option("ct", "h265")
    }

    /// What is seen: `self_portrait`, `animation`, `film_calm`, `film_dramatic`. Only for H.264.
    pub fn scene(self, scene: &str) -> Self {
        self.option("scene", scene)
    }
}

impl HlsTask {
    /// The length of a segment, in seconds.
    pub fn segment_seconds(self, seconds: u32) -> Self {
        self.option("ht", seconds)
    }

    /// Bitrate of the pictures, in kbit/s.
    pub fn kbps(self, kbps: u32) -> Self {
        self.option("vb", kbps)
    }
}
