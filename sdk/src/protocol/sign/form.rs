//! Signatures of FORM uploads, which travel in the body.

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{super::PasswordMd5, hmac, join, md5_hex, same};

/// `POST & URI [& DATE] & POLICY [& CONTENT-MD5]`, HMAC-SHA1: the field `authorization`.
///
/// Date and MD5 are the values of the policy's own keys `date` and `content-md5`; headers of these
/// names take no part. The 30-minute window does not apply, the policy's `expiration` does
/// (`[choice A-18]`).
#[derive(Clone, Copy, Debug)]
pub struct FormSignature<'a> {
    /// The path of the request line: `/<service>` or `/<service>/`, whichever is requested.
    pub uri: &'a str,
    /// The value of the policy key `date`.
    pub date: Option<&'a str>,
    /// The text of the field `policy`: see [`encode_policy`].
    pub policy: &'a str,
    /// The value of the policy key `content-md5`.
    pub content_md5: Option<&'a str>,
}

impl FormSignature<'_> {
    /// The text that is signed.
    pub fn string_to_sign(&self) -> String {
        join([
            Some("POST"),
            Some(self.uri),
            self.date,
            Some(self.policy),
            self.content_md5,
        ])
    }

    /// 28 characters of Base64.
    pub fn sign(&self, key: &PasswordMd5) -> String {
        hmac(key, &self.string_to_sign())
    }

    /// Whether the given signature is that of this form.
    pub fn verify(&self, key: &PasswordMd5, given: &str) -> bool {
        same(&self.sign(key), given)
    }
}

/// The field `policy`: the standard, padded Base64 of the JSON text, without line breaks.
pub fn encode_policy(json: &str) -> String {
    STANDARD.encode(json)
}

/// The legacy field `signature`: `POLICY & FORM_SECRET`, MD5. The secret belongs to the service.
pub fn form_legacy(policy: &str, form_secret: &str) -> String {
    md5_hex(&join([Some(policy), Some(form_secret)]))
}
