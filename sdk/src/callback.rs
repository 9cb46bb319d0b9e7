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
        let need = |header: Option<_>, name| header.ok_or(CallbackError::MissingHeader { name });
        let authorization = need(callback.authorization, "Authorization")?;
        let date = need(callback.date, "Date")?;
        // Without it the signature would not cover the body.
        let content_md5 = need(callback.content_md5, "Content-MD5")?;

        let Ok(Authorization::Hmac {
            operator,
            signature,
        }) = Authorization::parse(authorization)
        else {
            return Err(CallbackError::MalformedAuthorization);
        };
        if operator != self.operator {
            return Err(CallbackError::WrongOperator);
        }
        let signed = HeaderSignature {
            method: "POST",
            uri: callback.uri,
            date,
            content_md5: Some(content_md5),
        };
        if !signed.verify(&self.key, signature) {
            return Err(CallbackError::WrongSignature);
        }
        if content_md5.parse() != Ok(Md5Digest::of(callback.body)) {
            return Err(CallbackError::WrongBody);
        }
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let sent = date::parse(date).ok_or(CallbackError::MalformedDate)?;
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
