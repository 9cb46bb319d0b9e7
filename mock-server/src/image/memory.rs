//! The memory that all pictures share while they are processed.

use std::{sync::Arc, time::Duration};

use super::{error::RenderError, stop::Stop};
use parking_lot::{Condvar, Mutex};

/// How often a wait for memory looks whether it is to end.
const PAUSE: Duration = Duration::from_millis(20);

/// A number of bytes that is shared. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Memory(Arc<Pool>);

#[derive(Debug)]
struct Pool {
    all: u64,
    free: Mutex<u64>,
    freed: Condvar,
}

/// Bytes that were reserved; they are free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Reserved {
    pool: Arc<Pool>,
    bytes: u64,
}

impl Memory {
    pub(crate) fn new(bytes: u64) -> Self {
        Self(Arc::new(Pool {
            all: bytes,
            free: Mutex::new(bytes),
            freed: Condvar::new(),
        }))
    }

    /// Waits until so many bytes are free.
    ///
    /// # Errors
    /// [`RenderError::TooMany`] if there are fewer in all, [`RenderError::TooSlow`] when the work was
    /// stopped meanwhile.
    pub(crate) fn reserve(&self, bytes: u64, stop: &Stop) -> Result<Reserved, RenderError> {
        let pool = &self.0;
        if bytes > pool.all {
            return Err(RenderError::TooMany);
        }
        let mut free = pool.free.lock();
        while *free < bytes {
            stop.check()?;
            pool.freed.wait_for(&mut free, PAUSE);
        }
        *free -= bytes;
        drop(free);
        Ok(Reserved {
            pool: pool.clone(),
            bytes,
        })
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        *self.pool.free.lock() += self.bytes;
        self.pool.freed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_wait_for_what_is_reserved() {
        let (memory, stop) = (Memory::new(10), Stop::default());
        assert_eq!(memory.reserve(11, &stop).unwrap_err(), RenderError::TooMany);
        let first = memory.reserve(6, &stop).unwrap();
        let second = std::thread::spawn({
            let memory = memory.clone();
            move || memory.reserve(5, &Stop::default()).map(drop)
        });
        let stopped = Stop::default();
        stopped.request();
        assert_eq!(
            memory.reserve(5, &stopped).unwrap_err(),
            RenderError::TooSlow
        );
        drop(first);
        assert_eq!(second.join().unwrap(), Ok(()));
        assert!(memory.reserve(10, &stop).is_ok());
    }
}
