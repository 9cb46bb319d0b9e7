//! Services of this machine that a program used, besides the emulator and its own.

use std::{collections::BTreeSet, sync::Arc};

use parking_lot::Mutex;

/// Services that are listed; further ones are not.
const LISTED: usize = 1000;

/// The services that a program used, or tried to use if they are cut off. A cheap handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct LocalServices {
    is_isolated: bool,
    tried: Arc<Mutex<BTreeSet<String>>>,
}

impl LocalServices {
    /// `is_isolated` cuts them off.
    pub(crate) fn new(is_isolated: bool) -> Self {
        Self {
            is_isolated,
            ..Self::default()
        }
    }

    pub(crate) fn is_isolated(&self) -> bool {
        self.is_isolated
    }

    /// Records an address with a port, or the path of a socket.
    pub(crate) fn note(&self, service: String) {
        let mut tried = self.tried.lock();
        if tried.len() < LISTED {
            tried.insert(service);
        }
    }

    /// All services so far, sorted.
    pub(crate) fn all(&self) -> Vec<String> {
        let tried = self.tried.lock();
        tried.iter().cloned().collect()
    }
}
