//! The SDK from a shell: put, get, ls, rm, and sync a folder, on the emulator or the live service.
//!
//! ```sh
//! eval "$(upyun-mock … | grep ^export)"    # or your own UPYUN_SERVICE, _USERNAME, _PASSWORD
//! cargo run --example upyun -- put movie.mp4 /movies/movie.mp4
//! ```
#![allow(clippy::print_stdout, reason = "listing is what it is for")]

use std::{
    error::Error,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::{Parser, Subcommand};
use futures_util::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use upyun_client::{Client, FileCheckpoints, Progress, protocol::Md5Digest};

/// Objects of a UPYUN service. UPYUN_SERVICE, UPYUN_USERNAME and UPYUN_PASSWORD say which;
/// UPYUN_ENDPOINT, if set, where.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Upload a file, in parts if it is large
    Put {
        file: PathBuf,
        key: String,
        /// Remember here how far an upload in parts is, and go on with one that broke off
        #[arg(long)]
        checkpoints: Option<PathBuf>,
    },
    /// Download a file
    Get { key: String, file: PathBuf },
    /// List a folder
    Ls {
        #[arg(default_value = "/")]
        folder: String,
    },
    /// Delete files or empty folders
    Rm { keys: Vec<String> },
    /// Upload what is new or different in a local folder
    Sync { folder: PathBuf, key: String },
}

type Outcome = Result<(), Box<dyn Error>>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(Args::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("upyun: {error}");
            let mut source = error.source();
            while let Some(cause) = source {
                eprintln!("  because: {cause}");
                source = cause.source();
            }
            ExitCode::FAILURE
        }
    }
}

async fn run(args: Args) -> Outcome {
    let client = Client::from_env()?;
    match args.command {
        Command::Put {
            file,
            key,
            checkpoints,
        } => put(&client, &file, &key, checkpoints).await,
        Command::Get { key, file } => get(&client, &key, &file).await,
        Command::Ls { folder } => list(&client, &folder).await,
        Command::Rm { keys } => {
            for key in keys {
                client.delete(&key).send().await?;
            }
            Ok(())
        }
        Command::Sync { folder, key } => sync(&client, &folder, &key).await,
    }
}

async fn put(client: &Client, file: &Path, key: &str, checkpoints: Option<PathBuf>) -> Outcome {
    let bar = bar(key);
    let shown = bar.clone();
    let mut upload = client.upload_file(file, key).checksum();
    if let Some(folder) = checkpoints {
        upload = upload.checkpoints(Arc::new(FileCheckpoints::new(folder)));
    }
    upload
        .on_progress(move |progress| show(&shown, progress))
        .send()
        .await?;
    bar.finish();
    Ok(())
}

async fn get(client: &Client, key: &str, file: &Path) -> Outcome {
    let bar = bar(key);
    let shown = bar.clone();
    let get = client
        .get(key)
        .on_progress(move |progress| show(&shown, progress));
    get.send().await?.into_file(file).await?;
    bar.finish();
    Ok(())
}

async fn list(client: &Client, folder: &str) -> Outcome {
    let mut entries = client.list(folder).entries();
    while let Some(entry) = entries.try_next().await? {
        let slash = if entry.kind == upyun_client::protocol::list::EntryKind::Folder {
            "/"
        } else {
            ""
        };
        println!("{:>14}  {}{slash}", entry.size, entry.name);
    }
    Ok(())
}

/// Sizes first, then MD5s: most files that changed have another size.
async fn sync(client: &Client, folder: &Path, key: &str) -> Outcome {
    let mut folders = vec![(folder.to_owned(), key.trim_end_matches('/').to_owned())];
    while let Some((folder, key)) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let Some(name) = entry.file_name().to_str().map(str::to_owned) else {
                eprintln!(
                    "left out, its name is not UTF-8: {}",
                    entry.path().display()
                );
                continue;
            };
            let key = format!("{key}/{name}");
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push((entry.path(), key));
            } else if kind.is_file() && !is_same(client, &entry.path(), &key).await? {
                put(client, &entry.path(), &key, None).await?;
            }
        }
    }
    Ok(())
}

async fn is_same(client: &Client, file: &Path, key: &str) -> Result<bool, Box<dyn Error>> {
    let there = match client.info(key).send().await {
        Ok(there) => there,
        Err(error) if error.is_not_found() => return Ok(false),
        Err(error) => return Err(error.into()),
    };
    if !there.is_file() || there.size != file.metadata()?.len() {
        return Ok(false);
    }
    Ok(there.md5 == Some(Md5Digest::of(std::fs::read(file)?)))
}

fn bar(name: &str) -> ProgressBar {
    const LOOK: &str = "{msg} {wide_bar} {bytes}/{total_bytes} {bytes_per_sec}";
    let style = ProgressStyle::with_template(LOOK).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0)
        .with_style(style)
        .with_message(name.to_owned())
}

fn show(bar: &ProgressBar, progress: Progress) {
    if let Some(total) = progress.total {
        bar.set_length(total);
    }
    bar.set_position(progress.done);
}
