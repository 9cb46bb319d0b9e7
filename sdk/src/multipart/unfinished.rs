//! The uploads of a service that wait for their end.

use std::time::SystemTime;

use reqwest::Method;
use serde::Deserialize;

use super::{json, requests::time};
use crate::{
    client::{Client, Target, call::Call},
    error::Result,
    protocol::header,
    rest::fields::Fields,
};

impl Client {
    /// Asks for the uploads of the service that were begun and neither completed nor cancelled, 1000
    /// at most.
    #[doc(alias = "ListMultipartUploads")]
    pub fn unfinished_uploads(&self) -> UnfinishedUploadsRequest {
        UnfinishedUploadsRequest {
            client: self.clone(),
            prefix: String::new(),
        }
    }
}

/// A question for unfinished uploads: see [`Client::unfinished_uploads`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct UnfinishedUploadsRequest {
    client: Client,
    prefix: String,
}

impl UnfinishedUploadsRequest {
    /// Only uploads of keys that begin with this.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// Asks.
    ///
    /// # Errors
    /// Kind Denied without the right to write.
    pub async fn send(self) -> Result<Vec<Unfinished>> {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        #[derive(Deserialize)]
        struct List {
            files: Vec<Entry>,
        }
        #[derive(Deserialize)]
        struct Entry {
            key: String,
            uuid: String,
            created_at: u64,
        }
        let mut fields = Fields::default();
        fields.set(header::X_UPYUN_LIST_TYPE, "multi");
        fields.set(header::X_UPYUN_LIST_LIMIT, "1000");
        if !self.prefix.is_empty() {
            let prefix = BASE64_STANDARD.encode(&self.prefix);
            fields.set(header::X_UPYUN_LIST_PREFIX, prefix);
        }
        let call = Call {
            headers: fields.finish()?,
            ..Call::new(Method::GET, self.client.uri(&Target::any("/")?))
        };
        let list: List = json(self.client.send(call).await?).await?;
        let files = list.files.into_iter().map(|upload| Unfinished {
            key: upload.key,
            id: upload.uuid,
            begun: time(upload.created_at),
        });
        Ok(files.collect())
    }
}

/// An upload that was begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unfinished {
    /// The key of the object to be.
    pub key: String,
    /// For [`Client::resume_multipart`].
    pub id: String,
    /// When it was begun.
    pub begun: SystemTime,
}
