//! Tokens: a delegated credential for all URIs with a given beginning or end.

use super::{super::PasswordMd5, hmac, join, same};

/// `METHOD [& PREFIX] [& POSTFIX] & EXPIRE`, HMAC-SHA1.
///
/// Sent as `Authorization: UPYUN <op>:<token>` with the headers `X-Upyun-Uri-Prefix`,
/// `X-Upyun-Uri-Postfix` (at least one of the two) and `X-Upyun-Expire`.
///
/// ```
/// use upyun_client::protocol::{PasswordMd5, sign::TokenSignature};
///
/// let token = TokenSignature {
///     method: "PUT",
///     prefix: Some("/bucket/client_37ascii"),
///     postfix: None,
///     expire: "1528531186",
/// };
/// assert_eq!(token.sign(&PasswordMd5::of("password123")), "P2UZNhjF+wB4MPq8ONSFU2aVW+8=");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct TokenSignature<'a> {
    /// The request method, upper case.
    pub method: &'a str,
    /// What the percent-encoded path must begin with: `/<service>` and any more.
    pub prefix: Option<&'a str>,
    /// What the percent-encoded path must end with.
    pub postfix: Option<&'a str>,
    /// Unix seconds after which the token is void, as sent.
    pub expire: &'a str,
}

impl TokenSignature<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        join([
            Some(self.method),
            self.prefix,
            self.postfix,
            Some(self.expire),
        ])
    }

    /// 28 characters of Base64.
    pub fn sign(&self, key: &PasswordMd5) -> String {
        hmac(key, &self.string_to_sign())
    }

    /// Whether the given token is this one.
    pub fn verify(&self, key: &PasswordMd5, given: &str) -> bool {
        same(&self.sign(key), given)
    }
}
