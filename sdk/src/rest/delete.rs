//! Delete a file or an empty folder.

use reqwest::{
    Method,
    header::{HeaderName, HeaderValue},
};

use crate::{
    client::{
        Client, Target,
        call::{Call, Replay},
    },
    error::Result,
    protocol::header,
};

const TRUE: HeaderValue = HeaderValue::from_static("true");

impl Client {
    /// Deletes a file or an empty folder.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/old.txt", "x").expect("seeded");
    /// client.delete("/old.txt").send().await?;
    /// client.delete("/old/").later().send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("deleteFile", "DeleteObject", "remove"))]
    pub fn delete(&self, key: impl AsRef<str>) -> DeleteRequest {
        DeleteRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
            is_folder: false,
            is_later: false,
        }
    }

    /// Deletes an empty folder, and never a file.
    #[doc(alias("rmdir", "rmDir"))]
    pub fn delete_folder(&self, key: impl AsRef<str>) -> DeleteRequest {
        DeleteRequest {
            is_folder: true,
            ..self.delete(key)
        }
    }
}

/// A deletion: see [`Client::delete`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct DeleteRequest {
    client: Client,
    key: String,
    is_folder: bool,
    is_later: bool,
}

impl DeleteRequest {
    /// Lets the service delete when it has time, which it does not limit as it limits deleting at
    /// once. The answer then does not tell whether the key existed or the folder was empty.
    pub fn later(mut self) -> Self {
        self.is_later = true;
        self
    }

    /// Deletes. Where an attempt got no answer and the next one finds nothing, the first has
    /// deleted, and that is success.
    ///
    /// # Errors
    /// Kind NotFound if there is nothing to delete; kind Conflict if a folder is not empty; kind
    /// Denied if the operator may not delete.
    pub async fn send(self) -> Result<()> {
        let target = if self.is_folder {
            Target::folder(&self.key)?
        } else {
            Target::any(&self.key)?
        };
        let mut call = Call::new(Method::DELETE, self.client.uri(&target));
        call.replay = Replay::GoneIsDone;
        let mut set = |name| call.headers.insert(HeaderName::from_static(name), TRUE);
        if self.is_folder {
            set(header::X_UPYUN_FOLDER);
        }
        if self.is_later {
            set(header::X_UPYUN_ASYNC);
        }
        self.client.send(call).await?.finish().await;
        Ok(())
    }
}
