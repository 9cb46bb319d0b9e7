//! Packets for other hosts: a connection of UDP sends nothing, so only what follows is an attempt.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    os::fd::OwnedFd,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use socket2::{SockAddr, SockRef};

use super::address::of_family;
use crate::leaks::{Leak, Leaks};

/// How long a first packet is waited for. Later ones find nobody.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are watched at a time.
const WATCHED: usize = 64;

/// The sinks of a program, not too many at a time. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sinks {
    watching: Arc<AtomicUsize>,
}

impl Sinks {
    /// Connects a socket to one of ours. The first packet that arrives is recorded as a leak, and the
    /// program's socket then finds that nothing listens there.
    pub(super) fn connect(
        &self,
        socket: OwnedFd,
        target: &SocketAddr,
        leak: Leak,
        leaks: Leaks,
    ) -> io::Result<()> {
        if self.watching.load(Ordering::Relaxed) >= WATCHED {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let sink = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        let program = SockRef::from(&socket);
        program.connect(&SockAddr::from(of_family(sink.local_addr()?, target)))?;
        let own = program
            .local_addr()?
            .as_socket()
            .map(|address| address.port());
        self.watching.fetch_add(1, Ordering::Relaxed);
        let watching = Arc::clone(&self.watching);
        let started = std::thread::Builder::new().spawn(move || {
            if has_packet(&sink, own) {
                leaks.note(leak);
                drop(sink);
                // Whoever waits for an answer learns by this one that there will be none.
                let _ = SockRef::from(&socket).send(&[]);
            }
            watching.fetch_sub(1, Ordering::Relaxed);
        });
        if started.is_err() {
            self.watching.fetch_sub(1, Ordering::Relaxed);
        }
        started.map(drop)
    }
}

fn has_packet(sink: &UdpSocket, from: Option<u16>) -> bool {
    let begin = Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(begin.elapsed());
        if left.is_zero() || sink.set_read_timeout(Some(left)).is_err() {
            return false;
        }
        match sink.recv_from(&mut [0]) {
            Ok((_, peer)) if from.is_none_or(|port| port == peer.port()) => return true,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}
