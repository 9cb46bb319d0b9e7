//! Reading.

use reqwest::Method;

use super::{AccessDomain, invalid, key};
use crate::{
    client::call::Call,
    error::Result,
    protocol::{access, host::Api, image::ImageParams, path},
    rest::{Conditions, Download, condition_setters},
};

impl AccessDomain {
    /// Reads an object, or a picture as it looks after processing.
    pub fn get(&self, key: impl AsRef<str>) -> AccessRequest {
        AccessRequest {
            domain: self.clone(),
            key: key.as_ref().to_owned(),
            shown: Shown::Stored,
            query: String::new(),
            conditions: Conditions::default(),
        }
    }
}

/// A public download: see [`AccessDomain::get`].
#[must_use = "a request does nothing until it is sent"]
pub struct AccessRequest {
    domain: AccessDomain,
    key: String,
    shown: Shown,
    query: String,
    conditions: Conditions,
}

enum Shown {
    Stored,
    Processed(ImageParams),
    Secret(String),
}

condition_setters!(AccessRequest);

impl AccessRequest {
    /// The picture as it looks after processing. No secret is needed then.
    pub fn image(mut self, params: &ImageParams) -> Self {
        self.shown = Shown::Processed(params.clone());
        self
    }

    /// The object as it is stored, which has this content secret.
    pub fn secret(mut self, secret: &str) -> Self {
        self.shown = Shown::Secret(secret.to_owned());
        self
    }

    /// Adds to the query: `_upd` for a download under another name, `_upt` for a
    /// [`CdnToken`](crate::protocol::sign::CdnToken), or anything else, which the service does not
    /// look at.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        let mut query = form_urlencoded::Serializer::new(self.query);
        query.append_pair(name, value);
        self.query = query.finish();
        self
    }

    /// Asks for it. It returns when the headers are there; the body follows as it is read.
    ///
    /// # Errors
    /// As [`AccessDomain`] says; kind Invalid for a key that has the separator in it; kind Malformed
    /// if the answer is not the range that was asked for.
    pub async fn send(self) -> Result<Download> {
        let (key, separator) = (key(&self.key)?, self.domain.separator);
        let place = match &self.shown {
            Shown::Stored => access::path(&key, separator),
            Shown::Processed(params) => params.path(&key, separator),
            Shown::Secret(secret) => access::path_with_secret(&key, separator, secret),
        };
        let place = place.map_err(invalid)?;
        // Errors and logs show no secret, and a token in the query is one too.
        let shown = match &self.shown {
            Shown::Secret(_) => format!("{}{}***", path::encode(key.as_str()), separator.as_char()),
            _ => place.clone(),
        };
        let uri = match &*self.query {
            "" => place,
            query => format!("{place}?{query}"),
        };
        let call = Call {
            api: Api::Access,
            site: Some(self.domain.site()?),
            shown: Some(shown.clone()),
            headers: self.conditions.fields.finish()?,
            ..Call::new(Method::GET, uri)
        };
        let answer = self.domain.client.send(call).await?;
        Download::new(
            answer,
            self.conditions.start,
            false,
            self.conditions.progress,
        )
        .map_err(|error| error.of_request("GET", &shown))
        .map(|download| download.of_uri(shown))
    }
}

impl std::fmt::Debug for AccessRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown: &dyn std::fmt::Debug = match &self.shown {
            Shown::Stored => &"as stored",
            Shown::Processed(params) => params,
            Shown::Secret(_) => &"***",
        };
        f.debug_struct("AccessRequest")
            .field("domain", &self.domain.domain)
            .field("key", &self.key)
            .field("shown", shown)
            .finish_non_exhaustive()
    }
}
