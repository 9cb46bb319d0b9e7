//! Rules that mean nothing.

/// Why a rule cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the fault cannot be set: {0}")]
pub struct FaultError(pub(super) String);

impl FaultError {
    /// The reason, without the words before it.
    pub(crate) fn reason(&self) -> &str {
        &self.0
    }
}
