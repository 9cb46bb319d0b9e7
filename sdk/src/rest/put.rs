//! Upload.

use std::sync::Arc;

use reqwest::Method;

use super::fields::{Fields, object_setters, picture_setters};
use crate::{
    body::{Body, Ready},
    client::{Client, Target, answer::Answer, call::Call},
    error::{Error, Result},
    image::{self, ImageInfo, ImageTags},
    progress::{Callback, Meter, Progress},
    protocol::{Md5Digest, header, image::Rgb},
};

/// More of an answer is not read.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

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
    #[doc(alias("PutObject", "writeFile", "upload"))]
    pub fn put(&self, key: impl AsRef<str>) -> PutRequest {
        PutRequest::new(self, key.as_ref(), Fields::default())
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

object_setters!(PutRequest, "the service takes it from the key's extension.");
picture_setters!(PutRequest);

impl PutRequest {
    pub(crate) fn new(client: &Client, key: &str, fields: Fields) -> Self {
        Self {
            client: client.clone(),
            key: key.to_owned(),
            fields,
            body: Body::empty(),
            md5: Md5::Absent,
            progress: None,
        }
    }

    /// What is uploaded: an empty body unless set.
    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
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
        let asks = headers.contains_key(header::X_GMKERL_TYPE);
        let name = |error: Error| error.of_request("PUT", &uri);
        let unreadable = |error| name(Error::io("the body could not be read", error));
        let body = self
            .body
            .ready(self.client.chunk_bytes())
            .await
            .map_err(unreadable)?;
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
        // What is stored of a processed picture has another size and MD5.
        let is_processed = |name: &str| name.starts_with("x-gmkerl-") && !is_question(name);
        let is_as_sent = !headers.keys().any(|name| is_processed(name.as_str()));
        let sent_size = body.length().filter(|_| is_as_sent);
        let sent_md5 = content_md5.filter(|_| is_as_sent);
        let call = Call {
            headers,
            content_md5,
            meter: meter(self.progress, &body),
            body: Some(body),
            ..Call::new(Method::PUT, uri.clone())
        };
        let mut answer = self.client.send(call).await?;
        let (exif, theme_colors) = if asks {
            let body = answer.read(MAX_ANSWER_BYTES).await.map_err(name)?;
            of_body(&body)
        } else {
            (None, Vec::new())
        };
        let answer = answer.finish().await;
        let reported = PutResult::of(&answer);
        Ok(PutResult {
            exif,
            theme_colors,
            size: reported.size.or(sent_size),
            md5: reported.md5.or(sent_md5),
            ..reported
        })
    }
}

/// Whether a header asks about a picture, and changes nothing.
fn is_question(name: &str) -> bool {
    [
        header::X_GMKERL_TYPE,
        header::X_GMKERL_EXTRACT_COLOR_COUNT,
        header::X_GMKERL_EXTRACT_FORMAT,
    ]
    .contains(&name)
}

/// The body of an answer has something to say only where something was asked.
fn of_body(body: &[u8]) -> (Option<ImageTags>, Vec<Rgb>) {
    match serde_json::from_slice(body) {
        Ok(serde_json::Value::Object(mut members)) => image::asked(&mut members),
        _ => (None, Vec::new()),
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

/// What the service reports of an object that it stored, whichever way it arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PutResult {
    /// The facts of a picture; `None` for anything else.
    pub image: Option<ImageInfo>,
    /// The EXIF of the picture, where it was [asked for](PutRequest::exif).
    pub exif: Option<ImageTags>,
    /// The theme colours of the picture, the most frequent first, where they were
    /// [asked for](PutRequest::theme_colors).
    pub theme_colors: Vec<Rgb>,
    /// The `ETag`, with its quotes. Older deployments send none.
    pub etag: Option<String>,
    /// The MD5 of the stored bytes: from the response, or the one that was sent and compared.
    pub md5: Option<Md5Digest>,
    /// The size of the object in bytes: from the response, or the length that was sent.
    pub size: Option<u64>,
    /// The MIME type of the object, which the service reports of uploads in parts.
    pub content_type: Option<String>,
    /// The id under which the service's support finds the request.
    pub request_id: Option<String>,
}

impl PutResult {
    pub(crate) fn of(answer: &Answer) -> Self {
        Self {
            image: answer.image(),
            exif: None,
            theme_colors: Vec::new(),
            etag: answer.etag(),
            md5: answer.md5(),
            size: answer
                .number(header::X_UPYUN_CONTENT_LENGTH)
                .or_else(|| answer.number(header::X_UPYUN_MULTI_LENGTH)),
            content_type: answer.text(header::X_UPYUN_MULTI_TYPE),
            request_id: answer.request_id(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_about_a_picture() {
        let (exif, colors) = of_body(br#"{"EXIF":{"Make":"Canon"}}"#);
        assert_eq!(exif.unwrap().get("Make"), Some("Canon"));
        assert!(colors.is_empty());
        let (exif, colors) = of_body(br#"{"theme_color":["0xff00aa"]}"#);
        assert_eq!((exif, colors), (None, vec![Rgb::new(255, 0, 170)]));
        assert_eq!(of_body(b""), (None, vec![]));
    }
}
