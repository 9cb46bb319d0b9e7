//! The directory of a zip archive, which is bounded before it is read.
//!
//! The library allocates memory for as many entries as an end record claims, and searches the whole file
//! for such records. So it is shown only the end of the file until it has read the directory, and no
//! record there may claim too many entries.

use std::{
    cell::Cell,
    io::{self, Read, Seek, SeekFrom},
    rc::Rc,
};

use zip::ZipArchive;

use crate::tasks::outcome::Failure;

/// The most entries of an archive.
const MAX_ENTRIES: u64 = 100_000;
/// The longest directory, with its end records and the comment behind them.
const MAX_DIRECTORY_BYTES: u64 = 32 * 1024 * 1024;

/// The end record of archives with many entries or bytes; that of others counts to 65,535.
const END64: &[u8] = b"PK\x06\x06";
/// What follows that record.
const LOCATOR: &[u8] = b"PK\x06\x07";

/// Opens an archive, unless its directory is too large.
pub(super) fn open<R: Read + Seek>(
    mut file: R,
) -> Result<ZipArchive<impl Read + Seek + use<R>>, Failure> {
    let broken = |error: &dyn std::fmt::Display| {
        Failure::malformed(format!("the archive cannot be read: {error}"))
    };
    let length = file.seek(SeekFrom::End(0));
    let length = length.map_err(|error| broken(&error))?;
    let begin = length.saturating_sub(MAX_DIRECTORY_BYTES);
    let claimed = claimed_entries(&mut file, begin).map_err(|error| broken(&error))?;
    if claimed > MAX_ENTRIES {
        return Err(Failure::malformed(format!(
            "the archive has {claimed} entries; {MAX_ENTRIES} are allowed"
        )));
    }
    let hidden = Rc::new(Cell::new(begin));
    let archive = ZipArchive::new(EndOfFile {
        file,
        position: 0,
        hidden: hidden.clone(),
    });
    let archive = archive.map_err(|error| match begin {
        0 => broken(&error),
        _ => broken(&format!(
            "{error}; its directory must be in its last {MAX_DIRECTORY_BYTES} bytes"
        )),
    })?;
    // Entries are before the directory.
    hidden.set(0);
    Ok(archive)
}

/// The most entries that any end record behind a position claims.
fn claimed_entries(file: &mut (impl Read + Seek), begin: u64) -> io::Result<u64> {
    let mut end = Vec::new();
    file.seek(SeekFrom::Start(begin))?;
    file.take(MAX_DIRECTORY_BYTES).read_to_end(&mut end)?;
    let number = |at: usize| Some(u64::from_le_bytes(*end.get(at..)?.first_chunk()?));
    let claim = |at: usize| {
        let behind = usize::try_from(number(at + 4)?).ok()?;
        let behind = at.checked_add(12)?.checked_add(behind)?;
        end.get(behind..)?.starts_with(LOCATOR).then_some(())?;
        number(at + 32)
    };
    let records = (0..end.len()).filter(|at| end[*at..].starts_with(END64));
    Ok(records.filter_map(claim).max().unwrap_or(0))
}

/// A file whose first bytes are zeros while they are hidden.
struct EndOfFile<R> {
    file: R,
    position: u64,
    hidden: Rc<Cell<u64>>,
}

impl<R: Read> Read for EndOfFile<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(buffer)?;
        let hidden = self.hidden.get().saturating_sub(self.position);
        let hidden = usize::try_from(hidden).unwrap_or(usize::MAX).min(count);
        buffer[..hidden].fill(0);
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Seek> Seek for EndOfFile<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.position = self.file.seek(to)?;
        Ok(self.position)
    }
}
