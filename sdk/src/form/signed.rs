//! A policy with its proof: what a browser or an app is given.

use std::time::Duration;

use serde::Serialize;

use crate::{
    client::Client,
    error::Result,
    protocol::{FormPolicy, date, sign::form_legacy},
    signer::SignRequest,
};

/// The documentation recommends half an hour.
const LIFE: Duration = Duration::from_secs(30 * 60);

/// Everything that a browser or an app needs to upload within a policy; no secret is in it.
///
/// As JSON it is `{"url": …, "policy": …, "authorization": …}`. A page sends the
/// [`fields`](Self::fields) as hidden inputs, and the field `file` last:
///
/// ```html
/// <form method="post" enctype="multipart/form-data" action="URL">
///   <input type="hidden" name="policy" value="POLICY">
///   <input type="hidden" name="authorization" value="AUTHORIZATION">
///   <input type="file" name="file"> <button>Upload</button>
/// </form>
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SignedForm {
    /// Where the form is posted to.
    pub url: String,
    /// The field `policy`.
    pub policy: String,
    /// The field `authorization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization: Option<String>,
    /// The field `signature`, under the legacy signature instead of `authorization`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl SignedForm {
    /// The fields to send before `file`, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("policy", Some(&self.policy)),
            ("authorization", self.authorization.as_ref()),
            ("signature", self.signature.as_ref()),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?.as_str())))
    }
}

impl Client {
    /// Signs a policy for somebody else, like a browser, to upload with.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = upyun_mock::MockServer::start().await;
    /// # let client = server.client();
    /// use upyun_client::protocol::FormPolicy;
    ///
    /// let policy = FormPolicy::new("/avatars/{random32}{.suffix}").allow_file_types(["jpg", "png"]);
    /// let form = client.sign_form(&policy).await?;
    /// let answer_to_the_browser = serde_json::to_string(&form)?;
    /// # assert!(answer_to_the_browser.contains("authorization"));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// Kind Signing if a signer of the caller's gives no signature.
    #[doc(alias("make_policy", "make_signature"))]
    pub async fn sign_form(&self, policy: &FormPolicy) -> Result<SignedForm> {
        let date = date::format(self.now());
        let uri = self.form_uri();
        let text = self.encode(policy, &date);
        let md5 = policy.get("content-md5").and_then(|md5| md5.as_str());
        let mut question = SignRequest::new(self.operator(), "POST", &uri, &date);
        question.policy = Some(&text);
        question.content_md5 = md5;
        let authorization = self.authorization(question).await?;
        Ok(SignedForm {
            url: self.form_url(&uri)?.into(),
            policy: text,
            authorization: Some(authorization),
            signature: None,
        })
    }

    /// The same under the legacy signature, with the service's form secret instead of an operator.
    ///
    /// # Errors
    /// None that a client with an endpoint can meet.
    pub fn sign_form_legacy(&self, policy: &FormPolicy, form_secret: &str) -> Result<SignedForm> {
        let text = self.encode(policy, &date::format(self.now()));
        Ok(SignedForm {
            url: self.form_url(&self.form_uri())?.into(),
            signature: Some(form_legacy(&text, form_secret)),
            policy: text,
            authorization: None,
        })
    }

    pub(super) fn form_uri(&self) -> String {
        format!("/{}", self.service())
    }

    fn encode(&self, policy: &FormPolicy, date: &str) -> String {
        let expires_at = policy.expiry().unwrap_or_else(|| self.now() + LIFE);
        policy.encode(self.service(), expires_at, date)
    }
}
