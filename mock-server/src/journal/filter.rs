//! Which entries of the journal are wanted.

use serde::{Deserialize, Serialize};
use upyun_client::protocol::ErrorCode;
use utoipa::IntoParams;

use super::{JournalEntry, entry::contains};
use crate::api_name::ApiName;

/// Which entries are wanted; what is `None` does not matter.
#[derive(Clone, Debug, Default, Serialize, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub struct JournalFilter {
    /// At most this many, the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<usize>,
    /// This method, in any case of letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Paths that contain this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// This operator.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
    /// This status.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Entries with a higher number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// This service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// This API.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub api: Option<ApiName>,
    /// This code of the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u32>,
    /// This host, in any case of letters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Whether a fault was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub faulted: Option<bool>,
    /// This text anywhere: in the line, the headers, the beginnings of the bodies, the explanation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub q: Option<String>,
}

impl JournalFilter {
    /// A filter that every entry passes.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// # use upyun_mock::{MockServer, journal::JournalFilter};
    /// # let server = MockServer::start().await;
    /// let refused = JournalFilter::new().method("PUT").status(401);
    /// assert!(server.requests_where(&refused).is_empty());
    /// # }
    /// ```
    pub fn new() -> Self {
        Self::default()
    }

    /// Only requests with this method, in any case.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>) -> Self {
        self.method = Some(method.into());
        self
    }

    /// Only paths that contain this text.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// Only requests that name this operator.
    #[must_use]
    pub fn operator(mut self, operator: impl Into<String>) -> Self {
        self.operator = Some(operator.into());
        self
    }

    /// Only requests that name this service.
    #[must_use]
    pub fn service(mut self, service: impl Into<String>) -> Self {
        self.service = Some(service.into());
        self
    }

    /// Only this host, in any case.
    #[must_use]
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.host = Some(host.into());
        self
    }

    /// Only responses with this status.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// Only responses with this code of the error table.
    #[must_use]
    pub fn code(mut self, code: ErrorCode) -> Self {
        self.code = Some(code.as_u32());
        self
    }

    /// Only this API.
    #[must_use]
    pub fn api(mut self, api: ApiName) -> Self {
        self.api = Some(api);
        self
    }

    /// Only requests to which a fault was applied, or only the others.
    #[must_use]
    pub fn faulted(mut self, faulted: bool) -> Self {
        self.faulted = Some(faulted);
        self
    }

    /// Only requests with a higher number.
    #[must_use]
    pub fn after(mut self, after: u64) -> Self {
        self.after = Some(after);
        self
    }

    /// At most so many, the newest.
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Self {
        self.limit = Some(limit);
        self
    }

    /// Only entries that contain this text anywhere.
    #[must_use]
    pub fn q(mut self, q: impl Into<String>) -> Self {
        self.q = Some(q.into());
        self
    }

    /// Whether an entry is wanted; the limit is not looked at.
    pub fn matches(&self, entry: &JournalEntry) -> bool {
        fn is<T: PartialEq>(wanted: Option<&T>, found: Option<&T>) -> bool {
            wanted.is_none() || wanted == found
        }
        fn text(wanted: Option<&String>, fits: impl FnOnce(&str) -> bool) -> bool {
            wanted.is_none_or(|wanted| fits(wanted))
        }
        let method = |method: &str| entry.method().eq_ignore_ascii_case(method);
        text(self.method.as_ref(), method)
            && text(self.path.as_ref(), |path| entry.path().contains(path))
            && text(self.host.as_ref(), |host| {
                entry.host().eq_ignore_ascii_case(host)
            })
            && is(self.operator.as_deref().as_ref(), entry.operator().as_ref())
            && is(self.service.as_deref().as_ref(), entry.service().as_ref())
            && is(self.api.as_ref(), entry.api.as_ref())
            && self.status.is_none_or(|status| entry.status == status)
            && is(
                self.code.as_ref(),
                entry.code.map(|code| code.as_u32()).as_ref(),
            )
            && self.after.is_none_or(|after| entry.number > after)
            && self
                .faulted
                .is_none_or(|faulted| entry.faults.is_empty() != faulted)
            && text(self.q.as_ref(), |text| holds(entry, text))
    }
}

fn holds(entry: &JournalEntry, text: &str) -> bool {
    let found = |part: &str| contains(part.as_bytes(), text.as_bytes());
    let explained = |text: &Option<String>| text.as_deref().is_some_and(found);
    found(entry.id.as_str())
        || entry.status.to_string() == text
        || entry.code.is_some_and(|code| code.to_string() == text)
        || entry.explanation.as_ref().is_some_and(|why| {
            found(&why.cause) || explained(&why.remedy) || explained(&why.string_to_sign)
        })
        || entry.contains(text)
}
