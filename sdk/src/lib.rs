//! A client of the UPYUN (又拍云) object store.

pub mod protocol;

#[cfg(feature = "client")]
mod body;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod error;
#[cfg(feature = "client")]
mod image;
#[cfg(feature = "client")]
mod metadata;
#[cfg(feature = "client")]
mod progress;
#[cfg(feature = "client")]
mod rest;
#[cfg(feature = "client")]
mod signer;

#[cfg(feature = "client")]
pub use self::{
    body::Body,
    client::{Client, ClientBuilder, Endpoint, RetryPolicy},
    error::{Error, ErrorKind, Result},
    image::ImageInfo,
    metadata::Metadata,
    progress::Progress,
    rest::{
        CopyRequest, DeleteRequest, Download, DownloadInfo, Entries, ExistsRequest, GetRequest,
        Info, InfoRequest, ListRequest, MakeFolderRequest, Order, Page, PutRequest, PutResult,
        RenameRequest, UpdateMetadataRequest, UsageRequest,
    },
    signer::{Credential, LocalSigner, RemoteSigner, SignFuture, SignRequest, Signer},
};
