//! Files to which lines of JSON are appended.
//!
//! A process that is killed, and a full disk, may cut a line short. So each line begins with a line
//! feed, which ends whatever came before it, and a reader skips what is not JSON.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use serde::{Serialize, de::DeserializeOwned};

/// Opens a file to append to it; makes it if need be.
pub(super) fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
}

/// Appends a line in one write, so that a reader hardly ever finds half of it.
pub(super) fn append(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut bytes = vec![b'\n'];
    serde_json::to_writer(&mut bytes, line)?;
    match file.write(&bytes)? {
        written if written == bytes.len() => Ok(()),
        _ => Err(io::ErrorKind::StorageFull.into()),
    }
}

/// The lines of a file that are whole; none if there is no file.
pub(super) fn read<L: DeserializeOwned>(path: &Path) -> io::Result<Vec<L>> {
    match fs::read(path) {
        Ok(bytes) => Ok(parse(&bytes).collect()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// The lines that are whole, the last first if the iterator is reversed.
pub(super) fn parse<L: DeserializeOwned>(bytes: &[u8]) -> impl DoubleEndedIterator<Item = L> {
    let lines = bytes.split(|byte| *byte == b'\n');
    lines.filter_map(|line| serde_json::from_slice(line).ok())
}
