//! What a program tried to reach besides the emulator.

#[cfg(all(target_os = "linux", feature = "exec"))]
mod process;
#[cfg(not(all(target_os = "linux", feature = "exec")))]
#[path = "leaks/unknown_process.rs"]
mod process;

use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::Mutex;

pub(crate) use self::process::who;

/// Attempts that are told; more are only counted.
const TOLD: usize = 1000;

/// An attempt to reach another host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leak {
    /// A name, or an address with a port.
    pub(crate) target: String,
    pub(crate) how: How,
    pub(crate) who: Option<Who>,
}

/// How it was noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Resolved,
    Connected,
    Proxied,
}

/// The process that tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Who {
    pub(crate) pid: i32,
    pub(crate) arguments: String,
}

impl Who {
    /// Whether it is the emulator itself.
    pub(crate) fn is_this_process(&self) -> bool {
        self.pid == std::process::id().cast_signed()
    }
}

/// All attempts so far. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct Leaks {
    all: Arc<Mutex<Vec<Leak>>>,
    askers: Arc<Mutex<HashMap<u16, Who>>>,
}

impl Leaks {
    pub(crate) fn note(&self, leak: Leak) {
        let mut leaks = self.all.lock();
        // Resolvers ask for two addresses of a name, and ask again.
        if leaks.len() < TOLD && !leaks.contains(&leak) {
            tracing::warn!("{leak}");
            leaks.push(leak);
        }
    }

    pub(crate) fn all(&self) -> Vec<Leak> {
        self.all.lock().clone()
    }

    /// A process is about to ask for names from a port of this machine.
    pub(crate) fn asks(&self, port: u16, who: Who) {
        self.askers.lock().insert(port, who);
    }

    /// Who asks from a port, if that was told. It is forgotten.
    pub(crate) fn asker(&self, port: u16) -> Option<Who> {
        self.askers.lock().remove(&port)
    }
}

impl fmt::Display for Leak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = match self.how {
            How::Resolved => "its name was asked for",
            How::Connected => "a connection was tried",
            How::Proxied => "asked of the proxy",
        };
        write!(f, "{} ({how}", self.target)?;
        if let Some(who) = &self.who {
            write!(f, " by process {}: {}", who.pid, who.arguments)?;
        }
        f.write_str(")")
    }
}
