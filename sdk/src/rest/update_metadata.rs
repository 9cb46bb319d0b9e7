//! Change the metadata of a file.

use reqwest::Method;

use super::fields::Fields;
use crate::{
    client::{Client, Target, call::Call},
    error::{Error, Result},
    protocol::Directive,
};

impl Client {
    /// Changes the metadata of a file: sets the given names and leaves the others, unless told
    /// otherwise.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// # server.put_object("/a.txt", "a").expect("seeded");
    /// client.update_metadata("/a.txt").meta("author", "Ann").send().await?;
    /// client.update_metadata("/a.txt").replace().meta("only", "this").send().await?;
    /// client.update_metadata("/a.txt").delete(["author", "only"]).touch().send().await?;
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("ModifyMetadata"))]
    pub fn update_metadata(&self, key: impl AsRef<str>) -> UpdateMetadataRequest {
        UpdateMetadataRequest {
            client: self.clone(),
            key: key.as_ref().to_owned(),
            directive: Directive::Merge,
            touches: false,
            deletes: Vec::new(),
            fields: Fields::default(),
        }
    }
}

/// A change of metadata: see [`Client::update_metadata`].
#[derive(Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct UpdateMetadataRequest {
    client: Client,
    key: String,
    directive: Directive,
    touches: bool,
    deletes: Vec<String>,
    fields: Fields,
}

impl UpdateMetadataRequest {
    /// Sets the given names and leaves the others: the default.
    pub fn merge(mut self) -> Self {
        self.directive = Directive::Merge;
        self
    }

    /// Makes the given metadata the only ones. Also removes a life and a content secret that are not
    /// given again.
    pub fn replace(mut self) -> Self {
        self.directive = Directive::Replace;
        self
    }

    /// Removes these names; those that are not there do not matter. One request either sets or
    /// removes.
    pub fn delete<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.directive = Directive::Delete;
        let names = names.into_iter().map(|name| name.as_ref().to_owned());
        self.deletes.extend(names);
        self
    }

    /// A name without the prefix `x-upyun-meta-`, and its value.
    pub fn meta(mut self, name: &str, value: &str) -> Self {
        self.fields.meta(name, value);
        self
    }

    /// Lets the service remove the object after 1 to 180 days, counted from now.
    pub fn ttl_days(mut self, days: u32) -> Self {
        self.fields.ttl_days(days);
        self
    }

    /// Another content secret, letters and digits.
    pub fn secret(mut self, secret: &str) -> Self {
        self.fields.secret(secret, false);
        self
    }

    /// Sets the time of last modification, which otherwise stays.
    pub fn touch(mut self) -> Self {
        self.touches = true;
        self
    }

    /// Changes.
    ///
    /// # Errors
    /// Kind Invalid if no metadata are given, or if names are both set and removed; kind NotFound if
    /// the file does not exist; kind Conflict if it is a folder.
    pub async fn send(mut self) -> Result<()> {
        let target = Target::file(&self.key)?;
        let is_delete = self.directive == Directive::Delete;
        if is_delete == self.fields.has_meta() || is_delete == self.deletes.is_empty() {
            // A mistake in a setter explains itself better.
            self.fields.finish()?;
            return Err(Error::invalid(
                "one change of metadata sets at least one name, or removes at least one",
            ));
        }
        for name in &self.deletes {
            // The value does not matter, but some stacks drop empty headers.
            self.fields.meta(name, "x");
        }
        let mut uri = format!(
            "{}?metadata={}",
            self.client.uri(&target),
            self.directive.as_str()
        );
        if self.touches {
            uri.push_str("&update_last_modified=true");
        }
        let call = Call {
            headers: self.fields.finish()?,
            ..Call::new(Method::PATCH, uri)
        };
        self.client.send(call).await?.finish().await;
        Ok(())
    }
}
