//! The service over a socket: what every operation answers, and every way to be refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod auth;
mod block;
mod callbacks;
mod cdn;
mod connection;
mod control;
mod expect;
mod explain;
mod faults;
mod form;
#[path = "../kit/mod.rs"]
#[allow(dead_code, reason = "every test program uses a part of it")]
mod kit;
mod multipart;
mod pictures;
mod proxy;
mod purge;
mod upload;
