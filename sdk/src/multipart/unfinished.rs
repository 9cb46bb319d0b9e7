//! The uploads of a service that wait for their end.

use reqwest::Method;
use serde::Deserialize;

use super::json;
use crate::{
    client::{Client, Target, call::Call},
    error::Result,
    protocol::header,
    rest::fields::Fields,
};

impl Client {
    /// The uploads of the service that were begun and neither completed nor cancelled, 1000 at
    /// most; of keys that begin with a prefix if it is not empty.
    ///
    /// # Errors
    /// Kind Denied without the right to write.
    pub async fn unfinished_uploads(&self, prefix: &str) -> Result<Vec<Unfinished>> {
        use base64::{Engine as _, prelude::BASE64_STANDARD};
        #[derive(Deserialize)]
        struct List {
            files: Vec<Unfinished>,
        }
        let mut fields = Fields::default();
        fields.set(header::X_UPYUN_LIST_TYPE, "multi");
        fields.set(header::X_UPYUN_LIST_LIMIT, "1000");
        if !prefix.is_empty() {
            fields.set(header::X_UPYUN_LIST_PREFIX, BASE64_STANDARD.encode(prefix));
        }
        let call = Call {
            headers: fields.finish()?,
            ..Call::new(Method::GET, self.uri(&Target::any("/")?))
        };
        let list: List = json(self.send(call).await?).await?;
        Ok(list.files)
    }
}

/// An upload that was begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct Unfinished {
    /// The key of the object to be.
    pub key: String,
    /// For [`Client::resume_multipart`].
    #[serde(rename = "uuid")]
    pub id: String,
    /// Unix seconds.
    pub created_at: u64,
}
