//! Asynchronous tasks over a socket: submitting, asking, the apps, and what is told of their end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod archives;
mod engine;
mod fetch;
mod foreign_files;
mod forms;
mod jigsaw;
#[path = "../kit/mod.rs"]
#[allow(dead_code, reason = "every test program uses a part of it")]
mod kit;
mod media;
mod submit;
mod sync;
mod told;
mod work;
