//! Asynchronous tasks: `tasks.md`.

mod apps;
mod audits;
mod callbacks;
mod compress;
mod depress;
mod jigsaw;
mod naga;
mod query;
mod spiderman;
mod submit;
mod thumb;
mod uconvert;

pub(crate) use naga::put_video;
