//! A running server, and one to embed in a test.

mod embedded;
mod running;
mod service;

pub use embedded::{Builder, MockServer};
pub(crate) use running::Running;
pub use running::StartError;
pub use service::{ServiceHandle, UnknownService};
