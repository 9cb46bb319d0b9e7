//! Upload.

use std::sync::Arc;

use reqwest::{Method, header::CONTENT_TYPE};

use super::fields::Fields;
use crate::{
    body::{Body, Ready},
    client::{Client, Target, answer::Answer, call::Call},
    error::{Error, Result},
    image::ImageInfo,
    progress::{Callback, Meter, Progress},
    protocol::{Md5Digest, header},
};

impl Client {
    /// Uploads an object. What was there before is replaced with its metadata; missing folders are
    /// made.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(directory.path())?;
    /// # std::fs::write("cat.jpg", "cat")?;
    /// use upyun_client::Body;
    ///
    /// let result = client
    ///     .put("/photos/cat.jpg")
    ///     .content_type("image/jpeg")
    ///     .checksum()
    ///     .meta("taken-by", "Ann")
    ///     .ttl_days(30)
    ///     .body(Body::path("cat.jpg"))
    ///     .on_progress(|progress| println!("{} bytes", progress.done))
    ///     .send()
    ///     .await?;
    /// if let Some(image) = result.image {
    ///     println!("{} x {}", image.width, image.height);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn put(&self, key: impl AsRef<str>) -> PutRequest {
        PutRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
            fields: Fields::default(),
            body: Body::empty(),
            md5: Md5::Absent,
            progress: None,
        }
    }
}

/// An upload: see [`Client::put`].
#[must_use = "a request does nothing until it is sent"]
pub struct PutRequest {
    client: Client,
    key: String,
    fields: Fields,
    body: Body,
    md5: Md5,
    progress: Option<Callback>,
}

#[derive(Clone, Copy, Debug)]
enum Md5 {
    Absent,
    Given(Md5Digest),
    Computed,
}

impl PutRequest {
    /// What is uploaded: an empty body unless set.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The MIME type. Unless set, the service takes it from the key's extension.
    pub fn content_type(mut self, content_type: &str) -> Self {
        self.fields.set(CONTENT_TYPE.as_str(), content_type);
        self
    }

    /// Computes the MD5 of the body beforehand, so that the service can refuse what arrives
    /// differently. Reads a file twice. A reader or stream can be read only once: `send` refuses it
    /// with kind Invalid, and [`content_md5`](Self::content_md5) is the way.
    pub fn checksum(mut self) -> Self {
        self.md5 = Md5::Computed;
        self
    }

    /// The MD5 of the body, where the caller knows it; the service refuses a body with another.
    pub fn content_md5(mut self, md5: Md5Digest) -> Self {
        self.md5 = Md5::Given(md5);
        self
    }

    /// Metadata: a name without the prefix `x-upyun-meta-`, and its value. A name twice: the last
    /// wins.
    pub fn meta(mut self, name: &str, value: &str) -> Self {
        self.fields.meta(name, value);
        self
    }

    /// Lets the service remove the object after 1 to 180 days.
    pub fn ttl_days(mut self, days: u32) -> Self {
        self.fields.ttl_days(days);
        self
    }

    /// A content secret, letters and digits, without which access domains do not show the object.
    pub fn secret(mut self, secret: &str) -> Self {
        self.fields.secret(secret, true);
        self
    }

    /// Any other header, like `x-gmkerl-thumb`.
    pub fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.fields.any(name, value.as_ref());
        self
    }

    /// Calls back as bytes are handed to the network.
    pub fn on_progress(mut self, callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// Uploads.
    ///
    /// # Errors
    /// [`is_checksum_mismatch`](Error::is_checksum_mismatch) if the body arrived differently: then
    /// nothing is stored. Kind Conflict if the key, or a parent of it, is of the other kind. Kind Io
    /// if the body cannot be read.
    pub async fn send(self) -> Result<PutResult> {
        let uri = self.client.uri(&Target::file(&self.key)?);
        let headers = self.fields.finish()?;
        let name = |error: Error| error.of_request("PUT", &uri);
        let unreadable = |error| name(Error::io("the body could not be read", error));
        let body = self.body.ready().await.map_err(unreadable)?;
        let content_md5 = match self.md5 {
            Md5::Absent => None,
            Md5::Given(md5) => Some(md5),
            Md5::Computed => Some(
                body.md5()
                    .await
                    .map_err(unreadable)?
                    .ok_or_else(|| name(one_shot()))?,
            ),
        };
        let call = Call {
            headers,
            content_md5,
            meter: meter(self.progress, &body),
            body: Some(body),
            ..Call::new(Method::PUT, uri)
        };
        let answer = self.client.send(call).await?.finish().await;
        Ok(PutResult::of(&answer))
    }
}

fn meter(progress: Option<Callback>, body: &Ready) -> Option<Arc<Meter>> {
    Some(Arc::new(Meter::new(progress?, body.length())))
}

fn one_shot() -> Error {
    Error::invalid(
        "the MD5 of a reader or stream cannot be computed beforehand: give it by `content_md5`, or \
         upload bytes or a file",
    )
}

impl std::fmt::Debug for PutRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PutRequest")
            .field("key", &self.key)
            .field("fields", &self.fields)
            .field("body", &self.body)
            .field("md5", &self.md5)
            .finish_non_exhaustive()
    }
}

/// What the service says about an object that it stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutResult {
    /// The facts of a picture; `None` for anything else.
    pub image: Option<ImageInfo>,
    /// The `ETag`, with its quotes. Older deployments send none.
    pub etag: Option<String>,
    /// The MD5 of the stored bytes, from the `ETag`.
    pub md5: Option<Md5Digest>,
    /// The stored bytes. Older deployments do not tell.
    pub size: Option<u64>,
    /// The id under which the service's support finds the request.
    pub request_id: Option<String>,
}

impl PutResult {
    pub(super) fn of(answer: &Answer) -> Self {
        Self {
            image: answer.image(),
            etag: answer.etag(),
            md5: answer.md5(),
            size: answer.number(header::X_UPYUN_CONTENT_LENGTH),
            request_id: answer.request_id(),
        }
    }
}
