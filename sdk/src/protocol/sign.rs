//! Every signature of the protocol, made and verified.
//!
//! | on the wire | used for | here |
//! |---|---|---|
//! | `Authorization: Basic <base64>` | REST | [`basic()`] |
//! | `Authorization: UPYUN <op>:<28 chars>` | REST, asynchronous tasks, callbacks | [`HeaderSignature`] |
//! | the same with `X-Upyun-Uri-Prefix` or `-Postfix` | REST, delegated | [`TokenSignature`] |
//! | `Authorization: UpYun <op>:<32 hex>` | REST, legacy | [`LegacySignature`] |
//! | body field `authorization` | FORM uploads | [`FormSignature`] |
//! | body field `signature` | FORM uploads, legacy | [`form_legacy()`] |
//! | `Authorization: UpYun <service>:<op>:<32 hex>` | cache refresh | [`PurgeSignature`] |
//! | `sign`, `no-sign` in results of legacy uploads | callbacks | [`FormCallback`] |
//! | `UpYun <op>:<32 hex>` on p0 | media tasks, legacy | [`media_legacy()`], [`media_callback_legacy()`] |
//! | `_upt` | access domains | [`CdnToken`] |
//!
//! Elements are joined with `&`; an absent or empty one is left out together with its `&`. The key
//! is always the [`PasswordMd5`], never the password. HMAC results are the padded Base64 of the raw
//! 20 bytes. Verifiers compare in constant time: Base64 exactly, hex without regard to case
//! (`[choice A-3]`).
//!
//! The legacy strings-to-sign end in the password's MD5. What these types show of them is masked.

mod authorization;
mod callback;
mod cdn;
mod form;
mod header;
mod legacy;
mod purge;
mod token;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

pub use authorization::{Authorization, AuthorizationError, basic, upyun};
pub use callback::{FormCallback, media_callback_legacy};
pub use cdn::CdnToken;
pub use form::{FormSignature, encode_policy, form_legacy};
pub use header::HeaderSignature;
pub use legacy::{LegacySignature, block_legacy, media_legacy};
pub use purge::PurgeSignature;
pub use token::TokenSignature;

use super::{Md5Digest, PasswordMd5};

/// What stands for a password's MD5 in a string-to-sign that is shown to a person.
pub const MASK: &str = "***";

/// The padded Base64 of the HMAC-SHA1 of any text: the whole of remote signing for mini-programs,
/// and the last step of every current signature.
///
/// ```
/// use upyun_client::protocol::{PasswordMd5, sign};
///
/// let data = "POST&/bkt&Tue, 24 Nov 2026 00:00:00 GMT&e30=";
/// assert_eq!(sign::hmac(&PasswordMd5::of("pw"), data), "iULjxMdAHjHK+ipbmLyVdrkhc2k=");
/// ```
pub fn hmac(key: &PasswordMd5, text: &str) -> String {
    let mut mac =
        Hmac::<Sha1>::new_from_slice(key.reveal().as_bytes()).expect("any length is a key");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Compares a given signature with the right one, without telling by the time taken how much fits.
fn same(right: &str, given: &str) -> bool {
    right.as_bytes().ct_eq(given.as_bytes()).into()
}

/// As [`same`], for hex digits of either case.
fn same_hex(right: &str, given: &str) -> bool {
    same(right, &given.to_ascii_lowercase())
}

/// `&` between the elements that are there.
fn join<'a>(elements: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let mut joined = String::with_capacity(128);
    for element in elements
        .into_iter()
        .flatten()
        .filter(|element| !element.is_empty())
    {
        if !joined.is_empty() {
            joined.push('&');
        }
        joined.push_str(element);
    }
    joined
}

fn md5_hex(text: &str) -> String {
    Md5Digest::of(text).to_string()
}
