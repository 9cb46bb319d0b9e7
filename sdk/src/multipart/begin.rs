//! The first stage: the service makes room, and a number to name it by.

use bytes::Bytes;
use reqwest::Method;

use super::{MIB, MultipartUpload};
use crate::{
    body::Ready,
    client::{Client, Target, call::Call},
    error::{Error, Result},
    protocol::header,
    rest::fields::{Fields, object_setters},
};

impl Client {
    /// Begins an upload in parts, which are sent in any order and by many tasks unless
    /// [`ordered`](BeginMultipartRequest::ordered).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let upload = client.begin_multipart("/big.bin").send().await?;
    /// upload.upload(1, "the last part may be shorter").send().await?;
    /// upload.upload(0, vec![0; 1024 * 1024]).send().await?;
    /// let object = upload.complete().send().await?;
    /// assert_eq!(object.size, Some(1024 * 1024 + 28));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias(
        "InitMultipartUpload",
        "CreateMultipartUpload",
        "init_multi_uploader",
        "ParallelUploader"
    ))]
    pub fn begin_multipart(&self, key: impl AsRef<str>) -> BeginMultipartRequest {
        BeginMultipartRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
            fields: Fields::default(),
            part_size: MIB,
            is_ordered: false,
        }
    }

    /// Takes an upload up again that was begun before, perhaps by another process.
    /// [`parts`](MultipartUpload::parts) lists what the service has.
    ///
    /// # Errors
    /// Kind Invalid for a key that cannot be.
    pub fn resume_multipart(
        &self,
        key: impl AsRef<str>,
        id: impl Into<String>,
    ) -> Result<MultipartUpload> {
        Ok(MultipartUpload {
            uri: self.uri(&Target::file(key.as_ref())?),
            client: self.clone(),
            id: id.into(),
            retry: None,
            checksum: false,
        })
    }
}

/// The begin of an upload in parts: see [`Client::begin_multipart`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct BeginMultipartRequest {
    client: Client,
    key: String,
    fields: Fields,
    part_size: u64,
    is_ordered: bool,
}

object_setters!(BeginMultipartRequest, "`application/octet-stream`.");

impl BeginMultipartRequest {
    pub(crate) fn with_fields(mut self, fields: Fields) -> Self {
        self.fields = fields;
        self
    }

    /// The size of every part but the last, in bytes: a multiple of 1 MiB, which is the default.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = bytes;
        self
    }

    /// Parts are sent one after the other, from 0 on: what the service calls a resumable upload. It
    /// needs the [`length`](Self::length).
    #[doc(alias("ResumeUploader"))]
    pub fn ordered(mut self) -> Self {
        self.is_ordered = true;
        self
    }

    /// The size of the whole, in bytes. The service then refuses parts of a wrong size at once.
    pub fn length(mut self, bytes: u64) -> Self {
        self.fields
            .set(header::X_UPYUN_MULTI_LENGTH, bytes.to_string());
        self
    }

    /// Begins.
    ///
    /// # Errors
    /// Kind Conflict if the key is that of a folder; kind Invalid for a part size that is no multiple
    /// of 1 MiB.
    pub async fn send(mut self) -> Result<MultipartUpload> {
        if self.part_size == 0 || !self.part_size.is_multiple_of(MIB) {
            let size = self.part_size;
            return Err(Error::invalid(format!(
                "the part size {size} is no multiple of 1 MiB"
            )));
        }
        if let Some(content_type) = self.fields.take_content_type() {
            self.fields.set(header::X_UPYUN_MULTI_TYPE, content_type);
        }
        self.fields.set(header::X_UPYUN_MULTI_STAGE, "initiate");
        if !self.is_ordered {
            self.fields.set(header::X_UPYUN_MULTI_DISORDER, "true");
        }
        self.fields
            .set(header::X_UPYUN_MULTI_PART_SIZE, self.part_size.to_string());
        let uri = self.client.uri(&Target::file(&self.key)?);
        let call = Call {
            headers: self.fields.finish()?,
            body: Some(Ready::bytes(Bytes::new())),
            ..Call::new(Method::PUT, uri.clone())
        };
        let answer = self.client.send(call).await?.finish().await;
        let id = answer.text(header::X_UPYUN_MULTI_UUID).ok_or_else(|| {
            Error::malformed("the answer to initiate has no x-upyun-multi-uuid")
                .of_request("PUT", &uri)
        })?;
        Ok(MultipartUpload {
            client: self.client,
            uri,
            id,
            retry: None,
            checksum: false,
        })
    }
}
