//! Connections in the network that this process has left for one of its own.
//!
//! A socket belongs for ever to the network in which it was made, so a process that stays outside
//! makes them, and passes them on.

use std::{
    io::{self, Read as _, Write as _},
    net::{SocketAddr, TcpListener, TcpStream},
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::{net::UnixStream, process::CommandExt as _},
    },
    process::{Command, Stdio},
    time::Duration,
};

use parking_lot::Mutex;
use socket2::{Domain, SockAddr, SockRef, Socket, Type};

use super::{descriptor, keeper::FAILED};

/// How long a service of this machine may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);
const IPV4: u8 = 4;
const IPV6: u8 = 6;

/// The process outside.
#[derive(Debug)]
pub(crate) struct Outside {
    sockets: Mutex<UnixStream>,
    pid: i32,
}

impl Outside {
    /// Starts it. It ends with this process.
    pub(crate) fn start() -> io::Result<Self> {
        let (own, theirs) = UnixStream::pair()?;
        let helper = Command::new(std::env::current_exe()?)
            .arg("__outside")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            // Signals of the terminal are for the program, which may still need connections.
            .process_group(0)
            .spawn()?;
        Ok(Self {
            sockets: Mutex::new(own),
            pid: helper.id().cast_signed(),
        })
    }

    /// A process of the network outside.
    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    fn connect(sockets: &mut UnixStream, address: SocketAddr) -> io::Result<TcpStream> {
        let family = if address.is_ipv4() { IPV4 } else { IPV6 };
        sockets.write_all(&[family])?;
        let socket = Socket::from(descriptor::receive(sockets)?);
        socket.connect_timeout(&SockAddr::from(address), PATIENCE)?;
        Ok(socket.into())
    }

    /// Connects a socket of the inside with a service of the outside that has the same address.
    /// `None` if a server inside has it.
    ///
    /// The socket stays the program's own, with its options and whatever waits for it. It is
    /// connected to a listener that is there for this moment, and bytes are copied from there.
    /// If `is_cut_off`, it is refused.
    pub(crate) fn lead(
        &self,
        socket: &OwnedFd,
        wanted: SocketAddr,
        address: SocketAddr,
        is_cut_off: bool,
    ) -> Option<io::Result<()>> {
        // One at a time, for the listener of another must not be taken for a server.
        let mut sockets = self.sockets.lock();
        let listener = match TcpListener::bind(address) {
            Ok(listener) => listener,
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => return None,
            Err(error) => return Some(Err(error)),
        };
        if is_cut_off {
            return Some(Err(io::ErrorKind::ConnectionRefused.into()));
        }
        let there = match Self::connect(&mut sockets, address) {
            Ok(there) => there,
            Err(error) => return Some(Err(error)),
        };
        Some(join(&listener, socket, wanted, there))
    }
}

/// Connects a socket to a listener, and copies between it and a stream from then on.
fn join(
    listener: &TcpListener,
    socket: &OwnedFd,
    wanted: SocketAddr,
    there: TcpStream,
) -> io::Result<()> {
    let socket = SockRef::from(socket);
    let done = socket.connect(&SockAddr::from(wanted));
    if let Err(error) = &done
        && error.raw_os_error() != Some(libc::EINPROGRESS)
    {
        return done;
    }
    let own = socket.local_addr()?.as_socket();
    loop {
        let (here, peer) = listener.accept()?;
        let is_it = own.is_none_or(|own| own.port() == peer.port());
        if is_it {
            copy_both_ways(&here, &there)?;
            return done;
        }
    }
}

fn copy_both_ways(here: &TcpStream, there: &TcpStream) -> io::Result<()> {
    for stream in [here, there] {
        stream.set_nodelay(true)?;
    }
    for (from, to) in [(here, there), (there, here)] {
        let (mut from, mut to) = (from.try_clone()?, to.try_clone()?);
        std::thread::Builder::new().spawn(move || {
            let copied = io::copy(&mut from, &mut to);
            // Either may be closed already.
            let _ = to.shutdown(std::net::Shutdown::Write);
            if copied.is_err() {
                let _ = from.shutdown(std::net::Shutdown::Both);
            }
        })?;
    }
    Ok(())
}

/// The life of the process outside: a socket for each byte that names a family.
pub(crate) fn run() -> u8 {
    let Ok(stream) = io::stdin().as_fd().try_clone_to_owned() else {
        return FAILED;
    };
    let mut stream = UnixStream::from(stream);
    let mut family = [0];
    while stream.read_exact(&mut family).is_ok() {
        let domain = if family == [IPV6] {
            Domain::IPV6
        } else {
            Domain::IPV4
        };
        let sent = Socket::new(domain, Type::STREAM, None)
            .and_then(|socket| descriptor::send(&stream, socket.as_fd()));
        if sent.is_err() {
            return FAILED;
        }
    }
    0
}
