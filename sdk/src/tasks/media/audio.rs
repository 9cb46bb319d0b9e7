//! audio.

use super::{Avopts, clip, media_task};

/// Transcodes sound, or the sound of a video.
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct AudioTask {
    avopts: Avopts,
    save_as: Option<String>,
    return_info: bool,
}

media_task!(AudioTask, "audio");
clip!(AudioTask);

impl AudioTask {
    /// Two channels, everything else as the source has it.
    pub fn new() -> Self {
        Self::default()
    }

    /// `mp3`, `mp4` or `ogg`, where the name of the result has no suffix.
    pub fn format(self, format: &str) -> Self {
        self.option("f", format)
    }

    /// Channels.
    pub fn channels(self, channels: u32) -> Self {
        self.option("ac", channels)
    }

    /// Bitrate, in kbit/s.
    pub fn kbps(self, kbps: u32) -> Self {
        self.option("ab", kbps)
    }

    /// The encoder's own scale of quality, 0 to 9, instead of a bitrate.
    pub fn quality(self, quality: u8) -> Self {
        self.option("vbr", quality)
    }

    /// Leaves title, artist and the like out.
    pub fn strip_metadata(self) -> Self {
        self.option("sm", false)
    }
}
