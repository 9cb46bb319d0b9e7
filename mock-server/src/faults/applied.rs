//! Faults that were applied to a request, as its journal entry tells them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A fault that was applied to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[non_exhaustive]
pub struct AppliedFault {
    /// The id of the rule.
    pub id: String,
    /// What it did, in a sentence.
    pub did: String,
}

impl AppliedFault {
    /// What the rule of this id did.
    pub fn new(id: impl Into<String>, did: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            did: did.into(),
        }
    }
}
