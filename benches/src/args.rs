//! The command line.

use std::{error::Error, fmt::Display, path::PathBuf};

use clap::{Args as Group, Parser, Subcommand};

use crate::{
    busy,
    load::{self, Direction, Load},
    pictures,
};

/// Load on a UPYUN service: many clients at once, and what they measured.
#[derive(Debug, Parser)]
#[command(name = "upyun-bench", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Upload objects
    Put(Options),
    /// Upload objects in parts of 4 MiB, four at once
    Multipart(Options),
    /// Download objects that `put` with the same options left
    Get(Options),
    /// Download one object while the server carries out media tasks
    Tasks(TaskOptions),
    /// Make a large photograph small, compared with libvips and ImageMagick where they are installed
    Pictures {
        /// Measurements of each
        #[arg(long, default_value_t = 10)]
        rounds: u32,
    },
}

#[derive(Debug, Group)]
struct TaskOptions {
    /// The video to work on
    #[arg(long, value_name = "FILE")]
    source: PathBuf,
    /// Tasks that are submitted at once
    #[arg(long, default_value_t = 100)]
    tasks: u32,
    #[command(flatten)]
    options: Options,
}

#[derive(Debug, Group)]
struct Options {
    /// The server's URL [default: an emulator in this process]
    #[arg(long, env = "UPYUN_ENDPOINT")]
    endpoint: Option<String>,
    /// The service
    #[arg(long, env = "UPYUN_SERVICE", default_value = "demo")]
    service: String,
    /// The operator
    #[arg(long, env = "UPYUN_USERNAME", default_value = "operator")]
    operator: String,
    /// The operator's password
    #[arg(
        long,
        env = "UPYUN_PASSWORD",
        hide_env_values = true,
        default_value = "password"
    )]
    password: String,
    /// Clients at once, each with a connection of its own
    #[arg(long, default_value_t = 8)]
    clients: u32,
    /// Objects a client
    #[arg(long, default_value_t = 100)]
    objects: u32,
    /// Bytes an object, like 4k, 64m or 1g
    #[arg(long, default_value = "4k", value_parser = size)]
    size: u64,
}

impl Args {
    pub(crate) async fn run(self) -> Result<Box<dyn Display>, Box<dyn Error>> {
        let load = match self.command {
            Command::Put(options) => options.load(Direction::Put),
            Command::Multipart(options) => options.load(Direction::Multipart),
            Command::Get(options) => options.load(Direction::Get),
            Command::Tasks(tasks) => {
                let load = tasks.options.load(Direction::Get);
                return Ok(Box::new(busy::run(&load, tasks.source, tasks.tasks).await?));
            }
            Command::Pictures { rounds } => return Ok(Box::new(pictures::run(rounds)?)),
        };
        Ok(Box::new(load::run(&load).await?))
    }
}

impl Options {
    fn load(self, direction: Direction) -> Load {
        let options = self;
        Load {
            direction,
            endpoint: options.endpoint,
            service: options.service,
            operator: options.operator,
            password: options.password,
            clients: options.clients,
            objects: options.objects,
            size_bytes: options.size,
        }
    }
}

/// A number of bytes with an optional binary unit.
fn size(text: &str) -> Result<u64, String> {
    let text = text.to_ascii_lowercase();
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (&*text, ""),
    };
    let factor = match unit {
        "" | "b" => Some(0),
        "k" | "kib" => Some(10),
        "m" | "mib" => Some(20),
        "g" | "gib" => Some(30),
        _ => None,
    };
    let number = number.parse::<u64>().ok();
    number
        .zip(factor)
        .and_then(|(number, factor)| number.checked_mul(1 << factor))
        .ok_or_else(|| "a size is a number with k, m or g, like 64m".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        for (text, want) in [("5", 5), ("4k", 4096), ("1GiB", 1 << 30), ("0", 0)] {
            assert_eq!(size(text), Ok(want));
        }
        for wrong in ["", "k", "1.5m", "1t", "99999999999g"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
