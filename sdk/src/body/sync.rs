//! Readers of the standard library as streams.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::stream::try_unfold;
use tokio::task::spawn_blocking;

use super::{ByteStream, CHUNK_BYTES};

/// Reads on the blocking pool, a chunk at a time, and no further than `length`.
pub(super) fn stream(reader: Box<dyn Read + Send>, length: Option<u64>) -> ByteStream {
    let reader = reader.take(length.unwrap_or(u64::MAX));
    Box::pin(try_unfold(reader, |mut reader| async {
        let read = spawn_blocking(move || {
            let mut chunk = vec![0; CHUNK_BYTES];
            let got = loop {
                match reader.read(&mut chunk) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
            chunk.truncate(got);
            Ok((Bytes::from(chunk), reader))
        });
        let (chunk, reader) = read.await.unwrap_or_else(|e| Err(io::Error::other(e)))?;
        Ok((!chunk.is_empty()).then_some((chunk, reader)))
    }))
}
