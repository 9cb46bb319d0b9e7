//! An entry of the journal.

use std::sync::Arc;

use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use upyun_client::protocol::ErrorCode;

use super::{ApiName, AppliedFault, OperationName, RequestId, report, whole::Whole};
use crate::auth::Explanation;

/// One request and its answer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JournalEntry {
    /// Counts the requests of this server, from 1.
    pub number: u64,
    /// The `X-Request-Id` of the answer.
    pub id: RequestId,
    /// When it arrived by the server's clock, in milliseconds since 1970.
    pub time_ms: u64,
    /// The status of the answer.
    pub status: u16,
    /// The service's code, if the answer is an error.
    pub code: Option<ErrorCode>,
    /// Bytes of the request's body that were read.
    pub bytes_in: u64,
    /// Bytes of the answer's body that were sent.
    pub bytes_out: u64,
    /// From the end of the request's head to the end of the answer's body, in microseconds.
    pub duration_us: u64,
    /// Why it was refused, in words.
    pub explanation: Option<Arc<Explanation>>,
    /// The API that it was for.
    pub api: Option<ApiName>,
    /// What it asked for.
    pub operation: Option<OperationName>,
    /// What faults did to it, in the order in which they did.
    pub faults: Vec<AppliedFault>,
    /// All of it that is bytes.
    pub(crate) whole: Whole,
}

impl JournalEntry {
    /// One in which nothing stands yet.
    pub(super) fn empty(id: RequestId) -> Self {
        Self {
            number: 0,
            id,
            time_ms: 0,
            status: 0,
            code: None,
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            explanation: None,
            api: None,
            operation: None,
            faults: Vec::new(),
            whole: Whole::default(),
        }
    }

    /// The request method.
    pub fn method(&self) -> &str {
        self.whole.method()
    }

    /// The `Host` header.
    pub fn host(&self) -> &str {
        self.whole.host()
    }

    /// Path and query as sent.
    pub fn path(&self) -> &str {
        self.whole.path()
    }

    /// Who was named in the authorization, whether or not the signature was right.
    pub fn operator(&self) -> Option<&str> {
        self.whole.operator()
    }

    /// The service that it named, whether or not there is one.
    pub fn service(&self) -> Option<&str> {
        self.whole.service()
    }

    /// The headers of the request, in the order of their names' first appearance. A password is
    /// masked.
    pub fn request_headers(&self) -> Vec<(String, String)> {
        self.whole.request_headers()
    }

    /// The headers of the answer, without those that the HTTP library adds.
    pub fn response_headers(&self) -> Vec<(String, String)> {
        self.whole.response_headers()
    }

    /// The beginning of the request's body as far as it was read, at most 4 KiB.
    pub fn request_body(&self) -> &[u8] {
        self.whole.request_body()
    }

    /// The beginning of the answer's body, at most 4 KiB.
    pub fn response_body(&self) -> &[u8] {
        self.whole.response_body()
    }

    /// The ids of what is legal about it but fragile: `no-checksum`, `clock-off` and others, as the
    /// [`Report`](super::Report) counts them.
    pub fn fragile(&self) -> Vec<&'static str> {
        report::fragile::of(self, &self.request_headers())
    }

    /// What it costs to keep, about.
    pub(super) fn bytes(&self) -> usize {
        let explanation = self.explanation.as_ref().map_or(0, |why| {
            [&why.remedy, &why.string_to_sign, &why.client_signed]
                .into_iter()
                .flatten()
                .map(String::len)
                .sum::<usize>()
                + why.cause.len()
        });
        size_of::<Self>() + self.whole.bytes() + explanation
    }
}

/// All that is public, and what is fragile.
impl Serialize for JournalEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_struct("JournalEntry", 18)?;
        members.serialize_field("number", &self.number)?;
        members.serialize_field("id", &self.id)?;
        members.serialize_field("time_ms", &self.time_ms)?;
        members.serialize_field("method", &self.method())?;
        members.serialize_field("host", &self.host())?;
        members.serialize_field("path", &self.path())?;
        members.serialize_field("operator", &self.operator())?;
        members.serialize_field("status", &self.status)?;
        members.serialize_field("code", &self.code)?;
        members.serialize_field("bytes_in", &self.bytes_in)?;
        members.serialize_field("bytes_out", &self.bytes_out)?;
        members.serialize_field("duration_us", &self.duration_us)?;
        members.serialize_field("explanation", &self.explanation)?;
        members.serialize_field("api", &self.api)?;
        members.serialize_field("operation", &self.operation)?;
        members.serialize_field("service", &self.service())?;
        members.serialize_field("faults", &self.faults)?;
        members.serialize_field("fragile", &self.fragile())?;
        members.end()
    }
}
