//! The JSON of the control plane as types, which its handlers write and its client reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    accounts::ServiceState, api_name::ApiName, clock::CompletedJob, faults::AppliedFault,
    operation::OperationName, refusal::Explanation, request_id::RequestId,
};

/// `GET /_mock/health`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Health {
    /// `ok`.
    pub status: String,
    /// The version of the server.
    pub version: String,
    /// Seconds since the server started.
    pub uptime_seconds: u64,
}

/// A request, as `GET /_mock/requests` lists it: a
/// [`JournalEntry`](crate::journal::JournalEntry) without headers and bodies.
#[derive(Clone, Debug, Deserialize)]
#[non_exhaustive]
pub struct RequestRecord {
    /// Counts the requests of the server, from 1.
    pub number: u64,
    /// The `X-Request-Id` of the response.
    pub id: RequestId,
    /// When it arrived by the server's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// The request method.
    pub method: String,
    /// The `Host` header.
    pub host: String,
    /// Path and query as sent.
    pub path: String,
    /// The operator that the authorization names.
    pub operator: Option<String>,
    /// The service that it names.
    pub service: Option<String>,
    /// The status of the response; 0 if the connection was closed instead.
    pub status: u16,
    /// The service's code, if the response is an error.
    pub code: Option<u32>,
    /// Bytes of the request's body that were read.
    pub bytes_in: u64,
    /// Bytes of the response's body that were sent.
    pub bytes_out: u64,
    /// From the end of the request's head to the end of the response's body, in microseconds.
    pub duration_us: u64,
    /// Why it was refused.
    pub explanation: Option<Explanation>,
    /// The API that it used.
    pub api: Option<ApiName>,
    /// The operation that it asked for.
    pub operation: Option<OperationName>,
    /// The faults that were applied to it, in that order.
    pub faults: Vec<AppliedFault>,
    /// The ids of what is legal about it but fragile.
    pub fragile: Vec<String>,
}

/// `GET /_mock/clock`, and the response to each call that moves the clock.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ClockState {
    /// Milliseconds since 1970.
    pub unix_ms: u64,
    /// Milliseconds ahead of the system's clock; behind if it is negative.
    pub offset_ms: i64,
    /// Whether the clock is frozen.
    pub frozen: bool,
    /// The jobs that fell due and were run, if the clock was moved.
    #[serde(default)]
    pub settled: Vec<CompletedJob>,
}

/// A service with its settings, without its secrets.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ServiceRecord {
    /// Its name.
    pub name: String,
    /// Whether it can be used.
    pub state: ServiceState,
    /// Bytes that it may hold; no limit if `None`.
    pub capacity_bytes: Option<u64>,
    /// Whether FORM uploads are switched off.
    pub form_disabled: bool,
    /// Whether it is of the kind that knows neither FORM nor resumable uploads.
    pub single_copy: bool,
    /// Domains that read its objects, besides the default ones.
    pub domains: Vec<String>,
    /// The separator between a key and the parameters that follow it, on access domains.
    pub separator: char,
    /// Texts of parameters for pictures, by their names.
    pub versions: BTreeMap<String, String>,
    /// Seconds that its clock is ahead of the server's, where signatures are checked.
    pub clock_offset_seconds: i64,
    /// Whether it has a secret for the legacy signatures of FORM uploads.
    pub has_form_secret: bool,
    /// Whether it has a secret for the tokens of its access domains.
    pub has_token_secret: bool,
    /// Bytes of all its objects.
    pub used_bytes: u64,
    /// The operator that was added together with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator: Option<AddedOperator>,
}

/// An operator that the server added, with the password that it chose.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AddedOperator {
    /// The name.
    pub name: String,
    /// The password, which no other response contains.
    pub password: String,
}

/// An unfinished upload with the parts that were received.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadRecord {
    /// Its id, as the client sends it.
    pub uuid: String,
    /// How it is made: `multipart`.
    pub kind: String,
    /// The service.
    pub service: String,
    /// The key of the object.
    pub key: String,
    /// The announced size of the object.
    pub bytes: Option<u64>,
    /// Bytes that were received.
    pub bytes_received: u64,
    /// The announced size of each part but the last.
    pub part_bytes: u64,
    /// How many parts the object has, if its size is announced.
    pub part_count: Option<u32>,
    /// The parts that were received.
    pub parts: Vec<PartRecord>,
    /// When it began by the server's clock, in milliseconds since 1970.
    pub started_ms: u64,
    /// When it is forgotten, by the same clock.
    pub expires_ms: u64,
}

/// A part of an unfinished upload.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartRecord {
    /// Counts the parts, from 0.
    pub number: u64,
    /// Its size.
    pub bytes: u64,
    /// Of its content, in hex.
    pub md5: String,
    /// How much of it was received: `whole`.
    pub state: String,
}
