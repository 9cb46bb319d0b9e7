//! Drawings in a process of their own.
//!
//! A short drawing can ask for years of work, and the library that draws it cannot be stopped. A process
//! can: it is killed when the time for the picture is over, and has limits of its own.

use std::{
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::Arc,
    time::Duration,
};

use image::RgbaImage;

use super::{
    fonts::Fonts,
    render::{RenderError, draw_here},
    stop::Stop,
};

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

/// The subcommand: draws what it reads, and writes the pixels or what is wrong.
pub(crate) fn run(seconds: u64, memory: u64) -> io::Result<()> {
    limit(seconds, memory);
    let mut text = Vec::new();
    io::stdin().lock().read_to_end(&mut text)?;
    let mut output = io::stdout().lock();
    let kind = match draw_here(&text, &Fonts::default()) {
        Ok(picture) => {
            output.write_all(picture.as_raw())?;
            output.write_all(&picture.width().to_be_bytes())?;
            output.write_all(&picture.height().to_be_bytes())?;
            b'p'
        }
        Err(RenderError::NotAnImage(why)) => {
            output.write_all(why.as_bytes())?;
            b'n'
        }
        Err(RenderError::TooLong) => b'l',
        Err(RenderError::TooMany) => b'm',
        Err(error) => {
            write!(output, "{error:?}")?;
            b'i'
        }
    };
    output.write_all(&[kind])?;
    output.flush()
}

/// The kernel ends this process when it has used so much, or when the server ends.
fn limit(seconds: u64, memory: u64) {
    use rustix::process::{Resource, Rlimit, setrlimit};
    let limits = [
        (Resource::Cpu, seconds),
        (Resource::Data, memory),
        (Resource::Core, 0),
    ];
    for (resource, most) in limits {
        let limit = Rlimit {
            current: Some(most),
            maximum: Some(most),
        };
        // Where there is no such limit the server still kills this process in time.
        let _ = setrlimit(resource, limit);
    }
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}
