//! What the server knows of itself: the clock, the journal of requests.

mod api_name;
mod applied;
pub(crate) mod clock;
mod entry;
pub(crate) mod faults;
mod filter;
pub(crate) mod har;
mod journal;
mod log;
mod operation;
mod purges;
mod record;
pub(crate) mod report;
mod request_id;
mod whole;

pub use api_name::ApiName;
pub use applied::AppliedFault;
pub use clock::{Clock, Settled};
pub use entry::JournalEntry;
pub(crate) use faults::{Applied, Faults, MAX_SKEW_SECONDS};
pub use faults::{
    Corruption, Delay, Fault, FaultAction, FaultEntry, FaultError, FaultMatch, HeaderWanted,
    Normal, Numbers, RateLimit, Side, Stall, StallAt, Uniform,
};
pub use filter::JournalFilter;
pub use journal::Journal;
pub use operation::OperationName;
pub use purges::PurgeEntry;
pub(crate) use purges::Purges;
pub(crate) use record::{Unanswered, record};
pub use report::{CodeCount, FeatureCount, Finding, Never, OperationCount, Report};
pub use request_id::RequestId;
pub(crate) use whole::PREVIEW_BYTES;
