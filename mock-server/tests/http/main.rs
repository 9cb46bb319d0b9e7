//! The service over a socket: what every operation answers, and every way to be refused.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod auth;
mod block;
mod callbacks;
mod cdn;
mod connection;
mod control;
mod cors;
mod expect;
mod explain;
mod faults;
mod form;
mod kit;
mod lists;
mod manage;
mod multipart;
mod paths;
mod pictures;
mod proxy;
mod purge;
mod read;
mod upload;
