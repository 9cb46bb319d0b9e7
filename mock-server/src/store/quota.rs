//! How full a service is, where that is limited.

use std::collections::HashMap;

use parking_lot::Mutex;
use upyun_client::protocol::ServiceName;

use super::StoreError;

/// The services that have a limit. Others are not counted: that would cost a lock each write.
#[derive(Debug, Default)]
pub(super) struct Quotas {
    limited: Mutex<HashMap<ServiceName, Quota>>,
}

/// A change of size that was counted and is about to be made.
#[must_use]
#[derive(Debug)]
pub(super) struct Reservation<'q> {
    /// None if the service has no limit.
    counted: Option<Counted<'q>>,
}

#[derive(Debug)]
struct Counted<'q> {
    quotas: &'q Quotas,
    service: ServiceName,
    removed: u64,
    added: u64,
}

impl Reservation<'_> {
    /// The change was made.
    pub(super) fn keep(mut self) {
        self.counted = None;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        let Some(counted) = self.counted.take() else {
            return;
        };
        let mut limited = counted.quotas.limited.lock();
        if let Some(used) = limited
            .get_mut(&counted.service)
            .and_then(|quota| quota.used.as_mut())
        {
            *used = (*used + counted.removed).saturating_sub(counted.added);
        }
    }
}

#[derive(Debug)]
struct Quota {
    capacity: u64,
    /// Found by a walk when first needed.
    used: Option<u64>,
}

impl Quotas {
    pub(super) fn set(&self, service: &ServiceName, capacity: Option<u64>) {
        let mut limited = self.limited.lock();
        match capacity {
            Some(capacity) => {
                limited.insert(
                    service.clone(),
                    Quota {
                        capacity,
                        used: None,
                    },
                );
            }
            None => {
                limited.remove(service);
            }
        }
    }

    /// Whether the next change of a service's size walks over its files first.
    pub(super) fn must_count(&self, service: &ServiceName) -> bool {
        let limited = self.limited.lock();
        limited
            .get(service)
            .is_some_and(|quota| quota.used.is_none())
    }

    /// Counts a change of size before it is made; `walk` finds what is there now. Unless the
    /// reservation is kept, the count is taken back.
    pub(super) fn reserve(
        &self,
        service: &ServiceName,
        removed: u64,
        added: u64,
        walk: impl FnOnce() -> Result<u64, StoreError>,
    ) -> Result<Reservation<'_>, StoreError> {
        let mut limited = self.limited.lock();
        let Some(quota) = limited.get_mut(service) else {
            return Ok(Reservation { counted: None });
        };
        let used = match quota.used {
            Some(used) => used,
            None => walk()?,
        };
        let after = used.saturating_sub(removed).saturating_add(added);
        if added > removed && after > quota.capacity {
            quota.used = Some(used);
            return Err(StoreError::Full {
                capacity_bytes: quota.capacity,
            });
        }
        quota.used = Some(after);
        drop(limited);
        let counted = Counted {
            quotas: self,
            service: service.clone(),
            removed,
            added,
        };
        Ok(Reservation {
            counted: Some(counted),
        })
    }

    /// Counts anew at the next change: files came or went in another way.
    pub(super) fn forget(&self) {
        for quota in self.limited.lock().values_mut() {
            quota.used = None;
        }
    }
}
