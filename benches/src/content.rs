//! Bodies that are made while they are sent, and known again when they come back.

use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::stream;
use md5::{Digest as _, Md5};
use upyun_client::Body;

use crate::recorder::Recorder;

/// Random bytes that all bodies share, so that a body takes no memory of its size.
const BLOCK_BYTES: usize = 4 * 1024 * 1024;
/// What a body hands over at once.
const CHUNK_BYTES: u64 = 256 * 1024;

/// The content of an object: the block over and over, from a place that the seed tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content {
    pub(crate) seed: u64,
    pub(crate) size_bytes: u64,
}

impl Content {
    /// A part of the content.
    pub(crate) fn part(self, at: u64, length: u64) -> Self {
        Self {
            seed: self.seed.wrapping_add(at),
            size_bytes: length,
        }
    }

    fn chunks(self) -> impl Iterator<Item = Bytes> + Send + 'static {
        let block = block();
        let mut sent = 0;
        std::iter::from_fn(move || {
            let from = (self.seed.wrapping_add(sent) % BLOCK_BYTES as u64) as usize;
            let length = (self.size_bytes - sent).min(CHUNK_BYTES) as usize;
            let chunk = block.slice(from..BLOCK_BYTES.min(from + length));
            sent += chunk.len() as u64;
            (!chunk.is_empty()).then_some(chunk)
        })
    }

    /// What is sent; the recorder sees it go.
    pub(crate) fn body(self, recorder: Arc<Recorder>) -> Body {
        let chunks = self.chunks().map(move |chunk| {
            recorder.moved(chunk.len() as u64);
            Ok::<_, std::io::Error>(chunk)
        });
        Body::stream(stream::iter(chunks)).length(self.size_bytes)
    }

    pub(crate) fn md5(self) -> [u8; 16] {
        let mut md5 = Md5::new();
        self.chunks().for_each(|chunk| md5.update(&chunk));
        md5.finalize().into()
    }
}

fn block() -> Bytes {
    static BLOCK: OnceLock<Bytes> = OnceLock::new();
    let make = || {
        let mut block = vec![0; BLOCK_BYTES];
        rand::fill(&mut block[..]);
        block.into()
    };
    BLOCK.get_or_init(make).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_make_up_the_whole_and_seeds_tell_contents_apart() {
        let whole = Content {
            seed: 3_999_999,
            size_bytes: 9_000_000,
        };
        let parts = [whole.part(0, 5_000_000), whole.part(5_000_000, 4_000_000)];
        let gather = |content: Content| content.chunks().collect::<Vec<_>>().concat();
        assert_eq!(gather(whole), parts.map(gather).concat());
        assert_eq!(gather(whole).len(), 9_000_000);
        assert_ne!(whole.md5(), Content { seed: 1, ..whole }.md5());
        assert_eq!(gather(whole.part(0, 0)), b"");
    }
}
