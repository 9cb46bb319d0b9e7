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

use super::{app::App, trace::Trace};
use crate::{
    clock::unix_milliseconds,
    faults::Applied,
    journal::{self, Journal, JournalEntry, RecordedHeaders},
    refusal::Explanation,
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
    if !app.journal.is_on() && !journal::log::is_on() {
        return answer;
    }
    let elapsed = trace.started.elapsed();
    let (mut entry, faults, started) = entry_of(app, elapsed, request, host, trace, &mut answer);
    let (head, body) = answer.into_parts();
    let body = match at_once(body) {
        Ok((body, data)) => {
            entry.push_response_body(&data);
            entry.finish(data.len() as u64, elapsed, faults.as_ref());
            journal::log::line(&entry);
            app.journal.record(entry);
            body
        }
        Err((body, first)) => Body::new(Counted {
            body,
            first,
            sent: 0,
            pending: Some(entry),
            journal: app.journal.clone(),
            started,
            faults,
        }),
    };
    Response::from_parts(head, body)
}

/// The entry with all that is known before the response's body is sent.
fn entry_of(
    app: &App,
    elapsed: Duration,
    request: Parts,
    host: String,
    trace: Trace,
    answer: &mut Response,
) -> (JournalEntry, Option<Applied>, Instant) {
    let arrived = app.clock.now().checked_sub(elapsed);
    let path = request.uri.path_and_query();
    let extensions = answer.extensions_mut();
    let explanation = extensions.remove::<Arc<Explanation>>();
    let code = extensions.remove::<ErrorCode>();
    let is_answered = extensions.remove::<Unanswered>().is_none();
    let entry = JournalEntry {
        number: 0,
        id: trace.id,
        time_ms: arrived.map_or(0, unix_milliseconds),
        status: if is_answered {
            answer.status().as_u16()
        } else {
            0
        },
        code,
        bytes_in: trace.bytes_in,
        bytes_out: 0,
        duration_us: 0,
        explanation,
        api: trace.api,
        operation: trace.operation,
        faults: Vec::new(),
        path: path.map_or("", PathAndQuery::as_str).to_owned(),
        method: request.method,
        host,
        operator: trace.operator,
        service: trace.service,
        request_headers: RecordedHeaders::of(&request.headers),
        response_headers: RecordedHeaders::of(answer.headers()),
        request_body: trace.request_body,
        response_body: Vec::new(),
    };
    (entry, trace.faults, trace.started)
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
    pending: Option<JournalEntry>,
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
                entry.push_response_body(data);
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
        let Some(mut entry) = self.pending.take() else {
            return;
        };
        entry.finish(self.sent, self.started.elapsed(), self.faults.as_ref());
        journal::log::line(&entry);
        self.journal.record(entry);
    }
}
