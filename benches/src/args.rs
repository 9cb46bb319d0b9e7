//! The command line.

use std::{error::Error, fmt::Display};

use clap::{Parser, Subcommand};

use crate::{
    busy::{self, TaskOptions},
    compare::CompareOptions,
    load::Mix,
    operation::Operation,
    options::LoadOptions,
    pictures,
};

/// Load on a UPYUN service: many clients at once, and what they measured.
///
/// Everything goes below one folder with a random name, which is removed at the end, also after
/// Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "upyun-bench", version)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Upload objects
    Put(LoadOptions),
    /// Download objects, which are uploaded first
    Get(LoadOptions),
    /// Download and upload
    Mixed {
        /// Downloads of a hundred operations
        #[arg(long, value_name = "PERCENT", default_value_t = 70, value_parser = clap::value_parser!(u8).range(..=100))]
        reads: u8,
        #[command(flatten)]
        options: LoadOptions,
    },
    /// Upload objects in parts of 4 MiB, four at once
    Multipart(LoadOptions),
    /// Compare two runs by what --json wrote
    Compare(CompareOptions),
    /// Download one object while the server carries out media tasks
    Tasks(TaskOptions),
    /// Make a large photograph small, compared with libvips and ImageMagick where they are installed
    Pictures {
        /// Measurements of each
        #[arg(long, default_value_t = 10)]
        rounds: u32,
    },
}

impl Args {
    pub(crate) async fn run(self) -> Result<Box<dyn Display>, Box<dyn Error>> {
        let only = Mix::Only;
        Ok(match self.command {
            Command::Put(options) => Box::new(options.run("put", only(Operation::Put)).await?),
            Command::Get(options) => Box::new(options.run("get", only(Operation::Get)).await?),
            Command::Mixed { reads, options } => {
                Box::new(options.run("mixed", Mix::Reads(reads)).await?)
            }
            Command::Multipart(options) => {
                Box::new(options.run("multipart", only(Operation::Multipart)).await?)
            }
            Command::Compare(options) => Box::new(options.run()?),
            Command::Tasks(options) => Box::new(busy::run(options).await?),
            Command::Pictures { rounds } => Box::new(pictures::run(rounds)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_options_fit_together() {
        Args::command().debug_assert();
    }

    #[test]
    fn options_of_old_still_mean_what_they_meant() {
        let old = "upyun-bench put --endpoint http://127.0.0.1:1 --clients 3 --objects 5 --size 4k";
        assert!(Args::try_parse_from(old.split(' ')).is_ok());
    }
}
