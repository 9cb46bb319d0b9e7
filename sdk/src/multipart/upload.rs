//! An upload in parts after its begin.

use std::fmt;

use reqwest::Method;

use super::{
    CancelMultipartRequest, CompleteMultipartRequest, ListPartsRequest, UploadPartRequest,
};
use crate::{
    body::Body,
    client::{Client, RetryPolicy, call::Call},
    error::Result,
    protocol::header,
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

    /// Sends a part, counted from 0. A part that the service has already counts as sent.
    #[doc(alias = "UploadPart")]
    pub fn upload(&self, part: u32, data: impl Into<Body>) -> UploadPartRequest {
        UploadPartRequest::new(self, part, data.into())
    }

    /// Asks for the parts that the service has.
    #[doc(alias("ListParts", "ListMultipartParts"))]
    pub fn parts(&self) -> ListPartsRequest {
        ListPartsRequest(self.clone())
    }

    /// Makes the object of the parts.
    #[doc(alias = "CompleteMultipartUpload")]
    pub fn complete(&self) -> CompleteMultipartRequest {
        CompleteMultipartRequest::new(self)
    }

    /// Gives the upload up; the service drops its parts.
    #[doc(alias = "AbortMultipartUpload")]
    pub fn cancel(&self) -> CancelMultipartRequest {
        CancelMultipartRequest(self.clone())
    }

    pub(super) fn stage(&self, stage: &str) -> Fields {
        let mut fields = self.named();
        fields.set(header::X_UPYUN_MULTI_STAGE, stage);
        fields
    }

    /// The headers of a request that only names the upload.
    pub(super) fn named(&self) -> Fields {
        let mut fields = Fields::default();
        fields.set(header::X_UPYUN_MULTI_UUID, &self.id);
        fields
    }

    pub(super) fn call(&self, method: Method, fields: Fields) -> Result<Call> {
        Ok(Call {
            headers: fields.finish()?,
            ..Call::new(method, self.uri.clone())
        })
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
