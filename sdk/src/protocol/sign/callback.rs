//! Signatures inside the results of legacy uploads and media tasks.
//!
//! Callbacks of current uploads and tasks carry a [`HeaderSignature`](super::HeaderSignature)
//! instead, with method POST and the path of the notify URL.

use super::{super::PasswordMd5, join, md5_hex, same_hex};

/// The members of an upload's result that the legacy `sign` and `no-sign` cover.
///
/// The values are plain, not URL-encoded.
#[derive(Clone, Copy, Debug)]
pub struct FormCallback<'a> {
    /// The member `code`.
    pub code: &'a str,
    /// The member `message`.
    pub message: &'a str,
    /// The member `url`.
    pub url: &'a str,
    /// The member `time`.
    pub time: &'a str,
    /// The member `ext-param`, if the upload had one. An empty one is an element of its own
    /// (`[choice F-35]`).
    pub ext_param: Option<&'a str>,
}

impl FormCallback<'_> {
    fn string_to_sign(&self, form_secret: Option<&str>) -> String {
        let head = join([
            Some(self.code),
            Some(self.message),
            Some(self.url),
            Some(self.time),
        ]);
        // `join` would leave an empty ext-param out.
        [form_secret, self.ext_param]
            .into_iter()
            .flatten()
            .fold(head, |text, element| text + "&" + element)
    }

    /// The member `sign`: `code & message & url & time & FORM_SECRET [& ext-param]`, MD5.
    pub fn sign(&self, form_secret: &str) -> String {
        md5_hex(&self.string_to_sign(Some(form_secret)))
    }

    /// The member `no-sign`, for results that came before the form secret was known
    /// (`[choice A-24]` for the place of ext-param).
    pub fn no_sign(&self) -> String {
        md5_hex(&self.string_to_sign(None))
    }

    /// Whether the given `sign` is that of this result.
    pub fn verify(&self, form_secret: &str, given: &str) -> bool {
        same_hex(&self.sign(form_secret), given)
    }
}

/// The legacy member `signature` of a media callback: the 16 digits in the middle of the MD5 of
/// `operator + PASSWORD_MD5 + task_id + timestamp`.
pub fn media_callback_legacy(
    operator: &str,
    task_id: &str,
    timestamp: &str,
    key: &PasswordMd5,
) -> String {
    md5_hex(&format!("{operator}{}{task_id}{timestamp}", key.reveal()))[8..24].to_owned()
}
