//! Who may write a part.

use std::io;

use parking_lot::Mutex;

/// The right to write a part to its place, until it is revoked.
#[derive(Debug, Default)]
pub(in crate::store) struct Claim {
    revoked: Mutex<bool>,
}

impl Claim {
    /// After this, nothing is written under the claim.
    pub(in crate::store) fn revoke(&self) {
        *self.revoked.lock() = true;
    }

    /// Writes, unless the claim was revoked.
    pub(in crate::store) fn write(&self, write: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let revoked = self.revoked.lock();
        if *revoked {
            return Err(io::Error::other("another request has stored this part"));
        }
        write()
    }
}
