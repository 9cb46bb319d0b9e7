//! From an answer to its journal entry and log line, when its body has been sent.

use std::{
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use axum::{body::Body, response::Response};
use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{request::Parts, uri::PathAndQuery};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use upyun_client::protocol::ErrorCode;

use super::{Applied, Journal, JournalEntry, clock::unix_milliseconds, whole::Exchange};
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
    let mut kept = Journal::blank(trace.id);
    let elapsed = trace.started.elapsed();
    let entry = Arc::make_mut(&mut kept);
    fill(entry, app, elapsed, &request, &host, &trace, &mut answer);
    let (head, body) = answer.into_parts();
    let body = match at_once(body) {
        Ok((body, data)) => {
            entry.whole.preview(&data);
            entry.finish(data.len() as u64, elapsed, trace.faults.as_ref());
            super::log::line(entry);
            app.journal.record(kept);
            body
        }
        Err((body, first)) => Body::new(Counted {
            body,
            first,
            sent: 0,
            pending: Some(kept),
            journal: app.journal.clone(),
            started: trace.started,
            faults: trace.faults,
        }),
    };
    Response::from_parts(head, body)
}

/// Writes all that is known before the answer's body is sent into an entry that may be another
/// request's.
fn fill(
    entry: &mut JournalEntry,
    app: &App,
    elapsed: Duration,
    request: &Parts,
    host: &str,
    trace: &Trace,
    answer: &mut Response,
) {
    let arrived = app.clock.now().checked_sub(elapsed);
    let path = request.uri.path_and_query();
    let extensions = answer.extensions_mut();
    entry.explanation = extensions.remove::<Arc<Explanation>>();
    entry.code = extensions.remove::<ErrorCode>();
    let is_answered = extensions.remove::<Unanswered>().is_none();
    entry.status = match is_answered {
        true => answer.status().as_u16(),
        false => 0,
    };
    entry.number = 0;
    entry.id = trace.id;
    entry.time_ms = arrived.map_or(0, unix_milliseconds);
    entry.api = trace.api;
    entry.operation = trace.operation;
    entry.bytes_in = trace.bytes_in;
    entry.bytes_out = 0;
    entry.duration_us = 0;
    entry.faults.clear();
    entry.whole.set(&Exchange {
        method: request.method.as_str(),
        host,
        path: path.map_or("", PathAndQuery::as_str),
        operator: trace.operator.as_deref(),
        service: trace.service.as_deref(),
        request: &request.headers,
        answer: answer.headers(),
        request_body: &trace.request_body,
    });
}

/// A small answer usually is one piece that is there already; if this one is, it and the body. Else
/// the body, and what was read of it to find out.
fn at_once(mut body: Body) -> Result<(Body, Bytes), (Body, Option<Piece>)> {
    let size = match body.size_hint().exact() {
        Some(size) if body.is_end_stream() || size == 0 => return Ok((body, Bytes::new())),
        Some(size) if size <= WHOLE => size,
        _ => return Err((body, None)),
    };
    match body.frame().now_or_never().flatten() {
        Some(Ok(frame)) => match frame.into_data() {
            Ok(data) if data.len() as u64 == size => Ok((Body::from(data.clone()), data)),
            Ok(data) => Err((body, Some(Ok(Frame::data(data))))),
            Err(trailers) => Err((body, Some(Ok(trailers)))),
        },
        // With the end or an error for a first piece, the body says the same again.
        first => Err((body, first)),
    }
}

type Piece = Result<Frame<Bytes>, axum::Error>;

/// Answers of up to this size are written in one piece, so their end is not worth waiting for.
const WHOLE: u64 = 64 * 1024;

impl JournalEntry {
    /// Writes what is known when the answer's body is sent, or given up.
    fn finish(&mut self, sent: u64, elapsed: Duration, faults: Option<&Applied>) {
        self.bytes_out = sent;
        self.duration_us = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        if let Some(faults) = faults {
            self.faults = faults.all();
        }
    }
}

/// A body that counts what is sent and journals when it is dropped.
struct Counted {
    body: Body,
    /// What was read of it before.
    first: Option<Piece>,
    sent: u64,
    /// Until it is written.
    pending: Option<Arc<JournalEntry>>,
    journal: Journal,
    started: Instant,
    faults: Option<Applied>,
}

impl http_body::Body for Counted {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Piece>> {
        let frame = match self.first.take() {
            Some(first) => Some(first),
            None => std::task::ready!(Pin::new(&mut self.body).poll_frame(cx)),
        };
        if let Some(Ok(frame)) = &frame
            && let Some(data) = frame.data_ref()
        {
            self.sent += data.len() as u64;
            if let Some(entry) = &mut self.pending {
                Arc::make_mut(entry).whole.preview(data);
            }
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
        let Some(mut kept) = self.pending.take() else {
            return;
        };
        let entry = Arc::make_mut(&mut kept);
        entry.finish(self.sent, self.started.elapsed(), self.faults.as_ref());
        super::log::line(entry);
        self.journal.record(kept);
    }
}
