//! The same operations for programs that are not asynchronous.
//!
//! Names and meanings are those of the asynchronous requests; only `send` waits.
//!
//! ```no_run
//! use upyun_client::blocking::Client;
//!
//! let client = Client::new("demo", "operator", "password")?;
//! client.put("/hello.txt").body("hello").send()?;
//! let mut download = client.get("/hello.txt").send()?;
//! std::io::copy(&mut download, &mut std::io::stdout())?;
//! for entry in client.list("/").entries() {
//!     println!("{}", entry?.name);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A client has one thread that all its clones and requests share. Use it from as many threads as
//! you like. From asynchronous code use [`crate::Client`]: waiting here would block the executor,
//! though neither waiting nor dropping panics there.

mod access;
mod download;
mod list;
mod requests;
mod runtime;
mod tasks;
mod uploads;

use std::{sync::Arc, time::Duration};

pub use access::{AccessDomain, AccessRequest, AskRequest};
pub use download::Download;
pub use list::{Entries, ListRequest};
pub use requests::{
    CopyRequest, DeleteRequest, ExistsRequest, GetRequest, InfoRequest, MakeFolderRequest,
    PurgeRequest, PutRequest, RenameRequest, UpdateMetadataRequest, UsageRequest,
};
pub use tasks::{
    ClipPlaylistRequest, CompressRequest, ConcatPlaylistsRequest, DepressRequest, FetchRequest,
    JigsawRequest, MediaInfoRequest, MediaRequest, PlaylistInfoRequest, SnapshotRequest,
    SubmitTasksRequest, TaskResultsRequest, TaskStatusRequest, WaitForTasksRequest,
};
pub use uploads::{
    BeginMultipartRequest, CancelMultipartRequest, CompleteMultipartRequest, FormRequest,
    ListPartsRequest, MultipartUpload, UnfinishedUploadsRequest, UploadFileRequest,
    UploadPartRequest,
};

use crate::{
    Callback, CallbackVerifier, ClientBuilder, Credential, Endpoint, RetryPolicy, error::Result,
    protocol::ServiceName,
};
use runtime::Runtime;

/// A client of one service, as one operator, that waits for every answer.
///
/// It is a handle: clones are cheap and share connections. [`crate::Client`] explains keys and
/// errors; settings come from [`crate::Client::builder`] and
/// [`build_blocking`](ClientBuilder::build_blocking).
#[derive(Clone, Debug)]
pub struct Client {
    inner: crate::Client,
    runtime: Arc<Runtime>,
}

impl Client {
    /// A client with default settings.
    ///
    /// # Errors
    /// As [`ClientBuilder::build_blocking`].
    pub fn new(
        service: impl Into<String>,
        operator: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> Result<Self> {
        Self::builder(service, operator, credential).build_blocking()
    }

    /// Settings, to be ended with [`build_blocking`](ClientBuilder::build_blocking).
    pub fn builder(
        service: impl Into<String>,
        operator: impl Into<String>,
        credential: impl Into<Credential>,
    ) -> ClientBuilder {
        crate::Client::builder(service, operator, credential)
    }

    /// A client from the environment, as [`crate::Client::from_env`].
    ///
    /// # Errors
    /// Kind Invalid if a variable is missing, or as [`ClientBuilder::build_blocking`].
    pub fn from_env() -> Result<Self> {
        Self::start(crate::Client::from_env()?)
    }

    pub(crate) fn start(inner: crate::Client) -> Result<Self> {
        Ok(Self {
            inner,
            runtime: Runtime::start()?,
        })
    }

    /// As [`crate::Client::with_endpoint`].
    ///
    /// # Errors
    /// As [`crate::Client::with_endpoint`].
    pub fn with_endpoint(&self, endpoint: Endpoint) -> Result<Self> {
        Ok(self.with(self.inner.with_endpoint(endpoint)?))
    }

    /// As [`crate::Client::with_timeout`].
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        self.with(self.inner.with_timeout(timeout))
    }

    /// As [`crate::Client::with_retry`].
    #[must_use]
    pub fn with_retry(&self, policy: RetryPolicy) -> Self {
        self.with(self.inner.with_retry(policy))
    }

    /// As [`crate::Client::with_signer`].
    #[must_use]
    pub fn with_signer(&self, signer: impl Into<Credential>) -> Self {
        self.with(self.inner.with_signer(signer))
    }

    /// As [`crate::Client::callback_verifier`].
    ///
    /// # Errors
    /// As [`crate::Client::callback_verifier`].
    pub fn callback_verifier(&self) -> Result<CallbackVerifier> {
        self.inner.callback_verifier()
    }

    /// As [`crate::Client::verify_callback`].
    ///
    /// # Errors
    /// As [`crate::Client::verify_callback`].
    pub fn verify_callback(&self, callback: &Callback<'_>) -> Result<()> {
        let (client, owned) = (self.inner.clone(), OwnedCallback::from(callback));
        let verify = async move { client.verify_callback(&owned.borrow()).await };
        self.runtime.run(verify)
    }

    /// As [`crate::Client::verify_callback_headers`].
    ///
    /// # Errors
    /// As [`crate::Client::verify_callback_headers`].
    pub fn verify_callback_headers(&self, callback: &Callback<'_>) -> Result<()> {
        let (client, owned) = (self.inner.clone(), OwnedCallback::from(callback));
        let verify = async move { client.verify_callback_headers(&owned.borrow()).await };
        self.runtime.run(verify)
    }

    fn with(&self, inner: crate::Client) -> Self {
        Self {
            inner,
            runtime: Arc::clone(&self.runtime),
        }
    }

    /// The service that this client is for.
    pub fn service(&self) -> &ServiceName {
        self.inner.service()
    }

    /// The operator that requests are signed for.
    pub fn operator(&self) -> &str {
        self.inner.operator()
    }
}

/// A callback that can go to the client's thread.
struct OwnedCallback {
    uri: String,
    authorization: Option<String>,
    date: Option<String>,
    content_md5: Option<String>,
    body: Vec<u8>,
}

impl From<&Callback<'_>> for OwnedCallback {
    fn from(callback: &Callback<'_>) -> Self {
        Self {
            uri: callback.uri.to_owned(),
            authorization: callback.authorization.map(str::to_owned),
            date: callback.date.map(str::to_owned),
            content_md5: callback.content_md5.map(str::to_owned),
            body: callback.body.to_vec(),
        }
    }
}

impl OwnedCallback {
    fn borrow(&self) -> Callback<'_> {
        Callback {
            uri: &self.uri,
            authorization: self.authorization.as_deref(),
            date: self.date.as_deref(),
            content_md5: self.content_md5.as_deref(),
            body: &self.body,
        }
    }
}
