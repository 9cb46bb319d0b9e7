//! The body of one attempt, as the HTTP library polls it.

use std::{
    any::Any,
    io,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use tokio::time::{Instant, sleep};

use super::{file::Reader, ready::Once};
use crate::progress::Meter;

/// What an attempt and its body tell each other.
///
/// A total time-out would cut off every upload that is large enough, and the HTTP library's read
/// time-out counts from the beginning of the request. So the body notes when it last moved, and the
/// attempt gives up when that is too long ago. While the caller's own source has nothing to give,
/// the network is not to blame and the clock stands still.
#[derive(Debug)]
pub(crate) struct Watch {
    started: Instant,
    moved_ms: AtomicU64,
    waits_for_source: AtomicBool,
    failure: Mutex<Option<Failure>>,
}

/// How the caller's own code ended an attempt.
#[derive(Debug)]
enum Failure {
    Error(io::Error),
    Panic(Box<dyn Any + Send>),
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self {
            started: Instant::now(),
            moved_ms: AtomicU64::new(0),
            waits_for_source: AtomicBool::new(false),
            failure: Mutex::new(None),
        }
    }

    fn moved(&self) {
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.moved_ms.store(ms, Ordering::Relaxed);
        self.waits_for_source.store(false, Ordering::Relaxed);
    }

    /// Returns when nothing has moved for this long.
    pub(crate) async fn idle(&self, limit: Duration) {
        loop {
            let moved = self.started + Duration::from_millis(self.moved_ms.load(Ordering::Relaxed));
            let left = limit.saturating_sub(moved.elapsed());
            if self.waits_for_source.load(Ordering::Relaxed) {
                sleep(limit).await;
            } else if left.is_zero() {
                return;
            } else {
                sleep(left).await;
            }
        }
    }

    /// Remembers the failure for the attempt; the HTTP library gets a text.
    fn fail(&self, failure: Failure) -> io::Error {
        let shown = match &failure {
            Failure::Error(error) => io::Error::new(error.kind(), error.to_string()),
            Failure::Panic(_) => io::Error::other("the caller's code panicked"),
        };
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        shown
    }

    /// Why the caller's source could not be read, if that is what ended the attempt.
    ///
    /// # Panics
    /// If the caller's source or progress callback did. The HTTP library polls bodies on a task of
    /// its own, where a panic would look like a broken connection, and would be retried.
    pub(crate) fn take_failure(&self) -> Option<io::Error> {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        match failure.take()? {
            Failure::Error(error) => Some(error),
            Failure::Panic(panic) => {
                drop(failure);
                resume_unwind(panic)
            }
        }
    }
}

#[derive(Debug)]
pub(super) enum Flow {
    Bytes(Bytes, usize),
    File(Reader),
    Once(Arc<Once>),
}

impl Flow {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        match self {
            Self::Bytes(rest, _) if rest.is_empty() => Poll::Ready(None),
            Self::Bytes(rest, chunk_bytes) => {
                let chunk = rest.split_to(rest.len().min(*chunk_bytes));
                Poll::Ready(Some(Ok(chunk)))
            }
            Self::File(reader) => reader.poll_next(cx),
            Self::Once(once) => {
                once.is_touched.store(true, Ordering::Release);
                let mut stream = once.stream.lock().unwrap_or_else(PoisonError::into_inner);
                stream.as_mut().poll_next(cx)
            }
        }
    }
}

pub(super) struct Outgoing {
    flow: Flow,
    sent: u64,
    length: Option<u64>,
    watch: Arc<Watch>,
    meter: Option<Arc<Meter>>,
}

impl Outgoing {
    pub(super) fn new(
        flow: Flow,
        length: Option<u64>,
        watch: Arc<Watch>,
        meter: Option<Arc<Meter>>,
    ) -> Self {
        Self {
            flow,
            sent: 0,
            length,
            watch,
            meter,
        }
    }

    fn poll_chunk(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        // Set before polling: the waker may run on another thread at once.
        self.watch.waits_for_source.store(true, Ordering::Relaxed);
        let next = ready!(self.flow.poll_next(cx)).transpose();
        self.watch.moved();
        Poll::Ready(next.and_then(|chunk| self.count(chunk)).transpose())
    }

    fn count(&mut self, chunk: Option<Bytes>) -> io::Result<Option<Bytes>> {
        self.check(chunk.as_ref())?;
        if let Some(meter) = &self.meter {
            meter.report(self.sent);
        }
        Ok(chunk)
    }

    /// Holds the source to the length that was announced: too few bytes would hang the service, too
    /// many would be cut off without a word.
    fn check(&mut self, chunk: Option<&Bytes>) -> io::Result<()> {
        let sent = self.sent + chunk.map_or(0, |chunk| chunk.len() as u64);
        match self.length {
            Some(length) if sent > length => Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the body is longer than the {length} bytes that were announced"),
            )),
            Some(length) if chunk.is_none() && sent < length => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                format!("the body ended after {sent} of {length} bytes"),
            )),
            _ => {
                self.sent = sent;
                Ok(())
            }
        }
    }
}

impl http_body::Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let this = &mut *self;
        match catch_unwind(AssertUnwindSafe(|| this.poll_chunk(cx))) {
            Ok(poll) => poll.map(|chunk| match chunk.transpose() {
                Ok(chunk) => chunk.map(|chunk| Ok(Frame::data(chunk))),
                Err(error) => Some(Err(this.watch.fail(Failure::Error(error)))),
            }),
            Err(panic) => Poll::Ready(Some(Err(this.watch.fail(Failure::Panic(panic))))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.length == Some(self.sent)
    }

    fn size_hint(&self) -> SizeHint {
        match self.length {
            Some(length) => SizeHint::with_exact(length - self.sent),
            None => SizeHint::default(),
        }
    }
}
