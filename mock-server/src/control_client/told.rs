//! What the control plane tells, as far as tests ask for it.

use serde::Deserialize;

use crate::{clock::CompletedJob, faults::AppliedFault, refusal::Explanation};

/// `GET /_mock/health`.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// Of the server.
    pub version: String,
    /// Since it started.
    pub uptime_seconds: u64,
}

/// A request, as `GET /_mock/requests` lists it.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct RequestTold {
    /// Counts the requests of the server, from 1.
    pub number: u64,
    /// The `X-Request-Id` of the answer.
    pub id: String,
    /// When it arrived by the server's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// The request method.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// Path and query as sent.
    pub path: String,
    /// Who was named in the authorization.
    pub operator: Option<String>,
    /// The service that it named.
    pub service: Option<String>,
    /// The status of the answer; 0 if the connection was closed instead.
    pub status: u16,
    /// The service's code, if the answer is an error.
    pub code: Option<u32>,
    /// Bytes of the request's body that were read.
    pub bytes_in: u64,
    /// Bytes of the answer's body that were sent.
    pub bytes_out: u64,
    /// Why it was refused.
    pub explanation: Option<Explanation>,
    /// What faults did to it.
    pub faults: Vec<AppliedFault>,
    /// What is legal about it but fragile.
    pub fragile: Vec<String>,
}

/// The clock, as it is told.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct ClockTold {
    /// Milliseconds since 1970.
    pub unix_ms: u64,
    /// Milliseconds ahead of the system's clock.
    pub offset_ms: i64,
    /// Whether it stands still.
    pub frozen: bool,
    /// What fell due and was done, if it was moved.
    #[serde(default)]
    pub settled: Vec<CompletedJob>,
}
