//! Uploads of local files against the emulator: whole, in parts, interrupted, resumed.
#![cfg(feature = "client")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod files;
mod killed;
mod lossy;
mod resumed;
mod sources;
mod support;
