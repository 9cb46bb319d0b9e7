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

use bytes::{Buf as _, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::{
    duplex::{Duplex, Wire},
    framing::{Fed, Framing},
    proxy::Proxy,
};

/// Makes the answer to a head that cannot be read: the whole response, as it goes over the wire.
#[derive(Clone)]
pub(crate) struct Answerer(Arc<Answer>);

type Answer = dyn Fn(UnreadableHead<'_>) -> Vec<u8> + Send + Sync;

/// What the library took for the head of a request, and could not read.
#[derive(Clone, Copy)]
pub(crate) struct UnreadableHead<'b> {
    /// The bytes that have arrived.
    pub(crate) bytes: &'b [u8],
    /// The Content-Length of the request before it on the connection. A longer body ends up here.
    pub(crate) length_before: Option<u64>,
}

impl Answerer {
    pub(crate) fn new(
        answer: impl Fn(UnreadableHead<'_>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(answer))
    }
}

impl fmt::Debug for Answerer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answerer")
    }
}

/// Whether a request is being handled; else a head is awaited. Shared with the service function.
#[derive(Clone, Debug, Default)]
pub(super) struct Handling(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_running: AtomicBool,
    /// Whether the head that was read last, whole or in part, is not yet understood.
    awaits_head: AtomicBool,
    has_two_lengths: AtomicBool,
}

impl Handling {
    /// A head was understood: what follows is a body. Tells whether the head gave its length in two
    /// ways, of which the library keeps one and says nothing.
    pub(super) fn begin(&self) -> bool {
        self.0.is_running.store(true, Ordering::Relaxed);
        self.0.awaits_head.store(false, Ordering::Relaxed);
        self.0.has_two_lengths.load(Ordering::Relaxed)
    }

    fn is_running(&self) -> bool {
        self.0.is_running.load(Ordering::Relaxed)
    }

    fn end(&self) {
        self.0.is_running.store(false, Ordering::Relaxed);
    }

    /// A head is about to be understood. Never more than one: none is read before the previous one
    /// has begun.
    fn hear_head(&self, has_two_lengths: bool) {
        self.0.awaits_head.store(true, Ordering::Relaxed);
        self.0
            .has_two_lengths
            .store(has_two_lengths, Ordering::Relaxed);
    }

    fn awaits_head(&self) -> bool {
        self.0.awaits_head.load(Ordering::Relaxed)
    }
}

/// A connection that listens in.
pub(super) struct Overheard<S> {
    stream: S,
    handling: Handling,
    wire: Wire,
    answerer: Answerer,
    proxy: Proxy,
    framing: Framing,
    /// Bytes behind the head that was read last.
    unread: Bytes,
    /// What is left of a head that was held back.
    released: Bytes,
    /// What is left to write of our answer.
    pending: Vec<u8>,
}

impl<S> Overheard<S> {
    pub(super) fn new(
        stream: S,
        handling: Handling,
        wire: Wire,
        answerer: Answerer,
        proxy: Proxy,
    ) -> Self {
        Self {
            stream,
            handling,
            wire,
            answerer,
            proxy,
            framing: Framing::default(),
            unread: Bytes::new(),
            released: Bytes::new(),
            pending: Vec::new(),
        }
    }

    /// The connection alone, for a tunnel, and what was read of it and not passed on.
    pub(super) fn into_parts(self) -> (Bytes, S) {
        (self.unread, self.stream)
    }

    /// Looks at what is about to be written; true if it was replaced.
    fn replace(&mut self, start: &[u8]) -> bool {
        if self.handling.is_running()
            || !start.starts_with(b"HTTP/1.1 4")
            || !start.ends_with(b"\r\n\r\n")
        {
            return false;
        }
        if !self.handling.awaits_head() {
            return false;
        }
        self.pending = (self.answerer.0)(UnreadableHead {
            bytes: self.framing.head(),
            length_before: self.framing.length_before(),
        });
        true
    }

    /// Follows bytes that were read.
    fn feed(&mut self, bytes: &[u8]) -> Fed {
        let proxy = &self.proxy;
        let mut fed = self
            .framing
            .feed(bytes, |host| proxy.is_access_domain(host));
        self.released = std::mem::take(&mut fed.released).into();
        if fed.is_head {
            self.handling.hear_head(self.framing.has_two_lengths());
        }
        fed
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

    /// Writes what begins with the head of a response to a request that is being handled.
    fn poll_write_head(
        &mut self,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let first = pieces.first().map_or(&[][..], |piece| piece);
        let end = first.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let (head, rest) = first.split_at(end.map_or(first.len(), |end| end + 4));
        let head = lower_service_headers(head);
        let mut all = vec![io::IoSlice::new(&head), io::IoSlice::new(rest)];
        all.extend(pieces.iter().skip(1).map(|piece| io::IoSlice::new(piece)));
        let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(cx, &all))?;
        // An interim response leaves the request running; any other ends it.
        if !head.starts_with(b"HTTP/1.1 1") {
            self.handling.end();
        }
        if written == 0 || written >= head.len() {
            return Poll::Ready(Ok(written));
        }
        self.pending = head[written..].to_vec();
        Poll::Ready(Ok(head.len()))
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
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        while buffer.remaining() > 0 {
            if !this.released.is_empty() {
                let count = this.released.len().min(buffer.remaining());
                buffer.put_slice(&this.released.split_to(count));
                return Poll::Ready(Ok(()));
            }
            if !this.unread.is_empty() {
                let count = this.unread.len().min(buffer.remaining());
                let fed = this.feed(&this.unread.slice(..count));
                buffer.put_slice(&this.unread[..fed.passed]);
                this.unread.advance(fed.used);
                if fed.passed > 0 {
                    return Poll::Ready(Ok(()));
                }
                continue;
            }
            let before = buffer.filled().len();
            ready!(Pin::new(&mut this.stream).poll_read(cx, buffer))?;
            let read = &buffer.filled()[before..];
            if read.is_empty() {
                return Poll::Ready(Ok(()));
            }
            let fed = this.feed(read);
            this.unread = Bytes::copy_from_slice(&read[fed.used..]);
            buffer.set_filled(before + fed.passed);
            if fed.passed > 0 {
                return Poll::Ready(Ok(()));
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
        if self.handling.is_running() {
            return self.poll_write_head(cx, &[io::IoSlice::new(bytes)]);
        }
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
        if self.handling.is_running() {
            return self.poll_write_head(cx, pieces);
        }
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

/// The library writes all names in title case, but the service has its own in lower case, and the
/// official Python SDK looks for `x-upyun-list-iter` in these letters (`[choice H-10]`).
fn lower_service_headers(head: &[u8]) -> Vec<u8> {
    const SERVICE: &[u8] = b"X-Upyun-";
    let mut head = head.to_vec();
    for line in head.split_mut(|byte| *byte == b'\n') {
        if line.starts_with(SERVICE) {
            let name = line.iter().position(|byte| *byte == b':');
            line[..name.unwrap_or(0)].make_ascii_lowercase();
        }
    }
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_service_are_in_lower_case() {
        let head = b"HTTP/1.1 200 OK\r\nX-Upyun-List-Iter: X-Upyun-A\r\nX-Request-Id: 1\r\nContent-Length: 0\r\n\r\n";
        let lowered = String::from_utf8(lower_service_headers(head)).unwrap();
        assert_eq!(
            lowered,
            "HTTP/1.1 200 OK\r\nx-upyun-list-iter: X-Upyun-A\r\nX-Request-Id: 1\r\nContent-Length: 0\r\n\r\n"
        );
    }
}
