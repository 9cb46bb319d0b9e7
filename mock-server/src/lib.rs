//! The UPYUN object store on loopback.

pub mod accounts;
mod api;
pub mod auth;
pub mod cli;
mod config;
mod front;
mod image;
pub mod observe;
mod refusal;
mod server;
pub mod store;

pub use config::{Config, ConfigError, Fidelity, Limits, PutAnswer};
pub use observe::Clock;
pub use refusal::Refusal;
pub use server::{Builder, MockServer, StartError};
