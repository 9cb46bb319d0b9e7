//! The thread that does the work.

use std::{
    fmt,
    panic::{AssertUnwindSafe, resume_unwind},
    sync::{Arc, mpsc},
    thread::{self, ThreadId},
};

use futures_util::FutureExt as _;
use tokio::{
    runtime::{Builder, Handle},
    sync::oneshot,
};

use crate::error::{Error, ErrorKind, Result};

/// A runtime on a thread of its own, which ends when the last handle is gone.
///
/// The runtime lives and dies there. A runtime that is owned by its user panics when that happens to
/// be dropped inside another runtime, and one that is entered panics when it is entered twice.
pub(super) struct Runtime {
    handle: Handle,
    thread: ThreadId,
    /// The thread waits for its drop.
    _stop: oneshot::Sender<()>,
}

impl Runtime {
    pub(super) fn start() -> Result<Arc<Self>> {
        let failed = |error| Error::io("the client's thread could not be started", error);
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(failed)?;
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = thread::Builder::new()
            .name("upyun-client".to_owned())
            .spawn(move || {
                // An error, because nobody ever sends.
                let _ = runtime.block_on(stopped);
                // A reader of the caller's may block for ever; nobody waits for it.
                runtime.shutdown_background();
            })
            .map_err(failed)?;
        Ok(Arc::new(Self {
            handle,
            thread: thread.thread().id(),
            _stop: stop,
        }))
    }

    /// Waits for the future, which runs on the thread. Its panics are passed on.
    pub(super) fn run<T: Send + 'static>(
        &self,
        future: impl Future<Output = Result<T>> + Send + 'static,
    ) -> Result<T> {
        if thread::current().id() == self.thread {
            return Err(Error::invalid(
                "a blocking request inside a callback of another would wait for itself",
            ));
        }
        let (done, result) = mpsc::sync_channel(1);
        self.handle.spawn(async move {
            let _ = done.send(AssertUnwindSafe(future).catch_unwind().await);
        });
        match result.recv() {
            Ok(Ok(result)) => result,
            Ok(Err(panic)) => resume_unwind(panic),
            Err(_) => Err(Error::new(
                ErrorKind::Transport,
                "the client's thread has ended",
            )),
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").finish_non_exhaustive()
    }
}
