//! The program as a user meets it: start, output, signals, exit status.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bombs;
mod data;
mod env;
mod exec;
mod faults;
mod kit;
mod serve;
mod sign;
mod start;
mod stop;
mod tasks;
