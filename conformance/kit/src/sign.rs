//! The signatures of the service, written a second time: the judge shares none with the judged.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use md5::{Digest as _, Md5};
use sha1::Sha1;

/// The MD5 as 32 lower-case hex digits.
pub fn md5(bytes: impl AsRef<[u8]>) -> String {
    let mut hex = String::with_capacity(32);
    for byte in Md5::digest(bytes.as_ref()) {
        for digit in [byte >> 4, byte & 15] {
            hex.push(char::from_digit(digit.into(), 16).unwrap_or('?'));
        }
    }
    hex
}

/// Standard Base64 with padding.
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// The Base64 of the HMAC-SHA1 whose key is the hex MD5 of the password.
pub fn hmac(password: &str, text: &str) -> String {
    STANDARD.encode(hmac_bytes(&md5(password), text))
}

/// The 20 bytes of the HMAC-SHA1 with this very key, for signatures that are wrong on purpose.
pub fn hmac_bytes(key: &str, text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha1>::new_from_slice(key.as_bytes());
    let mut mac = mac.expect("HMAC takes keys of every length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The value of `Authorization` over these parts, of which empty ones are left out.
pub fn upyun(operator: &str, password: &str, parts: &[&str]) -> String {
    let parts: Vec<_> = parts
        .iter()
        .copied()
        .filter(|part| !part.is_empty())
        .collect();
    format!("UPYUN {operator}:{}", hmac(password, &parts.join("&")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_upload() {
        let parts = [
            "PUT",
            "/upyun-temp/demo.jpg",
            "Wed, 09 Nov 2016 14:26:58 GMT",
            "7ac66c0f148de9519b8bd264312c4d64",
        ];
        assert_eq!(
            upyun("operator123", "password123", &parts),
            "UPYUN operator123:YUaAZX+WNAcJdNGHS5SBlITME5A=",
        );
    }

    #[test]
    fn the_documented_token() {
        let text = "PUT&/bucket/client_37ascii&1528531186";
        assert_eq!(hmac("password123", text), "P2UZNhjF+wB4MPq8ONSFU2aVW+8=");
    }
}
