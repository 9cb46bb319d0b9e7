//! What the service does after it has answered.

mod callbacks;
mod deliver;

pub use callbacks::{Attempt, CallbackEntry, CallbackState};
pub(crate) use callbacks::{Callback, Callbacks};
