//! A running server, and one to embed in a test.

mod embedded;
mod expect;
mod fault_guard;
mod running;
mod service;

pub use embedded::{Builder, MockServer};
pub use expect::{Expect, ExpectError, ExpectGuard, Times, UnmetExpectation};
pub use fault_guard::FaultGuard;
pub(crate) use running::Running;
pub use running::StartError;
pub use service::{ServiceHandle, UnknownService};
