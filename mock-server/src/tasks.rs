//! What the service does after it has answered: tasks, and the callbacks that tell their end.
//!
//! A task waits for one of few workers, is carried out by the module of its app, and ends with an
//! outcome, of which the callback and `/result/` are two forms. Apps read objects as they were when
//! they began, work in a directory of their own, and give results their keys in the end, so that a
//! task that is killed leaves nothing.

pub(crate) mod apps;
#[cfg(feature = "archives")]
mod archive;
#[cfg(not(feature = "archives"))]
#[path = "tasks/archive/off.rs"]
mod archive;
mod audit;
mod callbacks;
mod engine;
mod fetch;
#[cfg(feature = "media")]
mod ffmpeg;
#[cfg(feature = "images")]
mod jigsaw;
mod job;
mod kept;
#[cfg(feature = "media")]
mod naga;
#[cfg(not(feature = "media"))]
#[path = "tasks/naga/off.rs"]
mod naga;
mod outcome;
mod outside;
#[cfg(feature = "images")]
mod pictures;
#[cfg(not(feature = "images"))]
#[path = "tasks/pictures/off.rs"]
mod pictures;
mod report;
mod task;
#[cfg(feature = "images")]
mod thumb;

pub use audit::Verdict;
pub use callbacks::{Attempt, CallbackEntry, CallbackState};
pub(crate) use callbacks::{Callback, Callbacks};
pub(crate) use engine::{Tasks, World};
pub(crate) use job::{Job, key_of, resolve};
#[cfg(feature = "fuzzing")]
pub(crate) use naga::try_options;
pub(crate) use naga::{avmeta, take_snapshot, transcode};
pub(crate) use outcome::Failure;
pub(crate) use outside::{Egress, Outside, in_words, plain_client};
pub(crate) use task::NewTask;
pub use task::{TaskEntry, TaskState};
