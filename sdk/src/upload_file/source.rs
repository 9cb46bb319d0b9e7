//! The local file.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::SystemTime,
};

use tokio::task::{JoinHandle, spawn_blocking};

use crate::{
    body::{FilePart, Ready},
    protocol::Md5Digest,
};

/// What tells a file from another, or from itself after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Bytes.
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: i128,
}

/// An open file whose parts are read without a position.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    file: Arc<File>,
    /// As it was when opened.
    pub(super) print: Fingerprint,
}

impl SourceFile {
    pub(super) async fn open(path: &Path) -> io::Result<Self> {
        let path = path.to_owned();
        blocking(move || {
            let file = Arc::new(File::open(path)?);
            let print = fingerprint(&file)?;
            Ok(Self { file, print })
        })
        .await
    }

    /// Begins to compute the MD5 of the whole file, on a thread of its own.
    pub(super) fn hash(&self) -> Hashing {
        let is_wanted = Arc::new(AtomicBool::new(true));
        let whole = FilePart::new(Arc::clone(&self.file), 0, self.print.size);
        Hashing {
            task: spawn_blocking({
                let is_wanted = Arc::clone(&is_wanted);
                move || whole.md5_while(|| is_wanted.load(Ordering::Relaxed))
            }),
            is_wanted,
        }
    }

    /// The bytes of a part; the last one is shorter.
    pub(super) fn part(&self, part: u32, part_size: u64) -> Ready {
        let begin = u64::from(part) * part_size;
        let length = part_size.min(self.print.size.saturating_sub(begin));
        Ready::part_of(&self.file, begin, length)
    }

    /// # Errors
    /// If somebody wrote to the file since it was opened: then the parts do not fit together.
    pub(super) async fn check_unchanged(&self) -> io::Result<()> {
        let file = Arc::clone(&self.file);
        let now = blocking(move || fingerprint(&file)).await?;
        if (now.size, now.modified) == (self.print.size, self.print.modified) {
            Ok(())
        } else {
            Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file changed while it was uploaded",
            ))
        }
    }
}

/// The MD5 of a file while it is computed; dropped, the computation ends.
pub(super) struct Hashing {
    task: JoinHandle<io::Result<Md5Digest>>,
    is_wanted: Arc<AtomicBool>,
}

impl Hashing {
    pub(super) async fn finish(mut self) -> io::Result<Md5Digest> {
        (&mut self.task).await.map_err(io::Error::other)?
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.is_wanted.store(false, Ordering::Relaxed);
    }
}

fn fingerprint(file: &File) -> io::Result<Fingerprint> {
    let facts = file.metadata()?;
    let modified = match facts.modified()?.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_nanos().cast_signed(),
        Err(before) => -before.duration().as_nanos().cast_signed(),
    };
    Ok(Fingerprint {
        size: facts.len(),
        modified,
    })
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(work).await.map_err(io::Error::other)?
}
