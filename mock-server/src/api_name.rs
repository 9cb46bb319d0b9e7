//! The APIs, as the journal and the rules of faults name them.

use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An API of the service.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ApiName {
    /// Objects and folders on v0…v3.
    Rest,
    /// The legacy block upload on m0.
    Block,
    /// Resumable uploads, the stages and the questions about them.
    Multipart,
    /// FORM uploads.
    Form,
    /// Cache refresh.
    Purge,
    /// Asynchronous tasks on p0.
    Tasks,
    /// Synchronous tasks on p1.
    SyncTasks,
    /// Access domains.
    Cdn,
}

impl ApiName {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Rest,
        Self::Block,
        Self::Multipart,
        Self::Form,
        Self::Purge,
        Self::Tasks,
        Self::SyncTasks,
        Self::Cdn,
    ];

    /// The name in rules and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Block => "block",
            Self::Multipart => "multipart",
            Self::Form => "form",
            Self::Purge => "purge",
            Self::Tasks => "tasks",
            Self::SyncTasks => "sync_tasks",
            Self::Cdn => "cdn",
        }
    }
}

impl fmt::Display for ApiName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_those_of_the_json() {
        for api in ApiName::ALL {
            assert_eq!(serde_json::json!(api), api.as_str());
        }
    }
}
