//! The filter: which calls the kernel asks about.

use std::mem::offset_of;

use libc::{
    self, BPF_ABS, BPF_ALU, BPF_AND, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W,
    SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF, seccomp_data, sock_filter,
};

/// What the filter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// To lead connections to the emulator, and to give files of ours.
    Intercept,
    /// To note where the program wants to go, and to lead it to services of this machine.
    Watch,
    /// Only to refuse kinds of sockets, where questions are forbidden.
    Guard,
}

/// How the kernel calls this kind of processor.
#[cfg(target_arch = "x86_64")]
const ARCHITECTURE: u32 = 0xc000_003e;
#[cfg(target_arch = "aarch64")]
const ARCHITECTURE: u32 = 0xc000_00b7;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ARCHITECTURE: u32 = 0;

/// Whether there is a filter for this kind of processor.
pub(super) const IS_KNOWN: bool = ARCHITECTURE != 0;

/// Calls that open files.
const OPENING: &[libc::c_long] = &[
    libc::SYS_openat,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_open,
];

/// Calls that send packets to addresses which are named in memory.
const SENDING: &[libc::c_long] = &[libc::SYS_sendmsg, libc::SYS_sendmmsg];

/// Families of sockets that lead to no other machine, or whose addresses the supervisor judges;
/// `AF_INET` and `AF_INET6` have further rules.
const FAMILIES: [i32; 4] = [
    libc::AF_UNSPEC,
    libc::AF_UNIX,
    libc::AF_NETLINK,
    libc::AF_ALG,
];
/// The bits of a socket's type that are its kind; the others are flags.
const KIND: u32 = 0xf;

/// The program for the kernel: connections, packets that say where they go, and opened files unless
/// connections are only watched. Sockets of a family that could leave the machine unseen are
/// refused. Calls of another architecture, which hardly any program makes, are
/// let through. The asynchronous interface, which would get past all this, looks as if it did not
/// exist.
pub(super) fn program(task: Task) -> Vec<sock_filter> {
    let mut program = vec![
        load(offset_of!(seccomp_data, arch)),
        equal(ARCHITECTURE, 1, 0),
        answer(SECCOMP_RET_ALLOW),
        load(offset_of!(seccomp_data, nr)),
    ];
    let asked: &[&[libc::c_long]] = match task {
        // In a network of its own, packets reach no other machine.
        Task::Guard => &[],
        Task::Watch => &[&[libc::SYS_connect]],
        Task::Intercept => &[&[libc::SYS_connect], SENDING, OPENING],
    };
    for call in asked.iter().copied().flatten() {
        program.push(equal(number(*call), 0, 1));
        program.push(answer(SECCOMP_RET_USER_NOTIF));
    }
    program.push(equal(number(libc::SYS_io_uring_setup), 0, 1));
    program.push(refuse(libc::ENOSYS));
    let sockets = socket_rules();
    program.push(equal(number(libc::SYS_socket), 0, length(&sockets)));
    program.extend(sockets);
    if task != Task::Guard {
        // Most packets go along a connection; of them the address, a pointer, is null in both halves.
        let address = argument(4);
        program.push(equal(number(libc::SYS_sendto), 0, 6));
        for half in [address, address + size_of::<u32>()] {
            program.push(load(half));
            program.push(equal(0, 1, 0));
            program.push(answer(SECCOMP_RET_USER_NOTIF));
        }
    }
    program.push(answer(SECCOMP_RET_ALLOW));
    program
}

/// What becomes of `socket`: vsock, packet and raw sockets, and all that are neither TCP nor UDP nor
/// of the families above, are refused.
fn socket_rules() -> Vec<sock_filter> {
    let mut rules = vec![load(argument(0))];
    for family in FAMILIES {
        rules.push(equal(family.cast_unsigned(), 0, 1));
        rules.push(answer(SECCOMP_RET_ALLOW));
    }
    rules.extend([
        equal(libc::AF_INET.cast_unsigned(), 2, 0),
        equal(libc::AF_INET6.cast_unsigned(), 1, 0),
        refuse(libc::EAFNOSUPPORT),
        load(argument(1)),
        instruction(BPF_ALU | BPF_AND | BPF_K, KIND, 0, 0),
        equal(libc::SOCK_STREAM.cast_unsigned(), 2, 0),
        equal(libc::SOCK_DGRAM.cast_unsigned(), 1, 0),
        refuse(libc::EPERM),
        // Its further addresses are not told by `connect`.
        load(argument(2)),
        equal(libc::IPPROTO_SCTP.cast_unsigned(), 0, 1),
        refuse(libc::EPROTONOSUPPORT),
        answer(SECCOMP_RET_ALLOW),
    ]);
    rules
}

fn length(rules: &[sock_filter]) -> u8 {
    u8::try_from(rules.len()).unwrap_or(u8::MAX)
}

/// Where the lower half of an argument is.
fn argument(index: usize) -> usize {
    offset_of!(seccomp_data, args) + index * size_of::<u64>()
}

fn refuse(error: i32) -> sock_filter {
    answer(SECCOMP_RET_ERRNO | error.cast_unsigned())
}

fn number(call: libc::c_long) -> u32 {
    u32::try_from(call).unwrap_or(u32::MAX)
}

fn load(offset: usize) -> sock_filter {
    let offset = u32::try_from(offset).unwrap_or(u32::MAX);
    instruction(BPF_LD | BPF_W | BPF_ABS, offset, 0, 0)
}

/// Skips so many instructions if it is this value, and so many otherwise.
fn equal(value: u32, then: u8, otherwise: u8) -> sock_filter {
    instruction(BPF_JMP | BPF_JEQ | BPF_K, value, then, otherwise)
}

fn answer(value: u32) -> sock_filter {
    instruction(BPF_RET | BPF_K, value, 0, 0)
}

fn instruction(code: u32, k: u32, jt: u8, jf: u8) -> sock_filter {
    let code = u16::try_from(code).unwrap_or(0);
    sock_filter { code, jt, jf, k }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the kernel would do.
    fn run(task: Task, arch: u32, call: libc::c_long, arguments: [u64; 6]) -> u32 {
        let program = program(task);
        let (mut at, mut held) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            match u32::from(code) {
                code if code == BPF_RET | BPF_K => return k,
                code if code == BPF_JMP | BPF_JEQ | BPF_K => {
                    at += usize::from(if held == k { jt } else { jf });
                }
                code if code == BPF_ALU | BPF_AND | BPF_K => held &= k,
                _ => {
                    held = match usize::try_from(k).unwrap() {
                        0 => number(call),
                        4 => arch,
                        offset => {
                            let offset = offset - offset_of!(seccomp_data, args);
                            let whole = arguments[offset / 8];
                            u32::try_from(whole >> (offset % 8 * 8) & 0xffff_ffff).unwrap()
                        }
                    };
                }
            }
        }
    }

    #[test]
    fn the_kernel_asks_about_what_leads_out() {
        let ours = |call, destination| {
            let arguments = [0, 0, 0, 0, destination, 0];
            run(Task::Intercept, ARCHITECTURE, call, arguments)
        };
        assert_eq!(ours(libc::SYS_connect, 0), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_openat, 0), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_sendmsg, 0), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_sendmmsg, 0), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_read, 0), SECCOMP_RET_ALLOW);
        assert_eq!(ours(libc::SYS_sendto, 0), SECCOMP_RET_ALLOW);
        assert_eq!(ours(libc::SYS_sendto, 8), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_sendto, 8 << 32), SECCOMP_RET_USER_NOTIF);
        let absent = SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned();
        assert_eq!(ours(libc::SYS_io_uring_setup, 0), absent);
        let foreign = run(Task::Intercept, 1, libc::SYS_connect, [0; 6]);
        assert_eq!(foreign, SECCOMP_RET_ALLOW);
        let watched = |call| run(Task::Watch, ARCHITECTURE, call, [0; 6]);
        assert_eq!(watched(libc::SYS_connect), SECCOMP_RET_USER_NOTIF);
        assert_eq!(watched(libc::SYS_openat), SECCOMP_RET_ALLOW);
        let guarded = run(Task::Guard, ARCHITECTURE, libc::SYS_connect, [0; 6]);
        assert_eq!(guarded, SECCOMP_RET_ALLOW);
    }

    #[test]
    fn sockets_that_could_leave_unseen_are_refused() {
        let refused = |error: i32| SECCOMP_RET_ERRNO | error.cast_unsigned();
        let (stream, packet) = (libc::SOCK_STREAM, libc::SOCK_DGRAM);
        for (family, kind, protocol, want) in [
            (
                libc::AF_INET,
                stream | libc::SOCK_CLOEXEC,
                0,
                SECCOMP_RET_ALLOW,
            ),
            (
                libc::AF_INET6,
                packet | libc::SOCK_NONBLOCK,
                17,
                SECCOMP_RET_ALLOW,
            ),
            (libc::AF_UNIX, libc::SOCK_SEQPACKET, 0, SECCOMP_RET_ALLOW),
            (libc::AF_NETLINK, libc::SOCK_RAW, 0, SECCOMP_RET_ALLOW),
            (libc::AF_VSOCK, stream, 0, refused(libc::EAFNOSUPPORT)),
            (libc::AF_PACKET, packet, 0, refused(libc::EAFNOSUPPORT)),
            (libc::AF_XDP, libc::SOCK_RAW, 0, refused(libc::EAFNOSUPPORT)),
            (
                libc::AF_INET,
                libc::SOCK_RAW | libc::SOCK_CLOEXEC,
                1,
                refused(libc::EPERM),
            ),
            (libc::AF_INET6, libc::SOCK_RAW, 58, refused(libc::EPERM)),
            (
                libc::AF_INET,
                stream,
                libc::IPPROTO_SCTP,
                refused(libc::EPROTONOSUPPORT),
            ),
        ] {
            let arguments =
                [family, kind, protocol, 0, 0, 0].map(|it| u64::from(it.cast_unsigned()));
            for task in [Task::Intercept, Task::Watch, Task::Guard] {
                let got = run(task, ARCHITECTURE, libc::SYS_socket, arguments);
                assert_eq!(got, want, "{task:?} {family} {kind}");
            }
        }
    }
}
