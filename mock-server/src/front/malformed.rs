//! Requests that the HTTP library cannot read get the service's answer, not an empty one.
//!
//! The library answers what it cannot parse itself: `400`, no body, and nobody learns of it. This
//! wraps the connection, remembers the head that is being read, and replaces that answer by one
//! that looks like every other refusal and stands in the journal.

use std::{
    fmt, io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::duplex::{Duplex, Wire};

/// Makes the answer to a head that cannot be read: the whole response, as it goes over the wire.
#[derive(Clone)]
pub(crate) struct Answerer(Arc<Answer>);

type Answer = dyn Fn(&[u8]) -> Vec<u8> + Send + Sync;

impl Answerer {
    pub(crate) fn new(answer: impl Fn(&[u8]) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self(Arc::new(answer))
    }
}

impl fmt::Debug for Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answerer")
    }
}

/// What is remembered of a head; enough for the method, the path and the first headers.
const HEAD_BYTES: usize = 16 * 1024;

/// Whether a request is being handled; else a head is awaited. Shared with the service function.
#[derive(Clone, Debug, Default)]
pub(super) struct Handling(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    is_running: AtomicBool,
    has_two_lengths: AtomicBool,
}

impl Handling {
    /// A head was understood: what follows is a body. Tells whether the head gave its length in two
    /// ways, of which the library keeps one and says nothing.
    pub(super) fn begin(&self) -> bool {
        self.0.is_running.store(true, Ordering::Relaxed);
        self.0.has_two_lengths.swap(false, Ordering::Relaxed)
    }

    fn is_running(&self) -> bool {
        self.0.is_running.load(Ordering::Relaxed)
    }

    fn end(&self) {
        self.0.is_running.store(false, Ordering::Relaxed);
    }
}

/// Whether a head has both Content-Length and Transfer-Encoding: two programs could disagree on
/// where its body ends.
fn has_two_lengths(head: &[u8]) -> bool {
    let end = head.windows(4).position(|it| it == b"\r\n\r\n");
    let has = |name: &[u8]| {
        head[..end.unwrap_or(head.len())]
            .split(|byte| *byte == b'\n')
            .any(|line| {
                line.len() > name.len()
                    && line[name.len()] == b':'
                    && line[..name.len()].eq_ignore_ascii_case(name)
            })
    };
    has(b"transfer-encoding") && has(b"content-length")
}

/// A connection that listens in.
pub(super) struct Overheard<S> {
    stream: S,
    handling: Handling,
    wire: Wire,
    head: Vec<u8>,
    answerer: Answerer,
    /// What is left to write of our answer.
    pending: Vec<u8>,
}

impl<S> Overheard<S> {
    pub(super) fn new(stream: S, handling: Handling, wire: Wire, answerer: Answerer) -> Self {
        Self {
            stream,
            handling,
            wire,
            head: Vec::new(),
            answerer,
            pending: Vec::new(),
        }
    }

    /// The connection alone, for a tunnel.
    pub(super) fn into_inner(self) -> S {
        self.stream
    }

    /// Looks at what is about to be written; true if it was replaced.
    fn replace(&mut self, start: &[u8]) -> bool {
        if self.handling.is_running() {
            // An interim answer leaves the request running; any other ends it.
            if !start.starts_with(b"HTTP/1.1 1") {
                self.handling.end();
                self.head.clear();
            }
            return false;
        }
        let is_the_librarys = !self.head.is_empty()
            && start.starts_with(b"HTTP/1.1 4")
            && start.ends_with(b"\r\n\r\n");
        if is_the_librarys {
            self.pending = (self.answerer.0)(&std::mem::take(&mut self.head));
        }
        is_the_librarys
    }
}

impl<S: Duplex> Overheard<S> {
    /// Fails if a fault cut the wire.
    fn check_wire(&self) -> io::Result<()> {
        if !self.wire.is_cut() {
            return Ok(());
        }
        if self.wire.is_reset() {
            self.stream.reset_at_end();
        }
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    fn poll_pending(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.pending.is_empty() {
            let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &self.pending))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.pending.drain(..written);
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Overheard<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(cx, buffer))?;
        if self.handling.is_running() {
            self.head.clear();
        } else {
            let new = &buffer.filled()[before..];
            let room = HEAD_BYTES.saturating_sub(self.head.len());
            self.head.extend_from_slice(&new[..new.len().min(room)]);
            if has_two_lengths(&self.head) {
                let flags = &self.handling.0;
                flags.has_two_lengths.store(true, Ordering::Relaxed);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl<S: Duplex> AsyncWrite for Overheard<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check_wire()?;
        ready!(self.poll_pending(cx))?;
        if self.replace(bytes) {
            return Poll::Ready(Ok(bytes.len()));
        }
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check_wire()?;
        ready!(self.poll_pending(cx))?;
        // The library's own answers are one piece, so the others are only looked at.
        let first = pieces.first().map_or(&[][..], |piece| piece);
        if self.replace(first) {
            return Poll::Ready(Ok(first.len()));
        }
        Pin::new(&mut self.stream).poll_write_vectored(cx, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_pending(cx))?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
