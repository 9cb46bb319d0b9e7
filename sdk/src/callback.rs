//! Whether a callback comes from the service.

use std::time::{Duration, SystemTime};

use crate::protocol::{
    Md5Digest, PasswordMd5, date,
    sign::{Authorization, HeaderSignature},
};

/// Checks that a POST to a notify URL was made by the service, for the operator whose upload or task
/// asked for it.
///
/// Signature, MD5 of the body, and age must all fit. It reads no socket: give it what the web
/// framework received.
///
/// ```
/// use upyun_client::{Callback, CallbackError, CallbackVerifier, protocol::PasswordMd5};
///
/// let verifier = CallbackVerifier::new("username", PasswordMd5::of("password"));
/// let callback = Callback {
///     uri: "/api/v1/echo",
///     authorization: Some("UPYUN username:+nRpLWtfuQyIT6wio32jyFYnM7k="),
///     date: Some("Fri, 20 Jan 2017 08:46:20 GMT"),
///     content_md5: Some("5d41402abc4b2a76b9719d911017c592"),
///     body: b"hello",
/// };
/// // Signature and body are right, but it is years old:
/// assert!(matches!(verifier.verify(&callback), Err(CallbackError::TooOld { .. })));
/// assert!(verifier.any_age().verify(&callback).is_ok());
/// ```
#[doc(alias = "verify_signature")]
#[derive(Clone, Debug)]
pub struct CallbackVerifier {
    operator: String,
    key: PasswordMd5,
    max_age: Option<Duration>,
}

/// A callback as it was received.
#[derive(Clone, Copy, Debug)]
pub struct Callback<'a> {
    /// The path of the request line as received, percent-encoded, and `?` and the query if there is
    /// one.
    pub uri: &'a str,
    /// The header `Authorization`.
    pub authorization: Option<&'a str>,
    /// The header `Date`.
    pub date: Option<&'a str>,
    /// The header `Content-MD5`.
    pub content_md5: Option<&'a str>,
    /// The body, before anything was parsed.
    pub body: &'a [u8],
}

impl CallbackVerifier {
    /// With the operator's name and the MD5 of its password.
    pub fn new(operator: impl Into<String>, key: PasswordMd5) -> Self {
        Self {
            operator: operator.into(),
            key,
            max_age: Some(Duration::from_secs(30 * 60)),
        }
    }

    /// How far the callback's date may be from now, in both directions: 30 minutes unless set, as
    /// the documentation recommends.
    #[must_use]
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Accepts callbacks of any age. Then whoever has seen one can send it again for ever.
    #[must_use]
    pub fn any_age(mut self) -> Self {
        self.max_age = None;
        self
    }

    /// Checks a callback that has just been received.
    ///
    /// # Errors
    /// [`CallbackError`] says what does not fit; nothing in the body can be trusted then.
    pub fn verify(&self, callback: &Callback<'_>) -> Result<(), CallbackError> {
        self.verify_at(callback, SystemTime::now())
    }

    /// Checks a callback that was received at another time.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_at(&self, callback: &Callback<'_>, now: SystemTime) -> Result<(), CallbackError> {
        let headers = Headers::of(callback, &self.operator)?;
        // Without it the signature would not cover the body.
        let content_md5 = headers.content_md5();
        let content_md5 = content_md5.ok_or(CallbackError::MissingHeader {
            name: "Content-MD5",
        })?;
        self.verify_signature(&headers)?;
        if content_md5.parse() != Ok(Md5Digest::of(callback.body)) {
            return Err(CallbackError::WrongBody);
        }
        self.check_age(&headers, now)
    }

    /// Checks the headers of a callback that has just been received, without its body: what the
    /// official SDKs call `verify_signature`.
    ///
    /// The body is to be trusted only if its MD5 is that of the header `Content-MD5`, which
    /// [`verify`](Self::verify) compares.
    ///
    /// ```
    /// use upyun_client::{Callback, CallbackVerifier, protocol::PasswordMd5};
    ///
    /// let verifier = CallbackVerifier::new("username", PasswordMd5::of("password")).any_age();
    /// let headers = Callback {
    ///     uri: "/api/v1/echo",
    ///     authorization: Some("UPYUN username:+nRpLWtfuQyIT6wio32jyFYnM7k="),
    ///     date: Some("Fri, 20 Jan 2017 08:46:20 GMT"),
    ///     content_md5: Some("5d41402abc4b2a76b9719d911017c592"),
    ///     body: b"",
    /// };
    /// assert!(verifier.verify_headers(&headers).is_ok());
    /// assert!(verifier.verify(&headers).is_err());
    /// ```
    ///
    /// # Errors
    /// [`CallbackError`] says what does not fit.
    #[doc(alias = "verify_signature")]
    pub fn verify_headers(&self, callback: &Callback<'_>) -> Result<(), CallbackError> {
        self.verify_headers_at(callback, SystemTime::now())
    }

    /// Checks the headers of a callback that was received at another time.
    ///
    /// # Errors
    /// As [`verify_headers`](Self::verify_headers).
    pub fn verify_headers_at(
        &self,
        callback: &Callback<'_>,
        now: SystemTime,
    ) -> Result<(), CallbackError> {
        let headers = Headers::of(callback, &self.operator)?;
        self.verify_signature(&headers)?;
        self.check_age(&headers, now)
    }

    fn verify_signature(&self, headers: &Headers<'_>) -> Result<(), CallbackError> {
        if headers.signed.verify(&self.key, headers.signature) {
            Ok(())
        } else {
            Err(CallbackError::WrongSignature)
        }
    }

    fn check_age(&self, headers: &Headers<'_>, now: SystemTime) -> Result<(), CallbackError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let sent = date::parse(headers.signed.date).ok_or(CallbackError::MalformedDate)?;
        let age = match now.duration_since(sent) {
            Ok(age) => age,
            Err(ahead) => ahead.duration(),
        };
        if age > max_age {
            return Err(CallbackError::TooOld { age });
        }
        Ok(())
    }
}

/// The headers of a callback, and what its signature covers.
struct Headers<'a> {
    signature: &'a str,
    signed: HeaderSignature<'a>,
}

impl<'a> Headers<'a> {
    fn of(callback: &Callback<'a>, operator: &str) -> Result<Self, CallbackError> {
        let need = |header: Option<_>, name| header.ok_or(CallbackError::MissingHeader { name });
        let authorization = need(callback.authorization, "Authorization")?;
        let date = need(callback.date, "Date")?;
        let Ok(Authorization::Hmac {
            operator: named,
            signature,
        }) = Authorization::parse(authorization)
        else {
            return Err(CallbackError::MalformedAuthorization);
        };
        if named != operator {
            return Err(CallbackError::WrongOperator);
        }
        let signed = HeaderSignature {
            method: "POST",
            uri: callback.uri,
            date,
            content_md5: callback.content_md5,
        };
        Ok(Self { signature, signed })
    }

    fn content_md5(&self) -> Option<&'a str> {
        self.signed.content_md5
    }
}

#[cfg(feature = "client")]
impl crate::Client {
    /// A verifier of the callbacks that uploads and tasks of this client's operator ask for.
    ///
    /// ```
    /// use upyun_client::{Callback, Client};
    ///
    /// let client = Client::new("demo", "username", "password")?;
    /// let callback = Callback {
    ///     uri: "/api/v1/echo",
    ///     authorization: Some("UPYUN username:+nRpLWtfuQyIT6wio32jyFYnM7k="),
    ///     date: Some("Fri, 20 Jan 2017 08:46:20 GMT"),
    ///     content_md5: Some("5d41402abc4b2a76b9719d911017c592"),
    ///     body: b"hello",
    /// };
    /// client.callback_verifier()?.any_age().verify(&callback)?;
    /// # Ok::<(), upyun_client::Error>(())
    /// ```
    ///
    /// # Errors
    /// Kind Signing if the client has a signer instead of a password: then
    /// [`verify_callback`](Self::verify_callback) asks the signer.
    #[doc(alias = "verify_signature")]
    pub fn callback_verifier(&self) -> crate::Result<CallbackVerifier> {
        let key = self.credential().key_for(
            "a verifier of callbacks needs the password, and this client has a signer: use \
             `verify_callback`, which asks the signer",
        )?;
        Ok(CallbackVerifier::new(self.operator(), key.clone()))
    }

    /// Checks a callback that has just been received, as
    /// [`CallbackVerifier::verify`] does, by the password or by asking the signer: it is asked for
    /// the signature of a `POST` to the callback's path.
    ///
    /// # Errors
    /// Kind Denied, or Malformed, as [`CallbackError`] says; kind Signing if the signer gives no
    /// signature.
    #[doc(alias = "verify_signature")]
    pub async fn verify_callback(&self, callback: &Callback<'_>) -> crate::Result<()> {
        let content_md5 = callback.content_md5.ok_or(CallbackError::MissingHeader {
            name: "Content-MD5",
        })?;
        self.verify_callback_headers(callback).await?;
        if content_md5.parse() == Ok(Md5Digest::of(callback.body)) {
            Ok(())
        } else {
            Err(CallbackError::WrongBody.into())
        }
    }

    /// Checks the headers of a callback that has just been received, as
    /// [`CallbackVerifier::verify_headers`] does, by the password or by asking the signer.
    ///
    /// # Errors
    /// As [`verify_callback`](Self::verify_callback).
    #[doc(alias = "verify_signature")]
    pub async fn verify_callback_headers(&self, callback: &Callback<'_>) -> crate::Result<()> {
        use subtle::ConstantTimeEq as _;

        if let Ok(verifier) = self.callback_verifier() {
            return Ok(verifier.verify_headers_at(callback, self.now())?);
        }
        let headers = Headers::of(callback, self.operator())?;
        let signed = &headers.signed;
        let mut question =
            crate::SignRequest::new(self.operator(), signed.method, signed.uri, signed.date);
        question.content_md5 = headers.content_md5();
        let right = self.authorization(question).await?;
        let right = match Authorization::parse(right.trim()) {
            Ok(Authorization::Hmac { signature, .. }) => signature.to_owned(),
            _ => return Err(CallbackError::WrongSignature.into()),
        };
        if !bool::from(right.as_bytes().ct_eq(headers.signature.as_bytes())) {
            return Err(CallbackError::WrongSignature.into());
        }
        // The key is not used for the age.
        let verifier = CallbackVerifier::new(self.operator(), PasswordMd5::of(""));
        Ok(verifier.check_age(&headers, self.now())?)
    }
}

/// Why a callback is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallbackError {
    /// A header that every signed callback has is not there.
    #[error("the callback has no header {name}")]
    MissingHeader {
        /// Which.
        name: &'static str,
    },
    /// The `Authorization` is not `UPYUN <operator>:<signature>`.
    #[error("the callback's authorization is not `UPYUN operator:signature`")]
    MalformedAuthorization,
    /// It is signed for another operator.
    #[error("the callback is signed for another operator")]
    WrongOperator,
    /// The signature is not that of this request. Mostly the path differs from the one that the
    /// service asked for, because a proxy rewrote it.
    #[error("the callback's signature is wrong")]
    WrongSignature,
    /// The body is not the one that was signed.
    #[error("the callback's body is not the one that was signed")]
    WrongBody,
    /// The date cannot be read.
    #[error("the callback's date cannot be read")]
    MalformedDate,
    /// The date is too far from now.
    #[error("the callback's date is {} s from now", age.as_secs())]
    TooOld {
        /// How far.
        age: Duration,
    },
}
