//! The process that becomes the program: it puts the filter on itself first.

use std::{
    ffi::OsString,
    io::{self, Read as _, Write as _},
    os::{
        fd::AsRawFd as _,
        unix::{net::UnixStream, process::CommandExt as _},
    },
    path::Path,
    process::Command,
};

use super::{
    filter::{self, Task},
    kernel,
};
use crate::exec::keeper::{FAILED, not_run};

/// Puts the filter on this process, tells the supervisor where its questions arrive if there is one,
/// and becomes the program. Gives an exit status if that does not work.
pub(crate) fn run(socket: Option<&Path>, task: Task, command: &[OsString]) -> u8 {
    let Some((program, arguments)) = command.split_first() else {
        return FAILED;
    };
    if let Err(error) = prepare(socket, task) {
        eprintln!("upyun-mock: the program cannot be intercepted: {error}");
        return FAILED;
    }
    let error = Command::new(program).args(arguments).exec();
    not_run(program, &error)
}

fn prepare(socket: Option<&Path>, task: Task) -> io::Result<()> {
    let Some(socket) = socket else {
        rustix::thread::set_no_new_privs(true)?;
        return kernel::install_silent(&filter::program(task));
    };
    // Before the filter, of which nobody takes the questions yet.
    let mut supervisor = UnixStream::connect(socket)?;
    rustix::thread::set_no_new_privs(true)?;
    let listener = kernel::install(&filter::program(task))?;
    // It cannot be sent with `sendmsg`, about which the kernel would ask now.
    supervisor.write_all(&listener.as_raw_fd().to_ne_bytes())?;
    supervisor.read_exact(&mut [0])
}

/// Whether all this works here; to be tried by a process that does nothing else.
pub(crate) fn works() -> Result<(), String> {
    if !filter::IS_KNOWN {
        return Err("there is no filter for this kind of processor".to_owned());
    }
    let uname = rustix::system::uname();
    let release = uname.release().to_string_lossy();
    let mut numbers = release
        .split(['.', '-'])
        .map(|it| it.parse::<u32>().unwrap_or(0));
    let version = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
    if version < (5, 14) {
        return Err(format!("Linux 5.14 or newer is needed, this is {release}"));
    }
    let forbidden = |what: &str, error: io::Error| {
        format!(
            "{what} is forbidden here ({error}); in a container, --cap-add SYS_PTRACE allows it"
        )
    };
    // What the supervisor will do to the program, done to ourselves.
    let own = rustix::process::getpid();
    let own = rustix::process::pidfd_open(own, rustix::process::PidfdFlags::empty())
        .map_err(|error| forbidden("watching processes", error.into()))?;
    let flags = rustix::process::PidfdGetfdFlags::empty();
    rustix::process::pidfd_getfd(own, 2, flags)
        .map_err(|error| forbidden("taking descriptors of other processes", error.into()))?;
    rustix::thread::set_no_new_privs(true)
        .map_err(|error| forbidden("giving up privileges", error.into()))?;
    kernel::install(&filter::program(Task::Intercept))
        .map_err(|error| forbidden("a filter with notifications", error))?;
    Ok(())
}
