//! MD5 signatures of older clients: REST, media tasks, block upload.

use super::{super::PasswordMd5, MASK, join, md5_hex, same_hex};

/// `METHOD & URI & DATE & CONTENT_LENGTH & PASSWORD_MD5`, MD5.
///
/// `Content-MD5` is not signed. The length is that of the `Content-Length` header, and 0 for a
/// request without a body or with a chunked one (`[choice A-17]`).
///
/// ```
/// use upyun_client::protocol::{PasswordMd5, sign::LegacySignature};
///
/// let request = LegacySignature {
///     method: "GET",
///     uri: "/bucket/sub",
///     date: "Wed, 29 Oct 2014 02:26:58 GMT",
///     content_length: 0,
/// };
/// assert_eq!(request.sign(&PasswordMd5::of("password")), "03db45e2904663c5c9305a9c6ed62af3");
/// assert_eq!(
///     request.masked_string_to_sign(),
///     "GET&/bucket/sub&Wed, 29 Oct 2014 02:26:58 GMT&0&***",
/// );
/// ```
#[derive(Clone, Copy, Debug)]
pub struct LegacySignature<'a> {
    /// The request method, upper case.
    pub method: &'a str,
    /// The percent-encoded path as sent; a verifier tries it with and without the query.
    pub uri: &'a str,
    /// The text of the date header as sent.
    pub date: &'a str,
    /// The `Content-Length`, in bytes.
    pub content_length: u64,
}

impl LegacySignature<'_> {
    fn string_to_sign(&self, secret: &str) -> String {
        let length = self.content_length.to_string();
        join([
            Some(self.method),
            Some(self.uri),
            Some(self.date),
            Some(&length),
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
}

/// The legacy signature of media tasks: `operator + kv + PASSWORD_MD5`, MD5.
///
/// `kv` is the parameters, sorted by name, name and value run together without separators. Values
/// are decoded; a parameter called `signature` is left out.
pub fn media_legacy<'a>(
    operator: &str,
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    key: &PasswordMd5,
) -> String {
    md5_hex(&format!(
        "{operator}{}{}",
        run_together(parameters),
        key.reveal()
    ))
}

/// The second signature variant of the legacy block upload: sorted parameters, then the secret.
///
/// The secret is the form secret for the first step and the token secret afterwards.
pub fn block_legacy<'a>(
    parameters: impl IntoIterator<Item = (&'a str, &'a str)>,
    secret: &str,
) -> String {
    md5_hex(&format!("{}{secret}", run_together(parameters)))
}

fn run_together<'a>(parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut parameters: Vec<_> = parameters
        .into_iter()
        .filter(|(name, _)| *name != "signature")
        .collect();
    parameters.sort_unstable();
    parameters
        .into_iter()
        .flat_map(|(name, value)| [name, value])
        .collect()
}
