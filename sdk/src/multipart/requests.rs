//! The stages after the first, a request each.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use reqwest::Method;
use serde::Deserialize;

use super::{MultipartUpload, json};
use crate::{
    body::{Body, Ready},
    client::call::Call,
    error::{Error, Result},
    protocol::{ErrorCode, Md5Digest, header},
    rest::PutResult,
};

/// A part to be sent: see [`MultipartUpload::upload`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct UploadPartRequest {
    upload: MultipartUpload,
    part: u32,
    body: Body,
    content_md5: Option<Md5Digest>,
}

impl UploadPartRequest {
    pub(super) fn new(upload: &MultipartUpload, part: u32, body: Body) -> Self {
        Self {
            upload: upload.clone(),
            part,
            body,
            content_md5: None,
        }
    }

    /// The MD5 of the part, where the caller knows it; the service refuses a part with another.
    pub fn content_md5(mut self, md5: Md5Digest) -> Self {
        self.content_md5 = Some(md5);
        self
    }

    /// Sends the part.
    ///
    /// # Errors
    /// Kind Invalid or Refused for a part of a wrong size or number. In an ordered upload, code
    /// [`PART_ID_ERROR`](ErrorCode::PART_ID_ERROR) for another part than the next, which
    /// [`next_part`](Error::next_part) names.
    pub async fn send(self) -> Result<()> {
        let Self { upload, part, .. } = self;
        let body = self.body.ready(upload.client.chunk_bytes()).await;
        let body = body.map_err(|error| upload.unreadable(error))?;
        match upload.send_part(part, body, self.content_md5).await {
            // An earlier attempt, whose response was lost.
            Err(error) if error.code() == Some(ErrorCode::PART_ALREADY_COMPLETE) => Ok(()),
            sent => sent,
        }
    }
}

impl MultipartUpload {
    fn unreadable(&self, error: std::io::Error) -> Error {
        Error::io("the part could not be read", error).of_request("PUT", &self.uri)
    }

    pub(crate) async fn send_part(
        &self,
        part: u32,
        body: Ready,
        content_md5: Option<Md5Digest>,
    ) -> Result<()> {
        let content_md5 = match content_md5 {
            None if self.checksum => body.md5().await.map_err(|error| self.unreadable(error))?,
            md5 => md5,
        };
        let mut fields = self.stage("upload");
        fields.set(header::X_UPYUN_PART_ID, part.to_string());
        let call = Call {
            content_md5,
            body: Some(body),
            retry: self.retry.clone(),
            ..self.call(Method::PUT, fields)?
        };
        self.client.send(call).await?.finish().await;
        Ok(())
    }
}

/// A question for the parts that the service has: see [`MultipartUpload::parts`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct ListPartsRequest(pub(super) MultipartUpload);

impl ListPartsRequest {
    /// Asks; the parts are in the order of their numbers.
    ///
    /// # Errors
    /// Code [`MULTI_UUID_NOT_FOUND`](ErrorCode::MULTI_UUID_NOT_FOUND) if the upload is over.
    pub async fn send(self) -> Result<Vec<PartInfo>> {
        #[derive(Deserialize)]
        struct List {
            parts: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            id: u32,
            size: u64,
            etag: String,
            last_modified: u64,
        }
        let call = self.0.call(Method::GET, self.0.named())?;
        let list: List = json(self.0.client.send(call).await?).await?;
        let parts = list.parts.into_iter().map(|part| PartInfo {
            id: part.id,
            size: part.size,
            md5: part.etag.trim_matches('"').parse().ok(),
            modified: time(part.last_modified),
        });
        Ok(parts.collect())
    }
}

/// A time in Unix seconds; the epoch for one that the system cannot represent.
pub(super) fn time(seconds: u64) -> SystemTime {
    UNIX_EPOCH
        .checked_add(Duration::from_secs(seconds))
        .unwrap_or(UNIX_EPOCH)
}

/// A part that the service has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartInfo {
    /// Its number, from 0.
    pub id: u32,
    /// Bytes.
    pub size: u64,
    /// The MD5 of its bytes, where the service reports it.
    pub md5: Option<Md5Digest>,
    /// When the service received it.
    pub modified: SystemTime,
}

/// The end of an upload: see [`MultipartUpload::complete`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct CompleteMultipartRequest {
    upload: MultipartUpload,
    md5: Option<Md5Digest>,
}

impl CompleteMultipartRequest {
    pub(super) fn new(upload: &MultipartUpload) -> Self {
        Self {
            upload: upload.clone(),
            md5: None,
        }
    }

    /// The MD5 of the whole object. The service compares it, and discards the upload if it differs.
    pub fn md5(mut self, md5: Md5Digest) -> Self {
        self.md5 = Some(md5);
        self
    }

    /// Makes the object. If an earlier attempt has made it, and its response was lost, the result
    /// has only the request id.
    ///
    /// # Errors
    /// Code [`INCOMPLETE_MULTIPART_PARTS`](ErrorCode::INCOMPLETE_MULTIPART_PARTS) if parts are
    /// missing, [`FILE_MD5_NOT_MATCH`](ErrorCode::FILE_MD5_NOT_MATCH) if the MD5 differs.
    pub async fn send(self) -> Result<PutResult> {
        let upload = &self.upload;
        let mut fields = upload.stage("complete");
        if let Some(md5) = self.md5 {
            fields.set(header::X_UPYUN_MULTI_MD5, md5.to_string());
        }
        let call = Call {
            body: Some(Ready::bytes(Bytes::new())),
            ..upload.call(Method::PUT, fields)?
        };
        match upload.client.send(call).await {
            Ok(answer) => Ok(PutResult::of(&answer.finish().await)),
            // An earlier attempt, whose response was lost.
            Err(error) if error.code() == Some(ErrorCode::FILE_ALREADY_UPLOAD) => Ok(PutResult {
                request_id: error.request_id().map(str::to_owned),
                ..PutResult::default()
            }),
            Err(error) => Err(error),
        }
    }
}

/// The end of an upload without an object: see [`MultipartUpload::cancel`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct CancelMultipartRequest(pub(super) MultipartUpload);

impl CancelMultipartRequest {
    /// Gives the upload up.
    ///
    /// # Errors
    /// Code [`MULTI_UUID_NOT_FOUND`](ErrorCode::MULTI_UUID_NOT_FOUND) if it is over already.
    pub async fn send(self) -> Result<()> {
        let call = self.0.call(Method::DELETE, self.0.named())?;
        self.0.client.send(call).await?.finish().await;
        Ok(())
    }
}
