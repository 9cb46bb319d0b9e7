//! The process that draws: what `drawer` starts.

use std::io::{self, Read as _, Write as _};

use super::{error::RenderError, fonts::Fonts, render::draw_here};

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
