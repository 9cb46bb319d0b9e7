//! Runs a program against the emulator: `upyun-mock exec`.
//!
//! Three processes: this one serves, a *keeper* starts the program and outlives it by as long as it
//! takes to end what the program left running, and the program itself. If this process is killed, the
//! keeper ends the program and removes the directories that would be left.

#[cfg(target_os = "linux")]
mod descriptor;
pub(crate) mod dns;
pub(crate) mod environment;
pub(crate) mod hosts;
pub(crate) mod keeper;
pub(crate) mod local;
#[cfg(target_os = "linux")]
pub(crate) mod namespace;
#[cfg(target_os = "linux")]
mod netlink;
#[cfg(target_os = "linux")]
pub(crate) mod outside;
#[cfg(target_os = "linux")]
pub(crate) mod seccomp;
pub(crate) mod summary;
pub(crate) mod trust;

/// How the program reaches the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Via {
    /// It is told where by `UPYUN_ENDPOINT`.
    Env,
    /// And by proxy variables, with trust in the local CA.
    Proxy,
    /// The kernel asks us about its connections and some of its files.
    Seccomp,
    /// It runs in a network of its own, in which the service's hosts are this server.
    Namespace,
}
