//! The directory behind the service: what is visible when, and what survives.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod append_only;
mod atomic;
mod directory;
mod index;
#[path = "../kit/mod.rs"]
#[allow(dead_code, reason = "every test program uses a part of it")]
mod kit;
mod model;
mod persistence;
mod state;
