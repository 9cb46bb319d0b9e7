//! What both ends of the wire share, without I/O.

mod error_code;
mod key;

pub use error_code::{ErrorBody, ErrorCode, Family};
pub use key::{Key, KeyError, ServiceName, ServiceNameError};
