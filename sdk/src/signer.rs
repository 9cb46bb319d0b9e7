//! Who signs: this process, or another that keeps the password.

mod remote;

use std::{fmt, future::Future, pin::Pin, sync::Arc};

pub use remote::RemoteSigner;

use crate::{
    error::{BoxError, Error, ErrorKind, Result},
    protocol::{
        PasswordMd5,
        sign::{self, FormSignature, HeaderSignature},
    },
};

/// Makes the `Authorization` value of a request.
///
/// Implement it to keep the password elsewhere. A signer is asked once an attempt; it may take its
/// time, and refuse.
///
/// ```
/// use upyun_client::{Client, Credential, LocalSigner, SignFuture, SignRequest, Signer};
/// use upyun_client::protocol::PasswordMd5;
///
/// /// Signs nothing that changes the service.
/// struct ReadOnly(LocalSigner);
///
/// impl Signer for ReadOnly {
///     fn sign<'a>(&'a self, request: SignRequest<'a>) -> SignFuture<'a> {
///         match request.method {
///             "GET" | "HEAD" => self.0.sign(request),
///             other => Box::pin(async move { Err(format!("{other} is not signed here").into()) }),
///         }
///     }
/// }
///
/// let signer = ReadOnly(LocalSigner::new(PasswordMd5::of("password")));
/// let client = Client::builder("demo", "operator", Credential::signer(signer)).build()?;
/// # Ok::<(), upyun_client::Error>(())
/// ```
pub trait Signer: Send + Sync + 'static {
    /// The whole header value, or for a FORM upload the whole field `authorization`:
    /// `UPYUN <operator>:<signature>`.
    fn sign<'a>(&'a self, request: SignRequest<'a>) -> SignFuture<'a>;
}

/// What [`Signer::sign`] returns: `Box::pin(async move { … })`.
pub type SignFuture<'a> =
    Pin<Box<dyn Future<Output = std::result::Result<String, BoxError>> + Send + 'a>>;

/// What is to be signed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SignRequest<'a> {
    /// Who asks.
    pub operator: &'a str,
    /// The request method, upper case.
    pub method: &'a str,
    /// The path as it will be sent, percent-encoded, and `?` and the query if there is one.
    pub uri: &'a str,
    /// The text of the date header; of a FORM upload, the policy's `date`.
    pub date: &'a str,
    /// The text of the `Content-MD5` header, if there will be one.
    pub content_md5: Option<&'a str>,
    /// Of a FORM upload: the Base64 text of the policy.
    pub policy: Option<&'a str>,
}

impl<'a> SignRequest<'a> {
    /// The required parts; `content_md5` and `policy` are absent until set.
    pub fn new(operator: &'a str, method: &'a str, uri: &'a str, date: &'a str) -> Self {
        Self {
            operator,
            method,
            uri,
            date,
            content_md5: None,
            policy: None,
        }
    }

    /// The header value, made with the MD5 of the operator's password.
    pub fn authorization(&self, key: &PasswordMd5) -> String {
        let signature = match self.policy {
            Some(policy) => FormSignature {
                uri: self.uri,
                date: Some(self.date),
                policy,
                content_md5: self.content_md5,
            }
            .sign(key),
            None => HeaderSignature {
                method: self.method,
                uri: self.uri,
                date: self.date,
                content_md5: self.content_md5,
            }
            .sign(key),
        };
        sign::upyun(self.operator, &signature)
    }
}

/// Signs in this process: what a client with a password does.
#[derive(Clone, Debug)]
pub struct LocalSigner(PasswordMd5);

impl LocalSigner {
    /// With the MD5 of the operator's password.
    pub fn new(key: PasswordMd5) -> Self {
        Self(key)
    }
}

impl Signer for LocalSigner {
    fn sign<'a>(&'a self, request: SignRequest<'a>) -> SignFuture<'a> {
        let value = request.authorization(&self.0);
        Box::pin(async move { Ok(value) })
    }
}

/// What an operator proves itself with: a password, its MD5, or a [`Signer`].
///
/// Text is the plain password; only its MD5 is kept.
#[derive(Clone)]
pub struct Credential(Kind);

#[derive(Clone)]
enum Kind {
    Key(PasswordMd5),
    Signer(Arc<dyn Signer>),
}

impl Credential {
    /// Leaves signing to somebody else.
    ///
    /// Cache refresh has a signature of its own that only a password can make.
    pub fn signer(signer: impl Signer) -> Self {
        Self(Kind::Signer(Arc::new(signer)))
    }

    /// For the one signature that no signer makes.
    pub(crate) fn key(&self) -> Result<&PasswordMd5> {
        self.key_for(
            "cache refresh has a signature of its own, which needs the password; this client has a \
             signer",
        )
    }

    /// The key, or an error that says why it is needed.
    pub(crate) fn key_for(&self, why: &str) -> Result<&PasswordMd5> {
        match &self.0 {
            Kind::Key(key) => Ok(key),
            Kind::Signer(_) => Err(Error::new(ErrorKind::Signing, why)),
        }
    }

    pub(crate) async fn sign(&self, request: SignRequest<'_>) -> Result<String> {
        match &self.0 {
            Kind::Key(key) => Ok(request.authorization(key)),
            Kind::Signer(signer) => signer.sign(request).await.map_err(|error| {
                Error::new(ErrorKind::Signing, "the signer gave no signature").with_source(error)
            }),
        }
    }
}

impl From<PasswordMd5> for Credential {
    fn from(key: PasswordMd5) -> Self {
        Self(Kind::Key(key))
    }
}

impl From<&str> for Credential {
    fn from(password: &str) -> Self {
        PasswordMd5::of(password).into()
    }
}

impl From<String> for Credential {
    fn from(password: String) -> Self {
        password.as_str().into()
    }
}

impl From<&String> for Credential {
    fn from(password: &String) -> Self {
        password.as_str().into()
    }
}

impl From<RemoteSigner> for Credential {
    fn from(signer: RemoteSigner) -> Self {
        Self::signer(signer)
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Key(_) => "Credential(***)",
            Kind::Signer(_) => "Credential(signer)",
        })
    }
}
