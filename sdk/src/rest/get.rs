//! Download.

use std::time::SystemTime;

use reqwest::{
    Method,
    header::{IF_MATCH, IF_UNMODIFIED_SINCE},
};

use super::{
    conditions::{Conditions, condition_setters, quoted},
    download::Download,
};
use crate::{
    client::{Client, Target, call::Call},
    error::{Error, Result},
    protocol::{date, header},
};

impl Client {
    /// Downloads an object, or a part of it.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # let directory = tempfile::tempdir()?;
    /// # std::env::set_current_dir(directory.path())?;
    /// # server.put_object("/movie.mp4", vec![0; 5000]).expect("seeded");
    /// let size = client.get("/movie.mp4").send().await?.into_file("movie.mp4").await?;
    /// let head = client.get("/movie.mp4").range(..1024).send().await?.bytes().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("GetObject", "readFile", "download"))]
    pub fn get(&self, key: impl AsRef<str>) -> GetRequest {
        GetRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
            conditions: Conditions::default(),
            verifies: false,
        }
    }
}

/// A download: see [`Client::get`].
#[must_use = "a request does nothing until it is sent"]
pub struct GetRequest {
    client: Client,
    key: String,
    conditions: Conditions,
    verifies: bool,
}

condition_setters!(GetRequest);

impl GetRequest {
    /// Only if the `ETag` is still this one; otherwise an error of kind Precondition.
    pub fn if_match(mut self, etag: &str) -> Self {
        self.conditions.fields.set(IF_MATCH.as_str(), quoted(etag));
        self
    }

    /// Only if unchanged since this time; otherwise an error of kind Precondition.
    pub fn if_unmodified_since(mut self, time: SystemTime) -> Self {
        self.conditions
            .fields
            .set(IF_UNMODIFIED_SINCE.as_str(), date::format(time));
        self
    }

    /// Compares the MD5 of what arrives with that of the object, at its end. Not for ranges.
    pub fn verify_md5(mut self) -> Self {
        self.verifies = true;
        self
    }

    /// Asks for the object. It returns when the headers are there; the body follows as it is read.
    ///
    /// # Errors
    /// Kind NotFound if the key does not exist or is a folder; kinds NotModified and Precondition as
    /// the conditions say; kind Malformed if the service ignores the range, or names no MD5 to
    /// verify.
    pub async fn send(self) -> Result<Download> {
        let uri = self.client.uri(&Target::file(&self.key)?);
        if self.verifies && self.conditions.start.is_some() {
            return Err(Error::invalid(
                "the MD5 of a range cannot be verified: it is known of the whole only",
            ));
        }
        let mut fields = self.conditions.fields;
        // Without it, the name of a folder would be answered with its list.
        fields.set(header::X_UPYUN_FOLDER, "false");
        let call = Call {
            headers: fields.finish()?,
            ..Call::new(Method::GET, uri.clone())
        };
        let answer = self.client.send(call).await?;
        Download::new(
            answer,
            self.conditions.start,
            self.verifies,
            self.conditions.progress,
        )
        .map_err(|error| error.of_request("GET", &uri))
        .map(|download| download.of_uri(uri))
    }
}

impl std::fmt::Debug for GetRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GetRequest")
            .field("key", &self.key)
            .field("fields", &self.conditions.fields)
            .finish_non_exhaustive()
    }
}
