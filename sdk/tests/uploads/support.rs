//! Files to upload, and what is left on the server.

use std::{
    io::Write as _,
    time::{Duration, Instant},
};

use tempfile::NamedTempFile;
use upyun_mock::MockServer;

pub(crate) const MIB: usize = 1024 * 1024;

/// Bytes in which no part is like another.
pub(crate) fn content(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes()[0])
        .collect()
}

pub(crate) fn file_of(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file.flush().unwrap();
    file
}

/// How many parts the server has taken: of all requests only they have bodies.
pub(crate) fn parts_taken(server: &MockServer) -> usize {
    let requests = server.requests();
    let parts = requests.iter().filter(|entry| entry.bytes_in > 0);
    parts.filter(|entry| entry.status < 300).count()
}

/// What the server keeps beside the objects: parts, bodies that nobody waits for, and the records of
/// uploads, which stay until their 24 hours are over.
pub(crate) fn leftovers(server: &MockServer) -> Vec<String> {
    let service = server.directory();
    let data = service.parent().unwrap();
    let mut found = Vec::new();
    for folder in ["tmp", "uploads"] {
        let folder = data.join(".upyun-mock").join(folder);
        for entry in std::fs::read_dir(folder).into_iter().flatten() {
            found.push(entry.unwrap().path().display().to_string());
        }
    }
    found
}

/// Waits until no bytes of any upload are left, and after a day no records either.
pub(crate) async fn settled(server: &MockServer) {
    let is_body = |path: &String| !path.ends_with(".jsonl");
    until(|| !leftovers(server).iter().any(is_body)).await;
    server.clock().advance(Duration::from_secs(24 * 3600 + 1));
    until(|| leftovers(server).is_empty()).await;
}

/// The server notices a broken connection, and its clock, a moment later.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !is_so() {
        assert!(Instant::now() < deadline, "it did not come");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
