//! Answers the kernel's questions.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs::File,
    io::{self, IoSliceMut},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    os::{
        fd::{AsFd as _, AsRawFd as _, OwnedFd},
        unix::{ffi::OsStrExt as _, net::UnixListener},
    },
    path::PathBuf,
    sync::Arc,
};

use nix::{
    cmsg_space, libc,
    sys::{
        socket::{ControlMessageOwned, MsgFlags, recvmsg},
        uio::{RemoteIoVec, process_vm_readv},
    },
    unistd::Pid,
};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open};
use socket2::{SockAddr, SockRef, Type};

use super::{
    address::{Verdict, Wanted},
    kernel::{self, Question},
};
use crate::exec::leaks::{How, Leak, Leaks, Who};

const MAX_PATH: usize = 4096;
const MAX_ADDRESS: usize = 128;

/// What programs get instead of what they ask for.
#[derive(Debug)]
pub(crate) struct Interception {
    /// `None` if the program is only watched.
    pub(crate) leads: Option<Leads>,
    /// Files by the paths that they are opened under.
    pub(crate) files: HashMap<PathBuf, PathBuf>,
    pub(crate) leaks: Leaks,
}

/// Where connections are led.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leads {
    /// Where the emulator listens.
    pub(crate) emulator: SocketAddr,
    /// Where names are answered, by TCP.
    pub(crate) names: SocketAddr,
}

/// Takes the listener of the program that will call here, and answers its questions until it and
/// all that it started have ended.
pub(crate) fn supervise(socket: UnixListener, interception: Interception) -> io::Result<()> {
    let thread = std::thread::Builder::new().name("upyun-mock seccomp".into());
    thread.spawn(move || {
        let taken = socket.accept().and_then(|(stream, _)| take(&stream));
        match taken {
            Ok(listener) => answer_all(listener, interception),
            Err(error) => tracing::error!("the program is not intercepted: {error}"),
        }
    })?;
    Ok(())
}

/// Takes the descriptor that is sent over a socket.
fn take(stream: &std::os::unix::net::UnixStream) -> io::Result<OwnedFd> {
    let mut byte = [0];
    let mut pieces = [IoSliceMut::new(&mut byte)];
    let mut space = cmsg_space!(std::os::fd::RawFd);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = recvmsg::<()>(stream.as_raw_fd(), &mut pieces, Some(&mut space), flags)?;
    for control in message.cmsgs()? {
        if let ControlMessageOwned::ScmRights(descriptors) = control
            && let Some(descriptor) = descriptors.first()
        {
            return kernel::own(*descriptor);
        }
    }
    Err(io::Error::other("no descriptor was sent"))
}

fn answer_all(listener: OwnedFd, interception: Interception) {
    let (listener, interception) = (Arc::new(listener), Arc::new(interception));
    while kernel::is_asked(listener.as_fd()) {
        let question = match kernel::receive(listener.as_fd()) {
            Ok(question) => question,
            // Whoever asked was ended meanwhile.
            Err(error) if error.raw_os_error() == Some(libc::ENOENT) => continue,
            Err(_) => return,
        };
        match question.call {
            libc::SYS_connect | libc::SYS_sendto => {
                let (listener, interception) = (Arc::clone(&listener), Arc::clone(&interception));
                // A connection may have to wait; other questions must not.
                let answering = std::thread::Builder::new()
                    .spawn(move || reach(&listener, &interception, &question));
                if answering.is_err() {
                    tracing::error!("a question of the kernel could not be answered");
                }
            }
            _ => open(&listener, &interception, &question),
        }
    }
}

/// Answers `open` and `openat`: our files in their places, everything else as it is.
fn open(listener: &OwnedFd, interception: &Interception, question: &Question) {
    let listener = listener.as_fd();
    let is_at = question.call == libc::SYS_openat;
    let [path, flags] = if is_at { [1, 2] } else { [0, 1] };
    let flags = question.arguments[flags] as i32;
    let path = read_text(question, question.arguments[path]);
    let ours = path.and_then(|path| {
        let path = PathBuf::from(OsStr::from_bytes(&path));
        interception.files.get(&path)
    });
    let reads = flags & libc::O_ACCMODE == libc::O_RDONLY;
    if let Some(ours) = ours.filter(|_| reads)
        && let Ok(file) = File::open(ours)
        && kernel::hand_over(listener, question, file.as_fd(), flags).is_ok()
    {
        return;
    }
    kernel::go_on(listener, question);
}

/// Answers `connect` and `sendto`.
fn reach(listener: &OwnedFd, interception: &Interception, question: &Question) {
    let is_connect = question.call == libc::SYS_connect;
    let [address, length] = if is_connect { [1, 2] } else { [4, 5] };
    let length = usize::try_from(question.arguments[length]).unwrap_or(0);
    let mut bytes = vec![0; length.min(MAX_ADDRESS)];
    let address = usize::try_from(question.arguments[address]).unwrap_or(0);
    let read = read(question, address, &mut bytes).unwrap_or(0);
    let listener = listener.as_fd();
    if !kernel::is_open(listener, question) {
        return;
    }
    let wanted = Wanted::parse(&bytes[..read]);
    let socket = match &wanted {
        Wanted::Internet(_) if is_connect => socket_of(question).ok(),
        _ => None,
    };
    let is_stream = socket.as_ref().is_some_and(|socket| {
        SockRef::from(socket)
            .r#type()
            .is_ok_and(|it| it == Type::STREAM)
    });
    let verdict = wanted.judge(is_stream);
    let is_for_names = matches!(verdict, Verdict::ToNames);
    let to = match (verdict, &interception.leads) {
        (Verdict::Unreachable(target), _) => {
            interception.leaks.note(Leak {
                target: target.to_string(),
                how: How::Connected,
                who: who(question),
            });
            return kernel::answer(listener, question, Some(libc::ENETUNREACH));
        }
        (Verdict::Allowed, _) | (_, None) => return kernel::go_on(listener, question),
        (Verdict::Refused, Some(_)) => {
            return kernel::answer(listener, question, Some(libc::ECONNREFUSED));
        }
        (Verdict::ToEmulator, Some(leads)) => leads.emulator,
        (Verdict::ToNames, Some(leads)) => leads.names,
    };
    let done = match (&socket, &wanted) {
        (Some(socket), Wanted::Internet(wanted)) => {
            let socket = SockRef::from(socket);
            let done = socket.connect(&SockAddr::from(of_family(to, wanted)));
            if is_for_names && let Some(who) = who(question) {
                let own = socket.local_addr().ok().and_then(|it| it.as_socket());
                let port = own.map_or(0, |it| it.port());
                interception.leaks.asks(port, who);
            }
            done
        }
        _ => Err(io::Error::from_raw_os_error(libc::EPERM)),
    };
    // A socket that does not wait says so, and is told the end later as ever.
    let error = done
        .err()
        .map(|error| error.raw_os_error().unwrap_or(libc::ECONNREFUSED));
    kernel::answer(listener, question, error);
}

/// An address of this machine for a socket of the same family as another address.
fn of_family(to: SocketAddr, like: &SocketAddr) -> SocketAddr {
    match (to.ip(), like) {
        (IpAddr::V4(ip), SocketAddr::V6(_)) => {
            let ip = if ip.is_unspecified() {
                Ipv4Addr::LOCALHOST
            } else {
                ip
            };
            (ip.to_ipv6_mapped(), to.port()).into()
        }
        (ip, _) if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, to.port()).into(),
        _ => to,
    }
}

/// The socket that a question is about, as a descriptor of ours.
fn socket_of(question: &Question) -> io::Result<OwnedFd> {
    let process = process_of(question).ok_or(io::ErrorKind::NotFound)?;
    let process = rustix::process::Pid::from_raw(process).ok_or(io::ErrorKind::NotFound)?;
    let process = pidfd_open(process, PidfdFlags::empty())?;
    let number = i32::try_from(question.arguments[0]).map_err(io::Error::other)?;
    Ok(pidfd_getfd(process, number, PidfdGetfdFlags::empty())?)
}

/// The process of the thread that asks.
fn process_of(question: &Question) -> Option<i32> {
    let thread = i32::try_from(question.thread).ok()?;
    let status = procfs::process::Process::new(thread).ok()?.status().ok()?;
    Some(status.tgid)
}

fn who(question: &Question) -> Option<Who> {
    let pid = process_of(question)?;
    let process = procfs::process::Process::new(pid).ok()?;
    Some(Who {
        pid,
        arguments: process.cmdline().unwrap_or_default().join(" "),
    })
}

/// Reads memory of the process that asks; gives the bytes that are there.
fn read(question: &Question, address: usize, into: &mut [u8]) -> Option<usize> {
    let thread = Pid::from_raw(i32::try_from(question.thread).ok()?);
    let len = into.len();
    let remote = [RemoteIoVec { base: address, len }];
    process_vm_readv(thread, &mut [IoSliceMut::new(into)], &remote).ok()
}

/// Reads a text that ends with zero. It may end right before memory that cannot be read.
fn read_text(question: &Question, address: u64) -> Option<Vec<u8>> {
    let mut at = usize::try_from(address).ok()?;
    let mut text = Vec::new();
    while text.len() < MAX_PATH {
        // To the end of a page, which is there if its beginning is.
        let mut piece = [0; 256];
        let length = piece.len().min(4096 - at % 4096);
        let read = read(question, at, &mut piece[..length])?;
        let piece = &piece[..read];
        match piece.iter().position(|byte| *byte == 0) {
            Some(end) => {
                text.extend(&piece[..end]);
                return Some(text);
            }
            None if read == 0 => return None,
            None => text.extend(piece),
        }
        at += read;
    }
    None
}
