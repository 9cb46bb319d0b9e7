//! Completed uploads are remembered for a day, as long as they are not too many (`[choice M-27]`).

use std::collections::VecDeque;

use super::Multipart;

/// Bytes that completed uploads may take, in memory and about the same on disk.
const MOST_BYTES: usize = 4 * 1024 * 1024;
const BYTES_OF_UPLOAD: usize = 1024;
const BYTES_OF_PART: usize = 128;

/// The ids of completed uploads, oldest first, and how much they take.
#[derive(Debug, Default)]
pub(super) struct CompletedUploads {
    uploads: VecDeque<(String, usize)>,
    bytes: usize,
}

impl CompletedUploads {
    /// Adds an upload; returns the ids of those that are to be forgotten for it.
    pub(super) fn add(&mut self, upload: &Multipart) -> Vec<String> {
        let bytes = BYTES_OF_UPLOAD + BYTES_OF_PART * upload.lock().parts.len();
        self.uploads.push_back((upload.uuid.clone(), bytes));
        self.bytes += bytes;
        let mut forgotten = Vec::new();
        while self.bytes > MOST_BYTES
            && self.uploads.len() > 1
            && let Some((uuid, bytes)) = self.uploads.pop_front()
        {
            self.bytes -= bytes;
            forgotten.push(uuid);
        }
        forgotten
    }
}

#[cfg(test)]
mod tests {
    use upyun_client::protocol::Key;

    use super::super::state::Announced;
    use super::*;

    #[test]
    fn the_oldest_are_forgotten_when_there_are_too_many() {
        let upload = |number| {
            let announced = Announced {
                ordered: true,
                length: None,
                part_size: 1,
                content_type: String::new(),
                meta: Vec::new(),
            };
            let service = "demo".parse().unwrap();
            Multipart::new(&service, &Key::parse("/a").unwrap(), announced, 0, number)
        };
        let mut completed = CompletedUploads::default();
        let first = upload(0);
        assert!(completed.add(&first).is_empty());
        let forgotten: Vec<String> = (1..4097)
            .flat_map(|number| completed.add(&upload(number)))
            .collect();
        assert_eq!(forgotten, [first.uuid]);
    }
}
