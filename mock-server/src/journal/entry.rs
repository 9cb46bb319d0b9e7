//! An entry of the journal.

use std::sync::Arc;

use http::Method;
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use upyun_client::protocol::ErrorCode;

use super::{fragile, headers::RecordedHeaders};
use crate::{
    api_name::ApiName, faults::AppliedFault, operation::OperationName, refusal::Explanation,
    request_id::RequestId,
};

/// What is kept of each body.
pub(crate) const PREVIEW_BYTES: usize = 4096;

/// One request and its response.
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
    pub(crate) method: Method,
    pub(crate) host: String,
    pub(crate) path: String,
    pub(crate) operator: Option<String>,
    pub(crate) service: Option<String>,
    pub(crate) request_headers: RecordedHeaders,
    pub(crate) response_headers: RecordedHeaders,
    pub(crate) request_body: Vec<u8>,
    pub(crate) response_body: Vec<u8>,
}

impl JournalEntry {
    /// The request method.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The `Host` header.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Path and query as sent.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Who was named in the authorization, whether or not the signature was right.
    pub fn operator(&self) -> Option<&str> {
        self.operator.as_deref()
    }

    /// The service that it named, whether or not there is one.
    pub fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }

    /// The headers of the request, in the order of their names' first appearance. A password is
    /// masked.
    pub fn request_headers(&self) -> Vec<(String, String)> {
        self.request_headers.pairs()
    }

    /// The headers of the answer, without those that the HTTP library adds.
    pub fn response_headers(&self) -> Vec<(String, String)> {
        self.response_headers.pairs()
    }

    /// The beginning of the request's body as far as it was read, at most 4 KiB.
    pub fn request_body(&self) -> &[u8] {
        &self.request_body
    }

    /// The beginning of the answer's body, at most 4 KiB.
    pub fn response_body(&self) -> &[u8] {
        &self.response_body
    }

    /// The ids of what is legal about it but fragile: `no-checksum`, `clock-off` and others, as the
    /// [`Report`](crate::report::Report) counts them.
    pub fn fragile(&self) -> Vec<&'static str> {
        fragile::of(self, &self.request_headers())
    }

    /// Appends a piece of the response's body, as far as there is room.
    pub(crate) fn push_response_body(&mut self, piece: &[u8]) {
        let room = PREVIEW_BYTES.saturating_sub(self.response_body.len());
        self.response_body
            .extend_from_slice(&piece[..room.min(piece.len())]);
    }

    /// Whether a text is in its line, its headers or its bodies, whatever the case of ASCII letters.
    pub(super) fn contains(&self, text: &str) -> bool {
        let texts = [self.method(), &self.host, &self.path]
            .into_iter()
            .chain(self.operator())
            .chain(self.service());
        let mut parts = texts.map(str::as_bytes).chain([
            self.request_headers.as_bytes(),
            self.response_headers.as_bytes(),
            &self.request_body,
            &self.response_body,
        ]);
        parts.any(|part| contains(part, text.as_bytes()))
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
        size_of::<Self>()
            + self.host.len()
            + self.path.len()
            + self.request_headers.as_bytes().len()
            + self.response_headers.as_bytes().len()
            + self.request_body.len()
            + self.response_body.len()
            + explanation
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

/// Whether bytes hold a text, whatever the case of its ASCII letters.
pub(super) fn contains(bytes: &[u8], text: &[u8]) -> bool {
    text.is_empty()
        || bytes
            .windows(text.len())
            .any(|window| window.eq_ignore_ascii_case(text))
}

#[cfg(test)]
impl JournalEntry {
    /// The response with this status to a GET of this path by `op`.
    pub(super) fn of_get(path: &str, status: u16) -> Self {
        Self {
            number: 0,
            id: RequestId::random(),
            time_ms: 0,
            status,
            code: None,
            bytes_in: 0,
            bytes_out: 0,
            duration_us: 0,
            explanation: None,
            api: None,
            operation: None,
            faults: Vec::new(),
            method: Method::GET,
            host: String::new(),
            path: path.to_owned(),
            operator: Some("op".to_owned()),
            service: None,
            request_headers: RecordedHeaders::default(),
            response_headers: RecordedHeaders::default(),
            request_body: Vec::new(),
            response_body: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_bounded_and_searched() {
        let mut entry = JournalEntry::of_get("/s/é", 200);
        entry.request_body = b"Hello".to_vec();
        entry.push_response_body(&[b'x'; PREVIEW_BYTES - 1]);
        entry.push_response_body(b"yz");
        assert_eq!(entry.response_body().len(), PREVIEW_BYTES);
        assert!(entry.response_body().ends_with(b"xy"));
        assert!(entry.contains("hELLO") && entry.contains("/s/é") && entry.contains("OP"));
        assert!(!entry.contains("b3A6"));
    }
}
