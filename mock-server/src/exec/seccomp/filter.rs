//! The filter: which calls the kernel asks about.

use std::mem::offset_of;

use nix::libc::{
    self, BPF_ABS, BPF_JEQ, BPF_JMP, BPF_K, BPF_LD, BPF_RET, BPF_W, SECCOMP_RET_ALLOW,
    SECCOMP_RET_ERRNO, SECCOMP_RET_USER_NOTIF, seccomp_data, sock_filter,
};

/// What the filter is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Task {
    /// To lead connections to the emulator, and to give files of ours.
    Intercept,
    /// To note where the program wants to go.
    Watch,
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

/// The program for the kernel: connections, packets that say where they go, and opened files unless
/// connections are only watched. Calls of another architecture, which hardly any program makes, are
/// let through. The asynchronous interface, which would get past all this, looks as if it did not
/// exist.
pub(super) fn program(task: Task) -> Vec<sock_filter> {
    let mut program = vec![
        load(offset_of!(seccomp_data, arch)),
        equal(ARCHITECTURE, 1, 0),
        answer(SECCOMP_RET_ALLOW),
        load(offset_of!(seccomp_data, nr)),
    ];
    let opening = match task {
        Task::Intercept => OPENING,
        Task::Watch => &[],
    };
    for call in [libc::SYS_connect].iter().chain(opening) {
        program.push(equal(number(*call), 0, 1));
        program.push(answer(SECCOMP_RET_USER_NOTIF));
    }
    program.push(equal(number(libc::SYS_io_uring_setup), 0, 1));
    program.push(answer(SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned()));
    // Most packets go along a connection; of them the address, a pointer, is null in both halves.
    let address = offset_of!(seccomp_data, args) + 4 * size_of::<u64>();
    program.push(equal(number(libc::SYS_sendto), 0, 6));
    for half in [address, address + size_of::<u32>()] {
        program.push(load(half));
        program.push(equal(0, 1, 0));
        program.push(answer(SECCOMP_RET_USER_NOTIF));
    }
    program.push(answer(SECCOMP_RET_ALLOW));
    program
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
    fn run(arch: u32, call: libc::c_long, destination: u64) -> u32 {
        let program = program(Task::Intercept);
        let (mut at, mut held) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            match u32::from(code) {
                code if code == BPF_RET | BPF_K => return k,
                code if code == BPF_JMP | BPF_JEQ | BPF_K => {
                    at += usize::from(if held == k { jt } else { jf });
                }
                _ => {
                    let address = u32::try_from(offset_of!(seccomp_data, args) + 32).unwrap();
                    held = match k {
                        0 => number(call),
                        4 => arch,
                        k if k == address => destination as u32,
                        k if k == address + 4 => (destination >> 32) as u32,
                        other => panic!("loads {other}"),
                    };
                }
            }
        }
    }

    #[test]
    fn the_kernel_asks_about_what_leads_out() {
        let ours = |call, destination| run(ARCHITECTURE, call, destination);
        assert_eq!(ours(libc::SYS_connect, 0), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_openat, 0), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_read, 0), SECCOMP_RET_ALLOW);
        assert_eq!(ours(libc::SYS_sendto, 0), SECCOMP_RET_ALLOW);
        assert_eq!(ours(libc::SYS_sendto, 8), SECCOMP_RET_USER_NOTIF);
        assert_eq!(ours(libc::SYS_sendto, 8 << 32), SECCOMP_RET_USER_NOTIF);
        let absent = SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned();
        assert_eq!(ours(libc::SYS_io_uring_setup, 0), absent);
        assert_eq!(run(1, libc::SYS_connect, 0), SECCOMP_RET_ALLOW);
        assert!(program(Task::Watch).len() < program(Task::Intercept).len());
    }
}
