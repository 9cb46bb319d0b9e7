//! The APIs: from a parsed request to an answer. One module an API.

mod answer;
pub(crate) mod app;
mod block;
pub(crate) mod block_uploads;
mod body;
mod cdn;
mod conditions;
mod content;
pub(crate) mod control;
mod cors;
mod dispatch;
mod faulty;
pub(crate) mod foreign_host;
pub(crate) mod fork;
mod form;
#[cfg(feature = "fuzzing")]
pub(crate) mod fuzzing;
pub(crate) mod malformed;
mod metadata;
mod picture;
mod policy;
mod purge;
mod range;
mod record;
mod rest;
pub(crate) mod router;
mod stream;
mod sync_tasks;
mod target;
mod tasks;
mod trace;
mod urlencoded;

pub use self::{
    control::{
        AddedOperator, ClockState, Health, PartRecord, RequestRecord, ServiceRecord, UploadRecord,
    },
    fork::ForkError,
};
