//! HTTP/1.1 byte by byte, so that it can be wrong on purpose, and a record of what went over it.

mod answer;
mod connection;
mod exchange;
mod form;
mod meter;
mod mirror;
mod parse;
mod relay;
mod request;

pub use answer::Answer;
pub use connection::Connection;
pub use exchange::{Exchange, Message, Scrubber};
pub use form::Form;
pub use meter::{Budget, Meter, Spent};
pub(crate) use mirror::Shadow;
pub(crate) use parse::answer as read_answer;
pub use relay::{Relay, Relayed};
pub use request::Request;
pub use upyun_test_kit::sign;

/// An API, by the host that serves it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Api {
    /// REST, FORM and resumable uploads.
    Storage,
    /// Asynchronous tasks.
    Tasks,
    /// Synchronous tasks.
    SyncTasks,
    /// Cache refresh.
    Purge,
    /// Block uploads of old.
    Block,
    /// Any other host: an access domain, another line of the same API.
    Host(String),
}

impl Api {
    /// The host's name.
    pub fn host(&self) -> &str {
        match self {
            Self::Storage => "v0.api.upyun.com",
            Self::Tasks => "p0.api.upyun.com",
            Self::SyncTasks => "p1.api.upyun.com",
            Self::Purge => "purge.upyun.com",
            Self::Block => "m0.api.upyun.com",
            Self::Host(host) => host,
        }
    }
}
