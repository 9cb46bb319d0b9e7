//! The local file.

use std::{fs::File, io, path::Path, sync::Arc, time::SystemTime};

use crate::{body::Ready, protocol::Md5Digest};

/// What tells a file from another, or from itself after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fingerprint {
    /// Bytes.
    pub(super) size: u64,
    /// Nanoseconds since 1970.
    pub(super) modified: i128,
    /// If it was asked for.
    pub(super) md5: Option<Md5Digest>,
}

/// An open file whose parts are read without a position.
#[derive(Clone, Debug)]
pub(super) struct SourceFile {
    file: Arc<File>,
    /// As it was when opened.
    pub(super) print: Fingerprint,
}

impl SourceFile {
    pub(super) async fn open(path: &Path, wants_md5: bool) -> io::Result<Self> {
        let path = path.to_owned();
        let mut opened = blocking(move || {
            let file = Arc::new(File::open(path)?);
            let print = fingerprint(&file)?;
            Ok(Self { file, print })
        })
        .await?;
        if wants_md5 {
            let whole = Ready::part_of(&opened.file, 0, opened.print.size);
            opened.print.md5 = whole.md5().await?;
        }
        Ok(opened)
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

fn fingerprint(file: &File) -> io::Result<Fingerprint> {
    let facts = file.metadata()?;
    let modified = match facts.modified()?.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_nanos().cast_signed(),
        Err(before) => -before.duration().as_nanos().cast_signed(),
    };
    Ok(Fingerprint {
        size: facts.len(),
        modified,
        md5: None,
    })
}

pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(io::Error::other)?
}
