//! From an answer to its journal entry and log line, when its body has been sent.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::request::Parts;
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use upyun_client::protocol::{ErrorCode, header as names};

use super::{
    Applied, Journal, JournalEntry, OperationName, PREVIEW_BYTES, clock::unix_milliseconds,
    whole::Whole,
};
use crate::{
    api::{App, Trace},
    auth::Explanation,
};

/// Marks an answer that the client will not get, for its connection is closed instead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unanswered;

/// Journals a request: at once if the answer is whole, else when its body ends or is given up.
pub(crate) fn record(
    app: &App,
    request: Parts,
    host: String,
    trace: Trace,
    mut answer: Response,
) -> Response {
    if !app.journal.is_on() && !super::log::is_on() {
        return answer;
    }
    let arrived = app.clock.now().checked_sub(trace.started.elapsed());
    let explanation = answer.extensions_mut().remove::<Arc<Explanation>>();
    let entry = JournalEntry {
        number: 0,
        id: trace.id,
        time_ms: arrived.map_or(0, unix_milliseconds),
        method: request.method.to_string(),
        host,
        path: request
            .uri
            .path_and_query()
            .map_or_else(String::new, ToString::to_string),
        operator: trace.operator,
        api: trace.api,
        operation: match trace.operation {
            Some(OperationName::Get) if answer.headers().contains_key(names::X_UPYUN_LIST_ITER) => {
                Some(OperationName::List)
            }
            operation => operation,
        },
        service: trace.service,
        status: match answer.extensions_mut().remove::<Unanswered>() {
            Some(Unanswered) => 0,
            None => answer.status().as_u16(),
        },
        code: answer.extensions_mut().remove::<ErrorCode>(),
        bytes_in: trace.bytes_in,
        bytes_out: 0,
        duration_us: 0,
        explanation,
        faults: Vec::new(),
        fragile: trace.fragile,
        whole: Whole::of(&request.headers, answer.headers(), trace.request_body),
    };
    let mut pending = Pending {
        journal: app.journal.clone(),
        entry: Some(entry),
        started: trace.started,
        faults: trace.faults,
    };
    answer.map(|body| match body.size_hint().exact() {
        Some(size) if body.is_end_stream() || size == 0 => {
            pending.write(0);
            body
        }
        Some(size) if size <= WHOLE => at_once(body, size, pending),
        _ => Body::new(Counted {
            body,
            first: None,
            sent: 0,
            pending,
        }),
    })
}

/// Journals a small answer, which usually is one piece that is there already.
fn at_once(mut body: Body, size: u64, mut pending: Pending) -> Body {
    let first = body.frame().now_or_never();
    if let Some(Some(Ok(frame))) = &first
        && let Some(data) = frame.data_ref()
        && data.len() as u64 == size
    {
        let data = data.clone();
        pending.preview(&data);
        pending.write(size);
        return Body::from(data);
    }
    // With the end or an error for a first piece, the body says the same again.
    Body::new(Counted {
        body,
        first: first.flatten(),
        sent: 0,
        pending,
    })
}

/// Answers of up to this size are written in one piece, so their end is not worth waiting for.
const WHOLE: u64 = 64 * 1024;

struct Pending {
    journal: Journal,
    entry: Option<JournalEntry>,
    faults: Option<Applied>,
    started: std::time::Instant,
}

impl Pending {
    /// Keeps the beginning of the answer's body.
    fn preview(&mut self, data: &[u8]) {
        let Some(entry) = &mut self.entry else { return };
        let room = PREVIEW_BYTES.saturating_sub(entry.whole.response_body.len());
        let kept = &data[..room.min(data.len())];
        if entry.whole.response_body.is_empty() {
            entry.whole.response_body = kept.into();
        } else if !kept.is_empty() {
            let whole = [&entry.whole.response_body, kept].concat();
            entry.whole.response_body = whole.into_boxed_slice();
        }
    }

    fn write(&mut self, sent: u64) {
        if let Some(mut entry) = self.entry.take() {
            entry.bytes_out = sent;
            if let Some(faults) = &self.faults {
                entry.faults = faults.all();
            }
            entry.duration_us =
                u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX);
            let entry = self.journal.record(entry);
            super::log::line(&entry);
        }
    }
}

/// A body that counts what is sent and journals when it is dropped.
struct Counted {
    body: Body,
    /// What was read of it before.
    first: Option<Result<Frame<Bytes>, axum::Error>>,
    sent: u64,
    pending: Pending,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let frame = match self.first.take() {
            Some(first) => Some(first),
            None => std::task::ready!(Pin::new(&mut self.body).poll_frame(cx)),
        };
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.sent += data.len() as u64;
            self.pending.preview(data);
        }
        Poll::Ready(frame)
    }

    fn size_hint(&self) -> SizeHint {
        let mut hint = self.body.size_hint();
        if let Some(Ok(first)) = &self.first
            && let Some(data) = first.data_ref()
        {
            let read = data.len() as u64;
            let upper = hint.upper();
            hint.set_lower(hint.lower() + read);
            if let Some(upper) = upper {
                hint.set_upper(upper + read);
            }
        }
        hint
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.is_end_stream()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        let sent = self.sent;
        self.pending.write(sent);
    }
}
