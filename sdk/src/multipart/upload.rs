//! A parallel upload, step by step.

use std::fmt;

use bytes::Bytes;
use reqwest::{Method, header::HeaderMap};
use serde::Deserialize;

use crate::{
    body::Ready,
    client::{Client, Target, answer::Answer, call::Call},
    error::{Error, Result},
    protocol::{ErrorCode, Md5Digest, header},
    rest::fields::Fields,
};

pub(super) const MIB: u64 = 1024 * 1024;

impl Client {
    /// Begins a parallel upload: an object in parts that are sent in any order, by many tasks.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let upload = client.begin_multipart("/big.bin").send().await?;
    /// upload.upload(1, "the last part may be shorter").await?;
    /// upload.upload(0, vec![0; 1024 * 1024]).await?;
    /// let object = upload.complete(None).await?;
    /// assert_eq!(object.size, Some(1024 * 1024 + 28));
    /// # Ok(())
    /// # }
    /// ```
    pub fn begin_multipart(&self, key: impl AsRef<str>) -> BeginMultipartRequest {
        BeginMultipartRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
            fields: Fields::default(),
            part_size: MIB,
        }
    }

    /// Takes an upload up again that was begun before, perhaps by another process.
    /// [`parts`](MultipartUpload::parts) tells what is there.
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
        })
    }

    /// The uploads of the service that were begun and neither completed nor cancelled, 1000 at
    /// most; of keys that begin with a prefix if it is not empty.
    ///
    /// # Errors
    /// Kind Denied without the right to write.
    pub async fn unfinished_uploads(&self, prefix: &str) -> Result<Vec<Unfinished>> {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        #[derive(Deserialize)]
        struct List {
            files: Vec<Unfinished>,
        }
        let mut fields = Fields::default();
        fields.set(header::X_UPYUN_LIST_TYPE, "multi");
        fields.set(header::X_UPYUN_LIST_LIMIT, "1000");
        if !prefix.is_empty() {
            fields.set(header::X_UPYUN_LIST_PREFIX, BASE64_STANDARD.encode(prefix));
        }
        let call = Call {
            headers: fields.finish()?,
            ..Call::new(Method::GET, self.uri(&Target::any("/")?))
        };
        let list: List = json(self.send(call).await?).await?;
        Ok(list.files)
    }
}

/// An upload that was begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Unfinished {
    /// The key of the object to be.
    pub key: String,
    /// For [`Client::resume_multipart`].
    #[serde(rename = "uuid")]
    pub id: String,
    /// Unix seconds.
    pub created_at: u64,
}

/// The begin of a parallel upload: see [`Client::begin_multipart`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct BeginMultipartRequest {
    client: Client,
    key: String,
    fields: Fields,
    part_size: u64,
}

impl BeginMultipartRequest {
    /// The size of every part but the last, in bytes: a multiple of 1 MiB, which is the default.
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = bytes;
        self
    }

    /// The size of the whole, in bytes. The service then refuses parts of a wrong size at once.
    pub fn length(mut self, bytes: u64) -> Self {
        self.fields
            .set(header::X_UPYUN_MULTI_LENGTH, bytes.to_string());
        self
    }

    /// The MIME type. Unless set, `application/octet-stream`.
    pub fn content_type(mut self, content_type: &str) -> Self {
        self.fields.set(header::X_UPYUN_MULTI_TYPE, content_type);
        self
    }

    /// Metadata, as for [`put`](crate::PutRequest::meta).
    pub fn meta(mut self, name: &str, value: &str) -> Self {
        self.fields.meta(name, value);
        self
    }

    /// Lets the service remove the object after 1 to 180 days.
    pub fn ttl_days(mut self, days: u32) -> Self {
        self.fields.ttl_days(days);
        self
    }

    /// A content secret, as for [`put`](crate::PutRequest::secret).
    pub fn secret(mut self, secret: &str) -> Self {
        self.fields.secret(secret, true);
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
        self.fields.set(header::X_UPYUN_MULTI_STAGE, "initiate");
        self.fields.set(header::X_UPYUN_MULTI_DISORDER, "true");
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
        })
    }
}

/// A parallel upload. A handle: clones mean the same upload.
///
/// Dropping it ends nothing; the service forgets an upload after 24 hours.
#[derive(Clone)]
pub struct MultipartUpload {
    client: Client,
    uri: String,
    id: String,
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

    /// Sends a part, with its MD5. A part that is there already counts as sent.
    ///
    /// # Errors
    /// Kind Invalid or Refused for a part of a wrong size or number.
    pub async fn upload(&self, part: u32, data: impl Into<Bytes>) -> Result<()> {
        let data = data.into();
        let mut fields = self.stage("upload");
        fields.set(header::X_UPYUN_PART_ID, part.to_string());
        let call = Call {
            headers: fields.finish()?,
            content_md5: Some(Md5Digest::of(&data)),
            body: Some(Ready::bytes(data)),
            ..Call::new(Method::PUT, self.uri.clone())
        };
        match self.client.send(call).await {
            Ok(answer) => {
                answer.finish().await;
                Ok(())
            }
            // An earlier attempt, whose answer was lost.
            Err(error) if error.code() == Some(ErrorCode::PART_ALREADY_COMPLETE) => Ok(()),
            Err(error) => Err(error),
        }
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
