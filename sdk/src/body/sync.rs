//! Readers of the standard library as streams.

use std::io::{self, Read};

use bytes::Bytes;
use futures_util::stream::try_unfold;
use tokio::task::spawn_blocking;

use super::ByteStream;

/// Reads on the blocking pool, a chunk at a time, and no further than `length`.
pub(super) fn stream(
    reader: Box<dyn Read + Send>,
    length: Option<u64>,
    chunk_bytes: usize,
) -> ByteStream {
    let reader = reader.take(length.unwrap_or(u64::MAX));
    Box::pin(try_unfold(reader, move |mut reader| async move {
        let read = spawn_blocking(move || {
            let mut chunk = vec![0; chunk_bytes];
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
