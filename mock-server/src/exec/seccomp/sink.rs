//! Packets for other hosts: a connection of UDP sends nothing, so only what follows is an attempt.

use std::{
    io,
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    os::fd::OwnedFd,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use socket2::{SockAddr, SockRef};

use super::supervisor::of_family;
use crate::leaks::{Leak, Leaks};

/// How long a first packet is waited for. Later ones find nobody.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that are watched at a time.
const WATCHED: usize = 64;

static WATCHING: AtomicUsize = AtomicUsize::new(0);

/// Connects a socket to one of ours. The first packet that arrives is noted as a leak, and the
/// program's socket then finds that nobody is there.
pub(super) fn connect(
    socket: OwnedFd,
    target: &SocketAddr,
    leak: Leak,
    leaks: Leaks,
) -> io::Result<()> {
    if WATCHING.load(Ordering::Relaxed) >= WATCHED {
        return Err(io::ErrorKind::WouldBlock.into());
    }
    let sink = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let program = SockRef::from(&socket);
    program.connect(&SockAddr::from(of_family(sink.local_addr()?, target)))?;
    let own = program.local_addr()?.as_socket().map(|it| it.port());
    WATCHING.fetch_add(1, Ordering::Relaxed);
    let watching = std::thread::Builder::new().spawn(move || {
        if has_packet(&sink, own) {
            leaks.note(leak);
            drop(sink);
            // Whoever waits for an answer learns by this one that there will be none.
            let _ = SockRef::from(&socket).send(&[]);
        }
        WATCHING.fetch_sub(1, Ordering::Relaxed);
    });
    if watching.is_err() {
        WATCHING.fetch_sub(1, Ordering::Relaxed);
    }
    watching.map(drop)
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
