//! What becomes known of a request while it is handled.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use http::{HeaderMap, HeaderName, HeaderValue, header};
use upyun_client::protocol::{date, header as names};

use super::{app::App, cors};
use crate::{
    accounts::Service, api_name::ApiName, faults::Applied, journal::PREVIEW_BYTES,
    operation::OperationName, request_id::RequestId,
};

/// What becomes known of a request while it is handled, for the journal.
#[derive(Debug)]
pub(crate) struct Trace {
    pub(crate) id: RequestId,
    pub(crate) started: Instant,
    pub(crate) operator: Option<String>,
    pub(crate) api: Option<ApiName>,
    pub(crate) operation: Option<OperationName>,
    /// The service that is named, whether or not there is one.
    pub(crate) service: Option<String>,
    pub(crate) bytes_in: u64,
    /// The beginning of the request's body.
    pub(crate) request_body: Vec<u8>,
    /// Whether the journal keeps it.
    pub(crate) is_journaled: bool,
    /// What faults did to it; `None` if it met none.
    pub(crate) faults: Option<Applied>,
    /// The service that the request names, if it exists.
    pub(crate) account: Option<Arc<Service>>,
    /// How long after its answer a change is made: eventual consistency, as a fault has it.
    pub(crate) visible_after: Option<Duration>,
}

impl Trace {
    pub(super) fn start() -> Self {
        Self {
            id: RequestId::random(),
            started: Instant::now(),
            operator: None,
            api: None,
            operation: None,
            service: None,
            bytes_in: 0,
            request_body: Vec::new(),
            is_journaled: true,
            faults: None,
            account: None,
            visible_after: None,
        }
    }

    /// Records bytes of the request's body.
    pub(crate) fn received(&mut self, data: &[u8]) {
        self.bytes_in += data.len() as u64;
        let room = PREVIEW_BYTES.saturating_sub(self.request_body.len());
        if room > 0 && self.is_journaled {
            let kept = &data[..room.min(data.len())];
            self.request_body.extend_from_slice(kept);
        }
    }

    /// Adds what every response carries.
    pub(super) fn finish_headers(&self, app: &App, asked_by_page: bool, headers: &mut HeaderMap) {
        if let Ok(id) = HeaderValue::from_str(self.id.as_str()) {
            headers.insert(HeaderName::from_static(names::X_REQUEST_ID), id);
        }
        // The HTTP library adds the system's date; a clock that a test moved has another.
        if app.clock.is_moved()
            && let Ok(date) = HeaderValue::from_str(&date::format(app.clock.now()))
        {
            headers.insert(header::DATE, date);
        }
        cors::allow(asked_by_page, headers);
    }
}
