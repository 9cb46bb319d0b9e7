//! Zip archives.

use serde_json::{Map, Value};

use super::submit::{SubmitTasksRequest, notify_setter};
use crate::{client::Client, error::Result};

impl Client {
    /// Puts files and folders of the service into a zip archive, there.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/photos/2026/cat.jpg", "cat")?;
    /// let id = client.compress(["/photos/2026/"], "/photos.zip").home_dir("/photos").send().await?;
    /// let result = client.wait_for_tasks([id]).send().await?.remove(0);
    /// assert_eq!(result.paths, ["/photos.zip"]);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("zip"))]
    pub fn compress(
        &self,
        sources: impl IntoIterator<Item = impl Into<String>>,
        save_as: impl Into<String>,
    ) -> CompressRequest {
        let sources: Vec<Value> = sources.into_iter().map(|it| it.into().into()).collect();
        CompressRequest::new(self, "sources", sources.into(), save_as.into())
    }

    /// As [`compress`](Self::compress), for what an object lists: a path a line.
    pub fn compress_list(
        &self,
        list: impl Into<String>,
        save_as: impl Into<String>,
    ) -> CompressRequest {
        CompressRequest::new(self, "sources_list", list.into().into(), save_as.into())
    }

    /// Unpacks a zip archive of the service into a folder, there. A record of what was unpacked is
    /// stored in the folder, named after the task.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let id = client.depress("/photos.zip", "/photos/").send().await?;
    /// let result = client.wait_for_tasks([id]).send().await?.remove(0);
    /// assert_eq!(result.status, 404);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("decompress", "unzip"))]
    pub fn depress(
        &self,
        archive: impl Into<String>,
        save_as: impl Into<String>,
    ) -> DepressRequest {
        let task = [
            ("sources", archive.into().into()),
            ("save_as", save_as.into().into()),
        ];
        DepressRequest(self.submit_tasks("depress").task(task))
    }
}

/// An archive to be made: see [`Client::compress`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct CompressRequest {
    submit: SubmitTasksRequest,
    task: Map<String, Value>,
}

notify_setter!(CompressRequest, submit);

impl CompressRequest {
    fn new(client: &Client, name: &str, sources: Value, save_as: String) -> Self {
        let mut task = Map::new();
        task.insert(name.to_owned(), sources);
        task.insert("save_as".into(), save_as.into());
        Self {
            submit: client.submit_tasks("compress"),
            task,
        }
    }

    /// Leaves this folder, and what is above it, out of the names in the archive; what lies outside
    /// it is left out whole.
    pub fn home_dir(mut self, folder: impl Into<String>) -> Self {
        self.task.insert("home_dir".into(), folder.into().into());
        self
    }

    /// Puts everything below a folder of this name.
    pub fn parent_dir(mut self, folder: impl Into<String>) -> Self {
        self.task.insert("parent_dir".into(), folder.into().into());
        self
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

/// An archive to be unpacked: see [`Client::depress`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct DepressRequest(SubmitTasksRequest);

notify_setter!(DepressRequest, 0);

impl DepressRequest {
    /// Submits the task; gives its id.
    ///
    /// # Errors
    /// As [`SubmitTasksRequest::send`].
    pub async fn send(self) -> Result<String> {
        one(self.0).await
    }
}

/// Submits one task.
pub(super) async fn one(submit: SubmitTasksRequest) -> Result<String> {
    let mut ids = submit.send().await?;
    ids.pop()
        .ok_or_else(|| crate::Error::malformed("the answer has no task id"))
}
