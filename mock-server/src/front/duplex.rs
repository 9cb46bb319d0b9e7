//! Bytes both ways, and how a connection ends that a fault cuts.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};

/// Bytes both ways.
pub(super) trait Duplex: AsyncRead + AsyncWrite + Send + Unpin + 'static {
    /// Makes the socket send RST when it is closed, where there is one.
    fn reset_at_end(&self) {}
}

impl Duplex for TcpStream {
    fn reset_at_end(&self) {
        // A socket that cannot do it is closed all the same.
        let _ = socket2::SockRef::from(self).set_linger(Some(Duration::ZERO));
    }
}

impl Duplex for Box<dyn Duplex> {
    fn reset_at_end(&self) {
        (**self).reset_at_end();
    }
}

impl<R, W> Duplex for tokio::io::Join<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
}

/// The way to end the connection that a request came on. Shared by both.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<AtomicU8>);

const WHOLE: u8 = 0;
const CLOSED: u8 = 1;
const RESET: u8 = 2;

impl Wire {
    /// Lets nothing more be written: the connection ends at the next attempt.
    pub(crate) fn cut(&self, is_reset: bool) {
        let how = if is_reset { RESET } else { CLOSED };
        self.0.store(how, Ordering::Relaxed);
    }

    /// Whether it was cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.0.load(Ordering::Relaxed) != WHOLE
    }

    pub(super) fn is_reset(&self) -> bool {
        self.0.load(Ordering::Relaxed) == RESET
    }
}
