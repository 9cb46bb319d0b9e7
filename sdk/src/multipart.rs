//! Uploads in parts: an object in pieces, sent in any order and at once, or one after the other.

mod begin;
mod requests;
mod unfinished;
mod upload;

use serde::Deserialize;

pub use begin::BeginMultipartRequest;
pub use requests::{
    CancelMultipartRequest, CompleteMultipartRequest, ListPartsRequest, PartInfo, UploadPartRequest,
};
pub use unfinished::{Unfinished, UnfinishedUploadsRequest};
pub use upload::MultipartUpload;

use crate::{client::answer::Answer, error::Result};

pub(crate) const MIB: u64 = 1024 * 1024;

/// More of a list is not read: 10,000 parts take 1 MiB.
const MAX_LIST_BYTES: usize = 8 * 1024 * 1024;

async fn json<T: for<'de> Deserialize<'de>>(mut answer: Answer) -> Result<T> {
    let body = answer.read(MAX_LIST_BYTES).await?;
    serde_json::from_slice(&body).map_err(|error| {
        answer
            .malformed("the answer is not the protocol's JSON")
            .with_source(error)
    })
}
