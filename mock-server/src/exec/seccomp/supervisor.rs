//! Answers the kernel's questions.

use std::{
    collections::HashMap,
    ffi::OsStr,
    fs::File,
    io::{self, Read as _, Write as _},
    net::SocketAddr,
    os::{
        fd::{AsFd as _, OwnedFd},
        unix::{
            ffi::OsStrExt as _,
            fs::FileExt as _,
            net::{UnixListener, UnixStream},
        },
    },
    path::PathBuf,
    sync::Arc,
};

use rustix::{
    net::sockopt::socket_peercred,
    process::{Pid, PidfdFlags, PidfdGetfdFlags, pidfd_getfd, pidfd_open},
};
use socket2::{SockAddr, SockRef, Type};

use super::{
    address::{Verdict, Wanted, of_family},
    kernel::{self, Question},
    sink::Sinks,
    sockets::{Server, Sockets},
};
use crate::{
    exec::{local::LocalServices, outside::Outside},
    leaks::{How, Leak, Leaks, Who},
};

const MAX_PATH: usize = 4096;
const MAX_ADDRESS: usize = 128;
/// The kernel sends no more at once.
const MAX_MESSAGES: u64 = 1024;

/// What programs get instead of what they ask for.
#[derive(Debug)]
pub(crate) struct Interception {
    /// `None` if the program is only watched.
    pub(crate) leads: Option<Leads>,
    /// Files by the paths that they are opened under.
    pub(crate) files: HashMap<PathBuf, PathBuf>,
    pub(crate) leaks: Leaks,
    /// Where packets to other hosts are counted.
    pub(crate) sinks: Sinks,
    pub(crate) local: LocalServices,
    /// The ports of the emulator. Most connections go there, so nothing else is asked about them.
    pub(crate) own_ports: Vec<u16>,
    /// Who serves the ports of this machine.
    pub(crate) sockets: Sockets,
    /// Where services of this machine are if the program has a network of its own.
    pub(crate) outside: Option<Outside>,
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
        let taken = socket.accept().and_then(|(stream, _)| take(stream));
        match taken {
            Ok(listener) => answer_all(listener, interception),
            Err(error) => tracing::error!("the program is not intercepted: {error}"),
        }
    })?;
    Ok(())
}

/// Takes the listener of the program at the other end, which says its number and waits.
fn take(mut stream: UnixStream) -> io::Result<OwnedFd> {
    let mut number = [0; 4];
    stream.read_exact(&mut number)?;
    let process = socket_peercred(&stream)?.pid;
    let process = pidfd_open(process, PidfdFlags::empty())?;
    let flags = PidfdGetfdFlags::empty();
    let listener = pidfd_getfd(process, i32::from_ne_bytes(number), flags)?;
    stream.write_all(b"x")?;
    Ok(listener)
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
            libc::SYS_connect | libc::SYS_sendto | libc::SYS_sendmsg | libc::SYS_sendmmsg => {
                let wanted = wanted(&question);
                // What goes along a connection names no address.
                if wanted.is_empty() {
                    kernel::go_on(listener.as_fd(), &question);
                    continue;
                }
                let (listener, interception) = (Arc::clone(&listener), Arc::clone(&interception));
                // A connection may have to wait; other questions must not.
                let answering = std::thread::Builder::new()
                    .spawn(move || reach(&listener, &interception, &question, &wanted));
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

/// The addresses that a call names.
fn wanted(question: &Question) -> Vec<Wanted> {
    let [_, second, third, _, fifth, sixth] = question.arguments;
    let addresses = match question.call {
        libc::SYS_connect => vec![(second, third)],
        libc::SYS_sendto => vec![(fifth, sixth)],
        libc::SYS_sendmsg => name_of_message(question, second).into_iter().collect(),
        _ => {
            let count = third.min(MAX_MESSAGES);
            let size = size_of::<libc::mmsghdr>() as u64;
            let messages = (0..count).map(|index| second.wrapping_add(index * size));
            messages
                .filter_map(|message| name_of_message(question, message))
                .collect()
        }
    };
    let parsed = addresses.into_iter().map(|(address, length)| {
        let length = usize::try_from(length).unwrap_or(MAX_ADDRESS);
        let mut bytes = vec![0; length.min(MAX_ADDRESS)];
        let address = usize::try_from(address).unwrap_or(0);
        let read = read(question, address, &mut bytes).unwrap_or(0);
        Wanted::parse(&bytes[..read])
    });
    parsed.collect()
}

/// The place and length of the address in a `msghdr`, which begins with them.
fn name_of_message(question: &Question, message: u64) -> Option<(u64, u64)> {
    let mut head = [0; 12];
    let read = read(question, usize::try_from(message).ok()?, &mut head)?;
    let (address, length) = head[..read].split_first_chunk::<8>()?;
    let address = u64::from_ne_bytes(*address);
    let length = u32::from_ne_bytes(length.try_into().ok()?);
    (address != 0).then_some((address, length.into()))
}

/// Answers a call that names these addresses.
fn reach(listener: &OwnedFd, interception: &Interception, question: &Question, wanted: &[Wanted]) {
    let is_connect = question.call == libc::SYS_connect;
    let listener = listener.as_fd();
    if !kernel::is_open(listener, question) {
        return;
    }
    let has_port = wanted.iter().any(|it| matches!(it, Wanted::Internet(_)));
    let socket = match is_connect && has_port {
        true => socket_of(question).ok(),
        false => None,
    };
    let kind = socket
        .as_ref()
        .and_then(|socket| SockRef::from(socket).r#type().ok());
    let is_stream = kind == Some(Type::STREAM);
    // Of several packets, one that may not go decides about all.
    let answers = wanted.iter().map(|wanted| {
        let socket = socket.as_ref();
        answer_to(interception, question, wanted, socket, is_stream)
    });
    match answers.into_iter().find(|it| *it != Answer::GoOn) {
        None | Some(Answer::GoOn) => kernel::go_on(listener, question),
        Some(Answer::Done) => kernel::answer(listener, question, None),
        Some(Answer::Failed(error)) => kernel::answer(listener, question, Some(error)),
    }
}

/// What a call is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// It goes on as if nobody had looked.
    GoOn,
    Done,
    Failed(i32),
}

impl From<io::Result<()>> for Answer {
    /// A socket that does not wait says so, and is told the end later as ever.
    fn from(done: io::Result<()>) -> Self {
        match done {
            Ok(()) => Self::Done,
            Err(error) => Self::Failed(error.raw_os_error().unwrap_or(libc::ECONNREFUSED)),
        }
    }
}

/// Decides about one address. `socket` is there if it is to be connected.
fn answer_to(
    interception: &Interception,
    question: &Question,
    wanted: &Wanted,
    socket: Option<&OwnedFd>,
    is_stream: bool,
) -> Answer {
    let verdict = wanted.judge(is_stream);
    let is_for_names = matches!(verdict, Verdict::ToNames);
    let to = match (verdict, &interception.leads) {
        (Verdict::Unreachable(target), _) => {
            return far(interception, question, &target, socket, is_stream);
        }
        (Verdict::ToPort(port), _) => {
            return near(interception, wanted, port, socket, is_stream);
        }
        (Verdict::ToSocket, _) => return local(interception, question, wanted),
        (Verdict::Hidden, _) => return Answer::Failed(libc::ECONNREFUSED),
        (Verdict::Allowed, _) | (_, None) => return Answer::GoOn,
        (Verdict::Refused, Some(_)) => return Answer::Failed(libc::ECONNREFUSED),
        (Verdict::ToEmulator, Some(leads)) => leads.emulator,
        (Verdict::ToNames, Some(leads)) => leads.names,
    };
    let (Some(socket), Wanted::Internet(wanted)) = (socket, wanted) else {
        return Answer::Failed(libc::EPERM);
    };
    let socket = SockRef::from(socket);
    let done = socket.connect(&SockAddr::from(of_family(to, wanted)));
    if is_for_names && let Some(who) = who(question) {
        let own = socket.local_addr().ok().and_then(|it| it.as_socket());
        let port = own.map_or(0, |it| it.port());
        interception.leaks.asks(port, who);
    }
    done.into()
}

/// Decides about another host.
fn far(
    interception: &Interception,
    question: &Question,
    target: &SocketAddr,
    socket: Option<&OwnedFd>,
    is_stream: bool,
) -> Answer {
    let leak = Leak {
        target: target.to_string(),
        how: How::Connected,
        who: who(question),
    };
    // A connection of UDP sends nothing: resolvers sort addresses by what it finds.
    if let Some(socket) = socket.filter(|_| !is_stream)
        && let Ok(socket) = socket.try_clone()
        && interception
            .sinks
            .connect(socket, target, leak.clone(), interception.leaks.clone())
            .is_ok()
    {
        return Answer::Done;
    }
    interception.leaks.note(leak);
    Answer::Failed(libc::ENETUNREACH)
}

/// Decides about a port of this machine.
fn near(
    interception: &Interception,
    wanted: &Wanted,
    port: SocketAddr,
    socket: Option<&OwnedFd>,
    is_stream: bool,
) -> Answer {
    if interception.own_ports.contains(&port.port())
        || interception.sockets.port(port, is_stream) != Server::Machine
    {
        return Answer::GoOn;
    }
    let local = &interception.local;
    let Some(outside) = &interception.outside else {
        local.note(port.to_string());
        return match local.is_isolated() {
            true => Answer::Failed(libc::ECONNREFUSED),
            false => Answer::GoOn,
        };
    };
    let (Some(socket), true, Wanted::Internet(wanted)) = (socket, is_stream, wanted) else {
        return Answer::GoOn;
    };
    match outside.lead(socket, *wanted, port, local.is_isolated()) {
        None => Answer::GoOn,
        Some(done) => {
            local.note(port.to_string());
            done.into()
        }
    }
}

/// Decides about a local socket.
fn local(interception: &Interception, question: &Question, wanted: &Wanted) -> Answer {
    let (server, name) = match wanted {
        Wanted::Local(path) => {
            let process = process_of(question).unwrap_or_default();
            let server = interception.sockets.file(process, path);
            (server, String::from_utf8_lossy(path).into_owned())
        }
        Wanted::Abstract(name) => {
            let server = interception.sockets.abstract_name(name);
            (server, format!("@{}", String::from_utf8_lossy(name)))
        }
        _ => return Answer::GoOn,
    };
    if server != Server::Machine {
        return Answer::GoOn;
    }
    interception.local.note(name);
    match interception.local.is_isolated() {
        true => Answer::Failed(libc::ECONNREFUSED),
        false => Answer::GoOn,
    }
}

/// The socket that a question is about, as a descriptor of ours.
fn socket_of(question: &Question) -> io::Result<OwnedFd> {
    let process = process_of(question).ok_or(io::ErrorKind::NotFound)?;
    let process = Pid::from_raw(process).ok_or(io::ErrorKind::NotFound)?;
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
    let memory = File::open(format!("/proc/{}/mem", question.thread)).ok()?;
    memory.read_at(into, address as u64).ok()
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
