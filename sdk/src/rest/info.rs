//! What is known of a file or folder.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::Method;

use crate::{
    client::{Client, Target, answer::Answer, call::Call},
    error::Result,
    metadata::Metadata,
    protocol::{Md5Digest, header, list::EntryKind},
};

impl Client {
    /// Asks for size, type, time and metadata of a file or folder.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/a.txt", "a").expect("seeded");
    /// let info = client.info("/a.txt").send().await?;
    /// println!("{} bytes, author {:?}", info.size, info.metadata.get("author"));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("getinfo", "GetInfo", "getFileInfo", "head", "HeadObject"))]
    pub fn info(&self, key: impl AsRef<str>) -> InfoRequest {
        InfoRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
        }
    }

    /// Asks whether a file or folder of this name exists.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/a.txt", "a").expect("seeded");
    /// if !client.exists("/backup/").send().await? {
    ///     client.make_folder("/backup/").send().await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn exists(&self, key: impl AsRef<str>) -> ExistsRequest {
        ExistsRequest(self.info(key))
    }
}

/// A question for the facts of a file or folder: see [`Client::info`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct InfoRequest {
    client: Client,
    key: String,
}

impl InfoRequest {
    /// Asks.
    ///
    /// # Errors
    /// Kind NotFound if there is neither a file nor a folder of this name.
    pub async fn send(self) -> Result<Info> {
        let uri = self.client.uri(&Target::any(&self.key)?);
        let call = Call::new(Method::HEAD, uri.clone());
        let answer = self.client.send(call).await?;
        Info::of(&answer).map_err(|error| error.of_request("HEAD", &uri))
    }
}

/// A question whether something exists: see [`Client::exists`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct ExistsRequest(InfoRequest);

impl ExistsRequest {
    /// Asks.
    ///
    /// # Errors
    /// Any but kind NotFound, which is the answer `false`.
    pub async fn send(self) -> Result<bool> {
        match self.0.send().await {
            Ok(_) => Ok(true),
            Err(error) if error.is_not_found() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What is known of a file or folder.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Info {
    /// Which of the two it is.
    pub kind: EntryKind,
    /// In bytes; 0 for folders.
    pub size: u64,
    /// When it was stored or made.
    pub modified: Option<SystemTime>,
    /// The stored MIME type of a file.
    pub content_type: Option<String>,
    /// The `ETag` of a file, with its quotes.
    pub etag: Option<String>,
    /// The MD5 of a file.
    pub md5: Option<Md5Digest>,
    /// The metadata of a file.
    pub metadata: Metadata,
    /// The id under which the service's support finds the request.
    pub request_id: Option<String>,
}

impl Info {
    fn of(answer: &Answer) -> Result<Self> {
        let kind = match answer.text(header::X_UPYUN_FILE_TYPE).as_deref() {
            Some("file") => EntryKind::File,
            Some("folder") => EntryKind::Folder,
            _ => return Err(answer.malformed("the answer tells neither file nor folder")),
        };
        let is_file = kind == EntryKind::File;
        let date = answer
            .number(header::X_UPYUN_FILE_DATE)
            .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
        Ok(Self {
            kind,
            size: answer
                .number(header::X_UPYUN_FILE_SIZE)
                .filter(|_| is_file)
                .unwrap_or_default(),
            modified: date.or_else(|| answer.last_modified()),
            content_type: answer.content_type().filter(|_| is_file),
            etag: answer.etag(),
            md5: answer.md5(),
            metadata: answer.metadata(),
            request_id: answer.request_id(),
        })
    }

    /// Whether it is a file.
    pub fn is_file(&self) -> bool {
        self.kind == EntryKind::File
    }

    /// Whether it is a folder.
    pub fn is_folder(&self) -> bool {
        self.kind == EntryKind::Folder
    }
}
