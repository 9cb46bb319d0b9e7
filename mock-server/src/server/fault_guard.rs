//! Faults for a part of a test.

use crate::faults::Faults;

/// A fault that is removed when this is dropped:
/// [`MockServer::add_fault_scoped`](crate::MockServer::add_fault_scoped).
#[derive(Debug)]
#[must_use = "the fault is removed when its guard is dropped"]
pub struct FaultGuard {
    faults: Faults,
    id: String,
}

impl FaultGuard {
    pub(super) fn new(faults: Faults, id: String) -> Self {
        Self { faults, id }
    }

    /// The id of the fault, as the journal and the control plane name it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How often the fault acted; 0 if it was removed.
    pub fn applied(&self) -> u64 {
        let all = self.faults.all();
        let found = all.iter().find(|entry| entry.id == self.id);
        found.map_or(0, |entry| entry.applied)
    }
}

impl Drop for FaultGuard {
    fn drop(&mut self) {
        self.faults.remove(&self.id);
    }
}
