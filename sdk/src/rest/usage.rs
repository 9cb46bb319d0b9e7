//! How many bytes are stored.

use reqwest::Method;

use crate::{
    client::{Client, Target, call::Call},
    error::Result,
};

/// More than the longest number of 64 bits, with room for white space.
const MAX_NUMBER_BYTES: usize = 64;

impl Client {
    /// Asks how many bytes a folder holds with everything below it: `/` for the whole service.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let bytes = client.usage("/").send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("getBucketUsage", "getFolderUsage"))]
    pub fn usage(&self, folder: impl AsRef<str>) -> UsageRequest {
        UsageRequest {
            client: self.clone(),
            key: folder.as_ref().to_owned(),
        }
    }
}

/// A question for the bytes stored: see [`Client::usage`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct UsageRequest {
    client: Client,
    key: String,
}

impl UsageRequest {
    /// Asks.
    ///
    /// # Errors
    /// Kind NotFound if the folder does not exist.
    pub async fn send(self) -> Result<u64> {
        let target = Target::any(&self.key)?;
        let uri = format!("{}?usage", self.client.uri(&target));
        let call = Call::new(Method::GET, uri.clone());
        let mut answer = self.client.send(call).await?;
        let number = async {
            let body = answer.read(MAX_NUMBER_BYTES).await?;
            std::str::from_utf8(&body)
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .ok_or_else(|| answer.malformed("the answer is not a number of bytes"))
        };
        number.await.map_err(|error| error.of_request("GET", &uri))
    }
}
