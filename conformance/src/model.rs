//! Random sequences of operations, on a target and on a model of the service beside it.
//!
//! An [`Op`] is one operation, a [`Script`] several, with a text form that people can read and
//! change. [`play`] carries a script out and tells the first answer that is not the model's;
//! [`Search`] invents scripts, and shortens the one that shows a difference.
//! [`concurrent`] does the same with tasks that work on few keys at the same time, where the order
//! is found afterwards.

mod answer;
pub mod concurrent;
mod content;
mod driver;
mod generate;
mod linear;
mod many;
mod names;
pub mod op;
mod play;
mod reference;
mod script;
mod search;
mod world;

pub use content::{Body, Content};
pub use generate::any_script;
pub use many::{Finding, Tally};
pub use op::Op;
pub use play::{Difference, play};
pub use script::{Script, ScriptError};
pub use search::{Found, Search, Stopped};

/// What a target can do besides answering.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities {
    /// Its clock can be moved and relied on, and it can be restarted.
    pub clock: bool,
}

impl Abilities {
    /// Everything.
    pub const ALL: Self = Self { clock: true };
}
