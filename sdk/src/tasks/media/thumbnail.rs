//! thumbnail.

use super::{Avopts, MediaTime, media_task};

/// Takes pictures from a video.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct ThumbnailTask {
    avopts: Avopts,
    save_as: Option<String>,
    return_info: bool,
}

media_task!(ThumbnailTask, "thumbnail");

impl Default for ThumbnailTask {
    fn default() -> Self {
        Self::new()
    }
}

impl ThumbnailTask {
    /// One picture, from the beginning.
    pub fn new() -> Self {
        let mut avopts = Avopts::default();
        avopts.push("o", true);
        Self {
            avopts,
            save_as: None,
            return_info: false,
        }
    }

    /// So many pictures instead of one, at equal distances; a number is put before the suffix of the
    /// name.
    pub fn count(mut self, count: u32) -> Self {
        self.avopts.0 = self.avopts.0.replacen("/o/true", "/o/false", 1);
        self.option("n", count)
    }

    /// At this time, or from it on if there are several; in seconds or as a `Duration`.
    pub fn at(mut self, time: impl Into<MediaTime>) -> Self {
        self.avopts.push_time("ss", time);
        self
    }

    /// Several pictures are taken before this time, in seconds or as a `Duration`.
    pub fn until(mut self, time: impl Into<MediaTime>) -> Self {
        self.avopts.push_time("es", time);
        self
    }

    /// The size of the pictures, in pixels.
    pub fn size(self, width: u32, height: u32) -> Self {
        self.option("s", format!("{width}:{height}"))
    }

    /// PNG, whatever the name says.
    pub fn png(self) -> Self {
        self.option("f", "png")
    }

    /// JPEG, whatever the name says.
    pub fn jpeg(self) -> Self {
        self.option("f", "jpg")
    }
}
