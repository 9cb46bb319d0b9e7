//! Runs a program against the emulator: `upyun-mock exec`.
//!
//! Three processes: this one serves, a *keeper* starts the program and outlives it by as long as it
//! takes to end what the program left running, and the program itself. If this process is killed, the
//! keeper ends the program and removes the directories that would be left.

#[cfg(all(target_os = "linux", feature = "exec"))]
mod descriptor;
#[cfg(feature = "exec")]
pub(crate) mod dns;
pub(crate) mod environment;
pub(crate) mod hosts;
#[cfg(feature = "exec")]
pub(crate) mod keeper;
#[cfg(feature = "exec")]
pub(crate) mod local;
#[cfg(all(target_os = "linux", feature = "exec"))]
pub(crate) mod namespace;
#[cfg(all(target_os = "linux", feature = "exec"))]
mod netlink;
#[cfg(all(target_os = "linux", feature = "exec"))]
pub(crate) mod outside;
#[cfg(all(target_os = "linux", feature = "exec"))]
pub(crate) mod seccomp;
#[cfg(feature = "exec")]
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
