//! The stages after the first, step by step.

use std::fmt;

use bytes::Bytes;
use reqwest::{Method, header::HeaderMap};
use serde::Deserialize;

use super::json;
use crate::{
    body::{Body, Ready},
    client::{Client, RetryPolicy, call::Call},
    error::{Error, Result},
    protocol::{ErrorCode, Md5Digest, header},
    rest::fields::Fields,
};

/// An upload in parts. A handle: clones mean the same upload.
///
/// Dropping it ends nothing; the service forgets an upload after 24 hours.
#[derive(Clone)]
pub struct MultipartUpload {
    pub(super) client: Client,
    pub(super) uri: String,
    pub(super) id: String,
    pub(super) retry: Option<RetryPolicy>,
    pub(super) checksum: bool,
}

/// A part that the service has.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct PartInfo {
    /// Its number, from 0.
    pub id: u32,
    /// Bytes.
    pub size: u64,
    /// The MD5 of its bytes in hex.
    pub etag: String,
    /// Unix seconds.
    pub last_modified: u64,
}

/// What the service says of a completed upload.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct MultipartResult {
    /// Bytes of the object.
    pub size: Option<u64>,
    /// Its MIME type.
    pub content_type: Option<String>,
    /// Its MD5, if the service tells.
    pub md5: Option<Md5Digest>,
    /// The id under which the service's support finds the request.
    pub request_id: Option<String>,
}

impl MultipartUpload {
    /// For [`Client::resume_multipart`].
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How often parts are sent, instead of what the client does.
    #[must_use]
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// Sends each part with its MD5, unless it can be read only once, so that the service refuses one that
    /// arrives differently. A part is read twice.
    #[must_use]
    pub fn checksum(mut self) -> Self {
        self.checksum = true;
        self
    }

    /// Sends a part. A part that is there already counts as sent.
    ///
    /// # Errors
    /// Kind Invalid or Refused for a part of a wrong size or number. In an ordered upload, code
    /// [`PART_ID_ERROR`](ErrorCode::PART_ID_ERROR) for another part than the next, which
    /// [`next_part`](Error::next_part) names.
    pub async fn upload(&self, part: u32, data: impl Into<Body>) -> Result<()> {
        let unreadable =
            |error| Error::io("the part could not be read", error).of_request("PUT", &self.uri);
        let body = data.into().ready().await.map_err(unreadable)?;
        match self.send_part(part, body).await {
            // An earlier attempt, whose answer was lost.
            Err(error) if error.code() == Some(ErrorCode::PART_ALREADY_COMPLETE) => Ok(()),
            sent => sent,
        }
    }

    pub(crate) async fn send_part(&self, part: u32, body: Ready) -> Result<()> {
        let unreadable =
            |error| Error::io("the part could not be read", error).of_request("PUT", &self.uri);
        let content_md5 = if self.checksum {
            body.md5().await.map_err(unreadable)?
        } else {
            None
        };
        let mut fields = self.stage("upload");
        fields.set(header::X_UPYUN_PART_ID, part.to_string());
        let call = Call {
            headers: fields.finish()?,
            content_md5,
            body: Some(body),
            retry: self.retry.clone(),
            ..Call::new(Method::PUT, self.uri.clone())
        };
        self.client.send(call).await?.finish().await;
        Ok(())
    }

    /// The parts that are there, by number.
    ///
    /// # Errors
    /// Code [`MULTI_UUID_NOT_FOUND`](ErrorCode::MULTI_UUID_NOT_FOUND) if the upload is over.
    pub async fn parts(&self) -> Result<Vec<PartInfo>> {
        #[derive(Deserialize)]
        struct List {
            parts: Vec<PartInfo>,
        }
        let call = Call {
            headers: self.named()?,
            ..Call::new(Method::GET, self.uri.clone())
        };
        let list: List = json(self.client.send(call).await?).await?;
        Ok(list.parts)
    }

    /// Makes the object. With the MD5 of the whole, the service compares it, and discards the upload
    /// if it differs.
    ///
    /// # Errors
    /// Code [`INCOMPLETE_MULTIPART_PARTS`](ErrorCode::INCOMPLETE_MULTIPART_PARTS) if parts are
    /// missing, [`FILE_MD5_NOT_MATCH`](ErrorCode::FILE_MD5_NOT_MATCH) if the MD5 differs.
    pub async fn complete(&self, md5: Option<Md5Digest>) -> Result<MultipartResult> {
        let mut fields = self.stage("complete");
        if let Some(md5) = md5 {
            fields.set(header::X_UPYUN_MULTI_MD5, md5.to_string());
        }
        let call = Call {
            headers: fields.finish()?,
            body: Some(Ready::bytes(Bytes::new())),
            ..Call::new(Method::PUT, self.uri.clone())
        };
        match self.client.send(call).await {
            Ok(answer) => {
                let answer = answer.finish().await;
                Ok(MultipartResult {
                    size: answer.number(header::X_UPYUN_MULTI_LENGTH),
                    content_type: answer.text(header::X_UPYUN_MULTI_TYPE),
                    md5: answer.md5(),
                    request_id: answer.request_id(),
                })
            }
            // An earlier attempt, whose answer was lost.
            Err(error) if error.code() == Some(ErrorCode::FILE_ALREADY_UPLOAD) => {
                Ok(MultipartResult {
                    request_id: error.request_id().map(str::to_owned),
                    ..MultipartResult::default()
                })
            }
            Err(error) => Err(error),
        }
    }

    /// Gives the upload up; its parts are dropped.
    ///
    /// # Errors
    /// Code [`MULTI_UUID_NOT_FOUND`](ErrorCode::MULTI_UUID_NOT_FOUND) if it is over already.
    pub async fn cancel(self) -> Result<()> {
        let call = Call {
            headers: self.named()?,
            ..Call::new(Method::DELETE, self.uri.clone())
        };
        self.client.send(call).await?.finish().await;
        Ok(())
    }

    fn stage(&self, stage: &str) -> Fields {
        let mut fields = Fields::default();
        fields.set(header::X_UPYUN_MULTI_STAGE, stage);
        fields.set(header::X_UPYUN_MULTI_UUID, &self.id);
        fields
    }

    fn named(&self) -> Result<HeaderMap> {
        let mut fields = Fields::default();
        fields.set(header::X_UPYUN_MULTI_UUID, &self.id);
        fields.finish()
    }
}

impl fmt::Debug for MultipartUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MultipartUpload")
            .field("uri", &self.uri)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
