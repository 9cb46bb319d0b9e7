//! What the service does after it has answered.

mod callbacks;
mod deliver;
mod queue;

pub use callbacks::{Attempt, CallbackEntry, CallbackState};
pub(crate) use callbacks::{Callback, Callbacks};
pub(crate) use queue::Tasks;
pub use queue::{TaskEntry, TaskState};
