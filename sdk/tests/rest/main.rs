//! The REST operations, byte by byte, against a server that plays a script.

#![cfg(feature = "client")]
#![expect(
    clippy::unwrap_used,
    reason = "the lint spares test functions, but not their helpers"
)]

#[cfg(feature = "blocking")]
mod blocking;
mod get;
mod list;
mod manage;
mod paths;
mod pictures;
mod put;
mod retry;
mod signer;
mod support;
