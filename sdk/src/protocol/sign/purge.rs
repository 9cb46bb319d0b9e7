//! The signature of cache refresh.

use super::{super::PasswordMd5, MASK, join, md5_hex, same_hex};

/// `PURGE & SERVICE & DATE & PASSWORD_MD5`, MD5.
///
/// Sent as `Authorization: UpYun <service>:<operator>:<signature>`.
#[derive(Clone, Copy, Debug)]
pub struct PurgeSignature<'a> {
    /// The decoded value of the form field `purge`, with its final line feed if it has one.
    pub purge: &'a str,
    /// The service whose domains are refreshed.
    pub service: &'a str,
    /// The text of the date header as sent.
    pub date: &'a str,
}

impl PurgeSignature<'_> {
    fn string_to_sign(&self, secret: &str) -> String {
        join([
            Some(self.purge),
            Some(self.service),
            Some(self.date),
            Some(secret),
        ])
    }

    /// The text that is signed, with `***` for the password's MD5.
    pub fn masked_string_to_sign(&self) -> String {
        self.string_to_sign(MASK)
    }

    /// 32 hex digits.
    pub fn sign(&self, key: &PasswordMd5) -> String {
        md5_hex(&self.string_to_sign(key.reveal()))
    }

    /// Whether the given signature is that of this request.
    pub fn verify(&self, key: &PasswordMd5, given: &str) -> bool {
        same_hex(&self.sign(key), given)
    }

    /// The value of the `Authorization` header.
    pub fn authorization(&self, operator: &str, key: &PasswordMd5) -> String {
        format!("UpYun {}:{operator}:{}", self.service, self.sign(key))
    }
}
