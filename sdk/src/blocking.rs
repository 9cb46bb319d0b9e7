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

use std::sync::Arc;

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

use crate::{ClientBuilder, Credential, error::Result, protocol::ServiceName};
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

    /// The service that this client is for.
    pub fn service(&self) -> &ServiceName {
        self.inner.service()
    }

    /// The operator that requests are signed for.
    pub fn operator(&self) -> &str {
        self.inner.operator()
    }
}
