//! Make a folder.

use reqwest::{
    Method,
    header::{HeaderName, HeaderValue},
};

use crate::{
    client::{Client, Target, call::Call},
    error::Result,
    protocol::header,
};

impl Client {
    /// Makes a folder, and its parents. One that exists already is left as it is.
    ///
    /// Uploads make missing folders themselves; this is for empty ones.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// client.make_folder("/inbox").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("mkdir", "mkDir", "makeDir"))]
    pub fn make_folder(&self, key: impl AsRef<str>) -> MakeFolderRequest {
        MakeFolderRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
        }
    }
}

/// A folder to be made: see [`Client::make_folder`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct MakeFolderRequest {
    client: Client,
    key: String,
}

impl MakeFolderRequest {
    /// Makes it.
    ///
    /// # Errors
    /// Kind Conflict if a file has this name, or that of a parent.
    pub async fn send(self) -> Result<()> {
        let target = Target::folder(&self.key)?;
        let mut call = Call::new(Method::POST, self.client.uri(&target));
        for name in [header::FOLDER, header::X_UPYUN_FOLDER] {
            call.headers.insert(
                HeaderName::from_static(name),
                HeaderValue::from_static("true"),
            );
        }
        self.client.send(call).await?.finish().await;
        Ok(())
    }
}
