//! The UPYUN object store on loopback.

pub mod observe;
pub mod store;

pub use observe::Clock;
