//! vconcat, aconcat and chain.

use super::{Avopts, MediaTask};

/// Puts files after one another.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct ConcatTask(MediaTask);

impl ConcatTask {
    /// Videos; they must have frames of the same size.
    pub fn video() -> Self {
        Self(MediaTask::of("vconcat", Avopts::default()))
    }

    /// Sound.
    pub fn audio() -> Self {
        Self(MediaTask::of("aconcat", Avopts::default()))
    }

    /// Puts this object before the source, behind those that were named so far.
    pub fn before(mut self, key: &str) -> Self {
        self.0.avopts.push_path("h", key);
        self
    }

    /// Puts this object after the source and after those that were named so far.
    pub fn after(mut self, key: &str) -> Self {
        self.0.avopts.push_path("i", key);
        self
    }

    /// Does not encode anew. Only for videos.
    pub fn unchanged(mut self) -> Self {
        self.0.avopts.push("codec", "copy");
        self
    }
}

/// Up to four steps, each of which works on what the one before made; only the last is stored.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a task does nothing until it is submitted"]
pub struct ChainTask(MediaTask);

impl Default for ChainTask {
    fn default() -> Self {
        Self::new()
    }
}

impl ChainTask {
    /// Nothing yet.
    pub fn new() -> Self {
        Self(MediaTask::of("chain", Avopts::default()))
    }

    /// Adds a step; where it would be stored and what it would tell does not matter. Thumbnails and
    /// segments can only be the last.
    pub fn then(mut self, step: impl Into<MediaTask>) -> Self {
        let step = step.into();
        let avopts = std::mem::take(&mut self.0.avopts.0);
        self.0.avopts.0 = avopts + "/" + step.kind + &step.avopts.0;
        self
    }
}

/// What both have.
macro_rules! result {
    ($name:ident) => {
        impl $name {
            /// Stores the result under this key.
            pub fn save_as(mut self, key: impl Into<String>) -> Self {
                self.0.save_as = Some(key.into());
                self
            }

            /// Asks what the result is made of.
            pub fn return_info(mut self) -> Self {
                self.0.return_info = true;
                self
            }
        }

        impl From<$name> for MediaTask {
            fn from(task: $name) -> Self {
                task.0
            }
        }
    };
}

result!(ConcatTask);
result!(ChainTask);
