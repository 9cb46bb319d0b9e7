//! The calls that no library makes for us: the only unsafe code of this workspace.
#![allow(
    unsafe_code,
    reason = "user notifications of seccomp have no safe interface in a library without C"
)]

use std::{
    io,
    os::fd::{AsRawFd as _, BorrowedFd, FromRawFd as _, OwnedFd},
};

use libc::{seccomp_notif, seccomp_notif_addfd, seccomp_notif_resp, sock_filter, sock_fprog};
use rustix::{
    event::{PollFd, PollFlags, poll},
    io::Errno,
};

/// A call that waits for an answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    pub(super) id: u64,
    /// The thread that made it.
    pub(super) thread: u32,
    pub(super) call: libc::c_long,
    pub(super) arguments: [u64; 6],
}

/// Puts a filter on this thread and all that comes of it; gives where its questions arrive. The
/// thread must have given up new privileges before.
pub(super) fn install(program: &[sock_filter]) -> io::Result<OwnedFd> {
    let fd = set_filter(program, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER)?;
    let fd = i32::try_from(fd).map_err(io::Error::other)?;
    // SAFETY: the kernel has just made this descriptor, for us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// The same for a filter that asks nothing.
pub(super) fn install_silent(program: &[sock_filter]) -> io::Result<()> {
    set_filter(program, 0).map(drop)
}

fn set_filter(program: &[sock_filter], flags: libc::c_ulong) -> io::Result<libc::c_long> {
    let whole = sock_fprog {
        len: u16::try_from(program.len()).map_err(io::Error::other)?,
        filter: program.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel reads `len` instructions behind `filter`, which are there, and writes none.
    let result = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            flags,
            &raw const whole,
        )
    };
    match result {
        0.. => Ok(result),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Waits until there is a question; `false` if there will be none any more.
pub(super) fn is_asked(listener: BorrowedFd<'_>) -> bool {
    loop {
        let mut polled = [PollFd::from_borrowed_fd(listener, PollFlags::IN)];
        match poll(&mut polled, None) {
            Ok(_) => return polled[0].revents().contains(PollFlags::IN),
            Err(Errno::INTR) => {}
            Err(_) => return false,
        }
    }
}

/// Waits for the next question.
pub(super) fn receive(listener: BorrowedFd<'_>) -> io::Result<Question> {
    // SAFETY: a structure of integers, of which zero is a value; the kernel wants it so.
    let mut question: seccomp_notif = unsafe { std::mem::zeroed() };
    control(listener, libc::SECCOMP_IOCTL_NOTIF_RECV, &raw mut question)?;
    Ok(Question {
        id: question.id,
        thread: question.pid,
        call: question.data.nr.into(),
        arguments: question.data.args,
    })
}

/// Whether a question is still open: if not, its process may be gone and its number another's.
pub(super) fn is_open(listener: BorrowedFd<'_>, question: &Question) -> bool {
    let mut id = question.id;
    control(listener, libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &raw mut id).is_ok()
}

/// Lets a call go on as if nobody had looked.
pub(super) fn go_on(listener: BorrowedFd<'_>, question: &Question) {
    let flags = u32::try_from(libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE).unwrap_or(1);
    send(listener, question, 0, flags);
}

/// Answers a call: with success, or with an error number.
pub(super) fn answer(listener: BorrowedFd<'_>, question: &Question, error: Option<i32>) {
    send(listener, question, error.map_or(0, |error| -error), 0);
}

fn send(listener: BorrowedFd<'_>, question: &Question, error: i32, flags: u32) {
    let mut response = seccomp_notif_resp {
        id: question.id,
        val: 0,
        error,
        flags,
    };
    // Whoever asked may be gone by now.
    let _ = control(listener, libc::SECCOMP_IOCTL_NOTIF_SEND, &raw mut response);
}

/// Gives the caller a descriptor of ours as the result of its call.
pub(super) fn hand_over(
    listener: BorrowedFd<'_>,
    question: &Question,
    file: BorrowedFd<'_>,
    flags: i32,
) -> io::Result<()> {
    let mut handed = seccomp_notif_addfd {
        id: question.id,
        flags: u32::try_from(libc::SECCOMP_ADDFD_FLAG_SEND).unwrap_or(2),
        srcfd: file.as_raw_fd().cast_unsigned(),
        newfd: 0,
        newfd_flags: (flags & libc::O_CLOEXEC).cast_unsigned(),
    };
    control(listener, libc::SECCOMP_IOCTL_NOTIF_ADDFD, &raw mut handed)
}

/// One of the requests above, each with the structure that it is defined for.
fn control<T>(listener: BorrowedFd<'_>, request: libc::Ioctl, argument: *mut T) -> io::Result<()> {
    loop {
        // SAFETY: `argument` comes from a reference to the structure that the request reads and
        // writes, and the descriptor is open as long as it is borrowed.
        let result = unsafe { libc::ioctl(listener.as_raw_fd(), request, argument) };
        if result >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}
