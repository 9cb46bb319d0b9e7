//! `b64encoded`: the file is Base64, with or without line breaks.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use bytes::Bytes;
use upyun_client::protocol::ErrorCode;

use crate::{
    refusal::Refusal,
    store::{Body, StoreError, Upload},
};

/// What is decoded at once: a multiple of four characters.
const PIECE: usize = 256 * 1024;

/// Decodes a body into another.
pub(super) async fn decode(body: Body, mut to: Upload) -> Result<Body, Refusal> {
    let mut pending: Vec<u8> = Vec::new();
    let failed = |error| StoreError::io("read a body", error);
    if let Some(content) = body.in_memory() {
        take(&mut pending, &content);
    } else if let Some(file) = body.file().map_err(failed)? {
        use tokio::io::AsyncReadExt as _;
        let mut file = tokio::fs::File::from_std(file);
        let mut piece = vec![0; PIECE];
        loop {
            let read = file.read(&mut piece).await.map_err(failed)?;
            if read == 0 {
                break;
            }
            take(&mut pending, &piece[..read]);
            // The last characters may be padded, so they wait for the end.
            let whole = pending.len().saturating_sub(4) / 4 * 4;
            to.write(decoded(&pending[..whole])?).await?;
            pending.drain(..whole);
        }
    }
    to.write(decoded(&pending)?).await?;
    Ok(to.finish().await?)
}

fn take(pending: &mut Vec<u8>, bytes: &[u8]) {
    let content = bytes.iter().filter(|byte| !byte.is_ascii_whitespace());
    pending.extend(content);
}

fn decoded(text: &[u8]) -> Result<Bytes, Refusal> {
    BASE64_STANDARD
        .decode(text)
        .map(Bytes::from)
        .map_err(|error| {
            Refusal::new(ErrorCode::BASE64_DECODED_ERR).because(format!(
                "The policy says b64encoded, but the file is no Base64: {error}."
            ))
        })
}
