//! Drawings in a process of their own.
//!
//! A short drawing can ask for years of work, and the library that draws it cannot be stopped. A process
//! can: it is killed when the time for the picture is over, and has limits of its own.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use image::RgbaImage;

use super::{error::RenderError, stop::Stop};

/// The hidden subcommand of this program that draws.
pub(crate) const SUBCOMMAND: &str = "__draw";

/// A program that draws when it is run with [`SUBCOMMAND`]. A cheap handle.
#[derive(Clone, Debug)]
pub(crate) struct Drawer {
    program: Arc<Path>,
    seconds: u64,
}

impl Drawer {
    /// Draws for no longer than this.
    pub(crate) fn new(program: PathBuf, timeout: Duration) -> Self {
        Self {
            program: program.into(),
            seconds: timeout.as_secs().saturating_add(1),
        }
    }

    /// Draws in a process with a limit of memory, too.
    pub(crate) fn draw(
        &self,
        text: &[u8],
        memory: u64,
        stop: &Stop,
    ) -> Result<RgbaImage, RenderError> {
        let failed = |error: io::Error| {
            let program = self.program.display();
            RenderError::Internal(format!("{program} cannot be run to draw: {error}"))
        };
        let mut command = Command::new(&*self.program);
        command
            .args([SUBCOMMAND, &self.seconds.to_string(), &memory.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let output = stop.run(&mut command, text).map_err(failed)?;
        stop.check()?;
        match (output.status.code(), reply(output.stdout)) {
            // By a signal: the memory or the time that it has was not enough, or its stack.
            (None, _) => Err(RenderError::TooMany),
            (Some(_), Some(result)) => result,
            (Some(code), None) => Err(RenderError::Internal(format!(
                "the process that draws ended with status {code}"
            ))),
        }
    }
}

/// What the process has written.
fn reply(mut output: Vec<u8>) -> Option<Result<RgbaImage, RenderError>> {
    let kind = output.pop()?;
    let text = |output: Vec<u8>| String::from_utf8_lossy(&output).into_owned();
    Some(Err(match kind {
        b'p' => return pixels(output).map(Ok),
        b'n' => RenderError::NotAnImage(text(output)),
        b'l' => RenderError::TooLong,
        b'm' => RenderError::TooMany,
        b'i' => RenderError::Internal(text(output)),
        _ => return None,
    }))
}

/// The pixels, then width and height.
fn pixels(mut output: Vec<u8>) -> Option<RgbaImage> {
    let height = u32::from_be_bytes(*output.last_chunk()?);
    output.truncate(output.len() - 4);
    let width = u32::from_be_bytes(*output.last_chunk()?);
    output.truncate(output.len() - 4);
    RgbaImage::from_raw(width, height, output)
}
