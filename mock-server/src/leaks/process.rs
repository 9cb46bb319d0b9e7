//! Which process is at the other end of a connection, by the kernel's lists.

use std::net::SocketAddr;

use super::Who;

/// How often the kernel's list of sockets is read.
const LOOKS: usize = 5;

/// The process at the other end of a loopback connection, as far as this one may know.
pub(crate) fn who(peer: SocketAddr, is_udp: bool) -> Option<Who> {
    // The list misses sockets if others come and go while it is read.
    (0..LOOKS).find_map(|_| look(peer, is_udp))
}

fn look(peer: SocketAddr, is_udp: bool) -> Option<Who> {
    use procfs::process::{FDTarget, all_processes};
    let inode = if is_udp {
        let mut sockets = procfs::net::udp().ok()?.into_iter();
        sockets
            .find(|it| it.local_address.port() == peer.port())?
            .inode
    } else {
        let mut sockets = procfs::net::tcp().ok()?.into_iter();
        sockets.find(|it| it.local_address == peer)?.inode
    };
    let has_it = |process: &procfs::process::Process| {
        let mut files = process.fd().into_iter().flatten().filter_map(Result::ok);
        files.any(|file| file.target == FDTarget::Socket(inode))
    };
    let process = all_processes().ok()?.filter_map(Result::ok).find(has_it)?;
    Some(Who {
        pid: process.pid,
        arguments: process.cmdline().unwrap_or_default().join(" "),
    })
}
