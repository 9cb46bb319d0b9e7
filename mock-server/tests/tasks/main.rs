//! Asynchronous tasks over a socket: submitting, asking, the apps, and what is told of their end.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod archives;
mod engine;
mod fetch;
mod foreign_files;
mod forms;
mod jigsaw;
#[path = "../http/kit.rs"]
#[expect(dead_code, reason = "the other tests use more of it")]
mod kit;
mod media;
mod submit;
mod sync;
mod told;
mod work;
