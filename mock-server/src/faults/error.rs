//! Rules that mean nothing.

use std::fmt;

/// Why a rule cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultError(pub(super) String);

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the fault cannot be set: {}", self.0)
    }
}

impl std::error::Error for FaultError {}
