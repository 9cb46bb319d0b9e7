//! Who serves an address of this machine: the program, or somebody else.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs,
    net::{IpAddr, SocketAddr},
    os::unix::{
        ffi::OsStrExt as _,
        fs::{FileTypeExt as _, MetadataExt as _},
    },
    path::{Path, PathBuf},
};

use parking_lot::Mutex;
use procfs::{
    net::TcpState,
    process::{FDTarget, Process, all_processes},
};

/// Who serves an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Server {
    Nobody,
    /// The program, something that it started, or the emulator.
    Program,
    /// Another process of this machine.
    Machine,
}

/// The kernel's lists of sockets.
#[derive(Debug)]
pub(crate) struct Sockets {
    /// A process of the network in which ports are looked up.
    network: i32,
    /// Sockets by their numbers, and whether they are the program's.
    known: Mutex<HashMap<u64, bool>>,
}

impl Sockets {
    /// The sockets of the network that a process is in.
    pub(crate) fn of(network: i32) -> Self {
        Self {
            network,
            known: Mutex::default(),
        }
    }

    /// Who listens on a port of the loopback.
    pub(super) fn port(&self, address: SocketAddr, is_stream: bool) -> Server {
        let entries = self.bound_to(address.port(), is_stream);
        let exact = |entry: &&(IpAddr, u64)| entry.0 == address.ip().to_canonical();
        let wildcard = |entry: &&(IpAddr, u64)| {
            entry.0.is_unspecified() && (entry.0.is_ipv6() || address.is_ipv4())
        };
        let mut inodes: Vec<u64> = entries.iter().filter(exact).map(|it| it.1).collect();
        if inodes.is_empty() {
            inodes = entries.iter().filter(wildcard).map(|it| it.1).collect();
        }
        self.server_of(&inodes)
    }

    /// Addresses with this port that wait for others, with the numbers of their sockets.
    fn bound_to(&self, port: u16, is_stream: bool) -> Vec<(IpAddr, u64)> {
        let Ok(process) = Process::new(self.network) else {
            return Vec::new();
        };
        let mut found = Vec::new();
        if is_stream {
            for entry in [process.tcp(), process.tcp6()]
                .into_iter()
                .flatten()
                .flatten()
            {
                if entry.state == TcpState::Listen && entry.local_address.port() == port {
                    found.push((entry.local_address.ip().to_canonical(), entry.inode));
                }
            }
        } else {
            for entry in [process.udp(), process.udp6()]
                .into_iter()
                .flatten()
                .flatten()
            {
                if entry.local_address.port() == port {
                    found.push((entry.local_address.ip().to_canonical(), entry.inode));
                }
            }
        }
        found
    }

    /// Who serves a socket file that a process names.
    pub(super) fn file(&self, process: i32, name: &[u8]) -> Server {
        let directory = PathBuf::from(format!("/proc/{process}/cwd"));
        let name = Path::new(OsStr::from_bytes(name));
        let identity = |path: &Path| {
            let metadata = fs::metadata(directory.join(path)).ok()?;
            let is_socket = metadata.file_type().is_socket();
            is_socket.then(|| (metadata.dev(), metadata.ino()))
        };
        let Some(wanted) = identity(name) else {
            return Server::Nobody;
        };
        let file_name = fs::canonicalize(directory.join(name)).ok();
        let file_name = file_name.as_deref().and_then(Path::file_name);
        let inodes =
            unix_sockets(|path| path.file_name() == file_name && identity(path) == Some(wanted));
        match self.server_of(&inodes) {
            // It was bound in another network.
            Server::Nobody => Server::Machine,
            server => server,
        }
    }

    /// Who serves a socket that has a name but no file.
    pub(super) fn abstract_name(&self, name: &[u8]) -> Server {
        let shown = [b"@", name].concat();
        self.server_of(&unix_sockets(|path| path.as_os_str().as_bytes() == shown))
    }

    fn server_of(&self, inodes: &[u64]) -> Server {
        if inodes.is_empty() {
            Server::Nobody
        } else if inodes.iter().any(|inode| self.is_the_programs(*inode)) {
            Server::Program
        } else {
            Server::Machine
        }
    }

    fn is_the_programs(&self, inode: u64) -> bool {
        let mut known = self.known.lock();
        *known
            .entry(inode)
            .or_insert_with(|| is_held_by_descendant(inode))
    }
}

/// The numbers of the sockets of our network with such a path.
fn unix_sockets(is_wanted: impl Fn(&Path) -> bool) -> Vec<u64> {
    let entries = procfs::net::unix().unwrap_or_default().into_iter();
    entries
        .filter(|entry| entry.path.as_deref().is_some_and(&is_wanted))
        .map(|entry| entry.inode)
        .collect()
}

/// Whether this process, or one that comes of it, has a socket. The program's processes all do: what
/// loses its parent becomes a child of the keeper or of this process.
fn is_held_by_descendant(inode: u64) -> bool {
    let processes: Vec<Process> = all_processes()
        .into_iter()
        .flatten()
        .filter_map(Result::ok)
        .collect();
    let parents: HashMap<i32, i32> = processes
        .iter()
        .filter_map(|process| Some((process.pid, process.stat().ok()?.ppid)))
        .collect();
    let own = std::process::id().cast_signed();
    let is_ours = |pid: i32| {
        let mut ancestors = std::iter::successors(Some(pid), |pid| parents.get(pid).copied())
            .take(parents.len() + 1);
        ancestors.any(|ancestor| ancestor == own)
    };
    let has_it = |process: &&Process| {
        let mut files = process.fd().into_iter().flatten().filter_map(Result::ok);
        files.any(|file| file.target == FDTarget::Socket(inode))
    };
    processes
        .iter()
        .filter(|process| is_ours(process.pid))
        .any(|process| has_it(&process))
}
