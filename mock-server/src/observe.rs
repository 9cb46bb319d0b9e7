//! What the server knows of itself: the clock, the journal of requests.

mod api_name;
mod applied;
pub(crate) mod clock;
mod filter;
mod journal;
mod log;
mod purges;
mod record;
mod request_id;
mod whole;

pub use api_name::ApiName;
pub use applied::AppliedFault;
pub use clock::Clock;
pub use filter::JournalFilter;
pub use journal::{Journal, JournalEntry};
pub use purges::PurgeEntry;
pub(crate) use purges::Purges;
pub(crate) use record::record;
pub use request_id::RequestId;
pub(crate) use whole::PREVIEW_BYTES;
