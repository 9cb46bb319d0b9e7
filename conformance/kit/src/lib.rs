//! What the tests of all crates share.
//!
//! It uses neither the SDK nor the emulator, so that an expectation never comes from the code under
//! test.
#![allow(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot continue fails"
)]

mod connection;
mod head;
mod received;
mod refusal;
mod request;
mod response;
pub mod sign;
mod tree;
mod wait;

pub use connection::Connection;
pub use head::{Head, dechunk};
pub use received::Received;
pub use refusal::Refusal;
pub use request::Request;
pub use response::Response;
pub use tree::{Tree, tree};
pub use wait::wait_for;
