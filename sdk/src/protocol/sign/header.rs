//! The current signature of REST, of the task API and of callbacks.

use super::{super::PasswordMd5, hmac, join, same};

/// `METHOD & URI & DATE [& CONTENT-MD5]`, HMAC-SHA1.
///
/// The URI is the path of the request line as sent, still percent-encoded, with the query if there
/// is one. Official clients differ on the query: a verifier tries both forms, a signer includes it.
/// A `Content-MD5` header takes part exactly when it is present and not empty.
///
/// ```
/// use upyun_client::protocol::{PasswordMd5, sign::{HeaderSignature, upyun}};
///
/// let request = HeaderSignature {
///     method: "PUT",
///     uri: "/upyun-temp/demo.jpg",
///     date: "Wed, 09 Nov 2016 14:26:58 GMT",
///     content_md5: Some("7ac66c0f148de9519b8bd264312c4d64"),
/// };
/// let signature = request.sign(&PasswordMd5::of("password123"));
/// assert_eq!(upyun("operator123", &signature), "UPYUN operator123:YUaAZX+WNAcJdNGHS5SBlITME5A=");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct HeaderSignature<'a> {
    /// The request method, upper case.
    pub method: &'a str,
    /// The path as sent, percent-encoded, and `?` and the query if there is one.
    pub uri: &'a str,
    /// The text of the date header as sent.
    pub date: &'a str,
    /// The text of the `Content-MD5` header as sent.
    pub content_md5: Option<&'a str>,
}

impl HeaderSignature<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        join([
            Some(self.method),
            Some(self.uri),
            Some(self.date),
            self.content_md5,
        ])
    }

    /// 28 characters of Base64.
    pub fn sign(&self, key: &PasswordMd5) -> String {
        hmac(key, &self.string_to_sign())
    }

    /// Whether the given signature is that of this request.
    pub fn verify(&self, key: &PasswordMd5, given: &str) -> bool {
        same(&self.sign(key), given)
    }
}
