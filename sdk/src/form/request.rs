//! A FORM upload by this client.

use std::{fmt, sync::Arc};

use reqwest::{Method, header::LOCATION};

use super::{FormResult, SignedForm};
use crate::{
    body::{Body, Ready},
    client::{
        Client,
        call::{Call, FormFields},
    },
    error::{Error, Result},
    progress::{Callback, Meter, Progress},
    protocol::FormPolicy,
};

/// From this size on the service is told beforehand, and need not spool the file.
const LARGE_BYTES: u64 = 100 * 1024 * 1024;
/// More of an answer is not read.
const MAX_ANSWER_BYTES: usize = 1024 * 1024;

impl Client {
    /// Uploads a file by a form, as a browser would: the service picks the key by the policy's
    /// save-key.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// use upyun_client::protocol::FormPolicy;
    ///
    /// let policy = FormPolicy::new("/notes/{filename}-{filemd5}{.suffix}").ext_param("mine");
    /// let result = client.form(&policy).file("a.txt", "hello").send().await?;
    /// assert_eq!(result.url, "/notes/a-5d41402abc4b2a76b9719d911017c592.txt");
    /// assert_eq!(result.ext_param.as_deref(), Some("mine"));
    /// # Ok(())
    /// # }
    /// ```
    #[doc(alias("FormUpload", "FormUploader"))]
    pub fn form(&self, policy: &FormPolicy) -> FormRequest {
        FormRequest {
            client: self.clone(),
            policy: policy.clone(),
            form_secret: None,
            name: String::new(),
            body: Body::empty(),
            checksum: false,
            progress: None,
        }
    }
}

/// A FORM upload: see [`Client::form`].
#[must_use = "a request does nothing until it is sent"]
pub struct FormRequest {
    client: Client,
    policy: FormPolicy,
    form_secret: Option<String>,
    name: String,
    body: Body,
    checksum: bool,
    progress: Option<Callback>,
}

impl FormRequest {
    /// The file and its name, of which the save-key and `allow-file-type` may make use.
    pub fn file(mut self, name: impl Into<String>, body: impl Into<Body>) -> Self {
        self.name = name.into();
        self.body = body.into();
        self
    }

    /// Computes the MD5 of the file beforehand and puts it into the policy, so that the service can
    /// refuse what arrives differently. Reads a file twice; a reader or stream cannot.
    pub fn checksum(mut self) -> Self {
        self.checksum = true;
        self
    }

    /// Signs with the service's form secret, as old clients do, instead of the operator's password.
    pub fn form_secret(mut self, secret: impl Into<String>) -> Self {
        self.form_secret = Some(secret.into());
        self
    }

    /// Calls back as bytes of the file are handed to the network.
    pub fn on_progress(mut self, callback: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Box::new(callback));
        self
    }

    /// Uploads.
    ///
    /// A form that is sent again after its answer was lost stores the file twice if the save-key has
    /// `{random}` in it. With a return URL in the policy the redirect is not followed; the result is what it carries.
    ///
    /// # Errors
    /// Kind Refused or Invalid if the file is not what the policy allows, kind Denied if the policy
    /// has expired; kind Io if the body cannot be read.
    pub async fn send(mut self) -> Result<FormResult> {
        let uri = self.client.form_uri();
        let name = |error: Error| error.of_request("POST", &uri);
        let unreadable = |error| name(Error::io("the body could not be read", error));
        let body = self
            .body
            .ready(self.client.chunk_bytes())
            .await
            .map_err(unreadable)?;
        if self.checksum {
            let md5 = body.md5().await.map_err(unreadable)?.ok_or_else(|| {
                name(Error::invalid(
                    "the MD5 of a reader or stream cannot be computed beforehand: give it to the \
                     policy by `content_md5`, or upload bytes or a file",
                ))
            })?;
            self.policy = self.policy.content_md5(md5);
        }
        if let Some(length) = body.length().filter(|length| *length >= LARGE_BYTES) {
            self.policy = self.policy.content_length(length);
        }
        let form = match &self.form_secret {
            Some(secret) => self.client.sign_form_legacy(&self.policy, secret)?,
            None => self.client.sign_form(&self.policy).await?,
        };
        let call = Call {
            form: Some(fields(form, self.name)),
            meter: meter(self.progress, &body),
            body: Some(body),
            ..Call::new(Method::POST, uri.clone())
        };
        let mut answer = self.client.send(call).await?;
        let result = match answer.text(LOCATION) {
            Some(location) => FormResult::from_query(query_of(&location)),
            None => FormResult::from_json(&answer.read(MAX_ANSWER_BYTES).await?),
        };
        let result = result.map_err(|error| {
            let error = Error::malformed(error.to_string());
            name(error.with_answer(answer.status(), answer.request_id()))
        })?;
        let answer = answer.finish().await;
        if result.is_success() {
            Ok(result)
        } else {
            Err(name(answer.refusal(result.code, &result.message)))
        }
    }
}

fn fields(form: SignedForm, file_name: String) -> FormFields {
    FormFields {
        texts: form
            .fields()
            .map(|(name, value)| (name, value.to_owned()))
            .collect(),
        file_name,
    }
}

fn meter(progress: Option<Callback>, body: &Ready) -> Option<Arc<Meter>> {
    Some(Arc::new(Meter::new(progress?, body.length())))
}

fn query_of(location: &str) -> &str {
    let url = location.split_once('#').map_or(location, |(url, _)| url);
    url.split_once('?').map_or("", |(_, query)| query)
}

impl fmt::Debug for FormRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormRequest")
            .field("policy", &self.policy)
            .field("name", &self.name)
            .field("body", &self.body)
            .finish_non_exhaustive()
    }
}
