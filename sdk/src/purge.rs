//! Cache refresh.

use serde_json::Value;

use crate::{
    client::{Client, call::Call},
    error::{Error, Result},
    protocol::{host::ACCESS_SUFFIXES, host::Api, path},
};

const URI: &str = "/purge/";
const MAX_ANSWER_BYTES: usize = 4 * 1024 * 1024;
/// URLs of one request.
const MAX_URLS: usize = 600;

impl Client {
    /// Drops cached copies of URLs on the service's domains.
    ///
    /// Objects that are changed through this client are refreshed by the service itself within
    /// minutes; this is for those who cannot wait.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// let others = client
    ///     .purge(["http://demo.b0.upaiyun.com/a.png", "http://example.com/b.png"])
    ///     .send()
    ///     .await?;
    /// assert_eq!(others, ["http://example.com/b.png"]);
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("refresh"))]
    pub fn purge(&self, urls: impl IntoIterator<Item = impl Into<String>>) -> PurgeRequest {
        PurgeRequest {
            client: self.clone(),
            urls: urls.into_iter().map(Into::into).collect(),
        }
    }

    /// As [`purge`](Self::purge), for keys on the service's default domain.
    pub fn purge_keys(&self, keys: impl IntoIterator<Item = impl AsRef<str>>) -> PurgeRequest {
        let domain = format!("{}{}", self.service(), ACCESS_SUFFIXES[0]);
        self.purge_keys_at(&domain, keys)
    }

    /// As [`purge`](Self::purge), for keys on a domain that is bound to the service.
    pub fn purge_keys_at(
        &self,
        domain: &str,
        keys: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> PurgeRequest {
        let urls = keys.into_iter().map(|key| {
            let key = format!("/{}", key.as_ref().trim_start_matches('/'));
            format!("http://{domain}{}", path::encode(&key))
        });
        self.purge(urls)
    }
}

/// URLs to be purged: see [`Client::purge`].
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is sent"]
pub struct PurgeRequest {
    client: Client,
    urls: Vec<String>,
}

impl PurgeRequest {
    /// Purges them; gives back those that are not on a domain of the service.
    ///
    /// # Errors
    /// Kind Invalid for no URL, more than 600, or one with a line break; kind Signing if the client
    /// has no password but a signer; RateLimited or Refused beyond 600 URLs a minute.
    pub async fn send(self) -> Result<Vec<String>> {
        if self.urls.is_empty() || self.urls.len() > MAX_URLS {
            let count = self.urls.len();
            return Err(Error::invalid(format!(
                "1 to {MAX_URLS} URLs are purged at once, not {count}"
            )));
        }
        if let Some(url) = self.urls.iter().find(|url| url.contains(['\n', '\r'])) {
            return Err(Error::invalid(format!("{url:?} is no URL")));
        }
        let list = self.urls.join("\n");
        let mut call = Call::post(Api::Purge, URI.to_owned());
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("purge", &list)
            .finish();
        call.form_body(form);
        // Its signature covers the list instead.
        call.content_md5 = None;
        call.purge = Some(list);
        let mut answer = self.client.send(call).await?;
        let body = answer.read(MAX_ANSWER_BYTES).await?;
        let told = serde_json::from_slice::<Value>(&body).ok();
        let others = told.as_ref().map(|told| &told["invalid_domain_of_url"]);
        // Nothing invalid is an empty object where a list is expected.
        match others {
            Some(Value::Array(urls)) => {
                let urls = urls.iter().filter_map(Value::as_str);
                Ok(urls.map(str::to_owned).collect())
            }
            Some(Value::Object(urls)) => Ok(urls
                .values()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect()),
            _ => Err(answer
                .malformed("the answer does not tell the invalid URLs")
                .of_request("POST", URI)),
        }
    }
}
