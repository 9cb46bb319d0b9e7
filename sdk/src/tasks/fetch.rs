//! Fetching a URL into the service.

use serde_json::{Map, Value};

use super::{
    archive::one,
    submit::{SubmitTasksRequest, notify_setter},
};
use crate::{
    client::Client,
    error::Result,
    protocol::{Md5Digest, header, image::ImageParams},
};

impl Client {
    /// Lets the service fetch a URL and store what is there.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let id = client
    ///     .fetch_url("http://127.0.0.1:1/logo.png", "/logo.png")
    ///     .keep_existing()
    ///     .send()
    ///     .await?;
    /// let result = client.wait_for_tasks([id]).send().await?.remove(0);
    /// assert_eq!(result.status, 502);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("spiderman"))]
    pub fn fetch_url(&self, url: impl Into<String>, save_as: impl Into<String>) -> FetchRequest {
        let mut task = Map::new();
        task.insert("url".into(), url.into().into());
        task.insert("save_as".into(), save_as.into().into());
        FetchRequest {
            submit: self.submit_tasks("spiderman"),
            task,
        }
    }
}

/// A URL to be fetched: see [`Client::fetch_url`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct FetchRequest {
    submit: SubmitTasksRequest,
    task: Map<String, Value>,
}

notify_setter!(FetchRequest, submit);

impl FetchRequest {
    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.task.insert(name.to_owned(), value.into());
        self
    }

    /// Does nothing if the key is taken: the task ends well, with 204.
    pub fn keep_existing(self) -> Self {
        self.with("overwrite", false)
    }

    /// Adds a random query to the URL, to get past caches.
    pub fn past_caches(self) -> Self {
        self.with("random", true)
    }

    /// Stores only content with this MD5.
    pub fn content_md5(self, md5: Md5Digest) -> Self {
        self.with("content-md5", md5.to_string())
    }

    /// The MIME type of the object; by the suffix of its key unless set.
    pub fn content_type(self, kind: impl Into<String>) -> Self {
        self.with("content-type", kind.into())
    }

    /// Opens the object on access domains only to who knows this.
    pub fn content_secret(self, secret: impl Into<String>) -> Self {
        self.with("content-secret", secret.into())
    }

    /// Metadata of the object.
    pub fn meta(self, name: &str, value: impl Into<String>) -> Self {
        let name = format!("{}{name}", header::X_UPYUN_META_PREFIX);
        self.with(&name, value.into())
    }

    /// How the picture is processed before it is stored.
    pub fn image(self, params: &ImageParams) -> Self {
        self.with(header::X_GMKERL_THUMB, params.as_str())
    }

    /// Adds any other member of the task.
    pub fn option(self, name: &str, value: impl Into<Value>) -> Self {
        self.with(name, value)
    }

    /// Submits the task; gives its id.
    ///
    /// # Errors
    /// As [`SubmitTasksRequest::send`].
    pub async fn send(self) -> Result<String> {
        let task = self.task.iter();
        let task = task.map(|(name, value)| (&**name, value.clone()));
        one(self.submit.task(task)).await
    }
}
