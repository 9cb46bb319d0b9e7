//! How work on a picture is told to stop.

use std::{
    io,
    process::{Child, Command, Output},
    sync::atomic::{AtomicBool, Ordering},
};

use super::error::RenderError;
use parking_lot::Mutex;

/// Whether work is to stop, and the process that it waits for.
#[derive(Debug, Default)]
pub(crate) struct Stop {
    requested: AtomicBool,
    child: Mutex<Option<Child>>,
}

impl Stop {
    /// From now on [`check`](Self::check) fails. A process that is waited for is killed.
    pub(crate) fn request(&self) {
        self.requested.store(true, Ordering::SeqCst);
        if let Some(child) = &mut *self.child.lock() {
            // One that has ended needs no killing.
            let _ = child.kill();
        }
    }

    /// Fails when the work is to stop.
    pub(crate) fn check(&self) -> Result<(), RenderError> {
        match self.requested.load(Ordering::SeqCst) {
            true => Err(RenderError::TooSlow),
            false => Ok(()),
        }
    }

    /// Runs a process, whose standard streams are to be pipes, to its end, and returns its output.
    pub(crate) fn run(&self, command: &mut Command, input: &[u8]) -> io::Result<Output> {
        let mut child = command.spawn()?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        *self.child.lock() = Some(child);
        if self.check().is_err() {
            self.request();
        }
        // The process reads all before it writes anything, and one that was killed reads no more.
        if let Some(mut stdin) = stdin {
            let _ = io::Write::write_all(&mut stdin, input);
        }
        let mut output = Vec::new();
        let read = match stdout {
            Some(mut stdout) => io::Read::read_to_end(&mut stdout, &mut output),
            None => Ok(0),
        };
        let child = self.child.lock().take();
        let mut child = child.ok_or(io::ErrorKind::NotFound)?;
        if read.is_err() {
            let _ = child.kill();
        }
        let status = child.wait()?;
        read?;
        Ok(Output {
            status,
            stdout: output,
            stderr: Vec::new(),
        })
    }
}
