//! The process between the emulator and the program: it starts the program, passes signals on, and
//! leaves nothing running.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write as _},
    os::unix::process::ExitStatusExt as _,
    path::PathBuf,
    process::{Command, ExitStatus},
};

/// As a shell has them.
const NOT_RUNNABLE: u8 = 126;
const NOT_FOUND: u8 = 127;
/// The emulator failed.
pub(crate) const FAILED: u8 = 125;

/// What a shell makes of a status.
pub(crate) fn code_of(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok())
        .unwrap_or(FAILED)
}

fn complain(sentence: &str) {
    let _ = writeln!(io::stderr(), "upyun-mock: {sentence}");
}

/// Starts a program; gives the exit status of the whole.
fn spawn(command: &[OsString]) -> Result<std::process::Child, u8> {
    let Some((program, arguments)) = command.split_first() else {
        return Err(FAILED);
    };
    Command::new(program)
        .args(arguments)
        .spawn()
        .map_err(|error| not_run(program, &error))
}

/// Says why a program cannot be run; gives the exit status.
pub(crate) fn not_run(program: &OsStr, error: &io::Error) -> u8 {
    complain(&format!("{} cannot be run: {error}", program.display()));
    match error.kind() {
        io::ErrorKind::NotFound => NOT_FOUND,
        _ => NOT_RUNNABLE,
    }
}

/// Runs the program; the life of the keeper. `remove` are directories that go if the parent dies.
#[cfg(target_os = "linux")]
pub(crate) fn run(command: &[OsString], parent: u32, remove: &[PathBuf], is_filtered: bool) -> u8 {
    use rustix::process::{
        Pid, Signal, getpid, kill_process, set_child_subreaper, set_parent_process_death_signal,
    };
    use signal_hook::{
        consts::{SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2},
        iterator::Signals,
    };
    // No program uses it, so that it can only mean that the parent is gone.
    const ORPHANED: Signal = Signal::POWER;
    let signals = Signals::new([
        SIGCHLD,
        SIGHUP,
        SIGINT,
        SIGQUIT,
        SIGTERM,
        SIGUSR1,
        SIGUSR2,
        ORPHANED.as_raw(),
    ]);
    let prepared = signals.and_then(|signals| {
        set_child_subreaper(Some(getpid()))?;
        set_parent_process_death_signal(Some(ORPHANED))?;
        Ok(signals)
    });
    let mut signals = match prepared {
        Ok(signals) => signals,
        Err(error) => {
            complain(&format!("the program cannot be looked after: {error}"));
            return FAILED;
        }
    };
    let is_orphan = || std::os::unix::process::parent_id() != parent;
    if is_orphan() {
        return FAILED;
    }
    let child = match spawn(command) {
        Ok(child) => child,
        Err(code) => return code,
    };
    let id = Pid::from_child(&child);
    for signal in signals.forever() {
        match signal {
            SIGCHLD => {
                if let Some(code) = reap(id) {
                    end_all_children();
                    // A program whose calls the parent decides fails when the parent is killed, and
                    // may be gone a moment before that shows.
                    if is_filtered && code != 0 && soon(is_orphan) {
                        remove_all(remove);
                    }
                    return code;
                }
            }
            signal if signal == ORPHANED.as_raw() => {
                // The thread that started this process is gone; the others of the parent follow.
                soon(is_orphan);
                end_all_children();
                remove_all(remove);
                return FAILED;
            }
            // The terminal has told every process of the group already.
            SIGINT | SIGQUIT if is_in_foreground() => {}
            signal => {
                if let Some(signal) = Signal::from_named_raw(signal) {
                    let _ = kill_process(id, signal);
                }
            }
        }
    }
    FAILED
}

/// Waits a moment for something to be so.
#[cfg(target_os = "linux")]
fn soon(is_so: impl Fn() -> bool) -> bool {
    for _ in 0..100 {
        if is_so() {
            return true;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    false
}

#[cfg(target_os = "linux")]
fn remove_all(directories: &[PathBuf]) {
    for directory in directories {
        // What cannot be removed now will not be later.
        let _ = std::fs::remove_dir_all(directory);
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn run(command: &[OsString], _: u32, _: &[PathBuf], _: bool) -> u8 {
    match spawn(command).map(|mut child| child.wait()) {
        Ok(Ok(status)) => code_of(status),
        Ok(Err(_)) => FAILED,
        Err(code) => code,
    }
}

/// Takes the ends of children; gives the program's.
#[cfg(target_os = "linux")]
fn reap(program: rustix::process::Pid) -> Option<u8> {
    use rustix::process::{WaitOptions, wait};
    let mut found = None;
    while let Ok(Some((pid, status))) = wait(WaitOptions::NOHANG) {
        if pid == program {
            found = Some(code_of(ExitStatus::from_raw(status.as_raw())));
        }
    }
    found
}

/// Ends what the program left running, and what that left, until nothing is there.
#[cfg(target_os = "linux")]
pub(crate) fn end_all_children() {
    use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};
    let own = std::process::id().cast_signed();
    loop {
        let processes = procfs::process::all_processes().into_iter().flatten();
        let children = processes
            .filter_map(Result::ok)
            .filter(|process| process.stat().is_ok_and(|stat| stat.ppid == own));
        for child in children.filter_map(|child| Pid::from_raw(child.pid)) {
            let _ = kill_process(child, Signal::KILL);
        }
        // Children of the ended ones become ours, and are ended in the next round.
        if wait(WaitOptions::empty()).is_err() {
            return;
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn end_all_children() {}

/// Whether the terminal sends its signals to this process too.
#[cfg(target_os = "linux")]
fn is_in_foreground() -> bool {
    let Ok(terminal) = std::fs::File::open("/dev/tty") else {
        return false;
    };
    let group = rustix::termios::tcgetpgrp(terminal);
    group.is_ok_and(|group| group == rustix::process::getpgrp())
}
