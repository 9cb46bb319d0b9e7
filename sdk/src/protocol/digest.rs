//! MD5 as the protocol writes it, and the password's MD5 as a secret.

use std::{fmt, str::FromStr};

use md5::{Digest, Md5};
use subtle::ConstantTimeEq;

/// An MD5, written as 32 lower-case hex digits; never Base64, also not in `Content-MD5`.
///
/// Parsing accepts upper case too (`[choice H-4]`).
///
/// ```
/// use upyun_client::protocol::Md5Digest;
///
/// let md5 = Md5Digest::of(b"hello");
/// assert_eq!(md5.to_string(), "5d41402abc4b2a76b9719d911017c592");
/// assert_eq!("5D41402ABC4B2A76B9719D911017C592".parse(), Ok(md5));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Md5Digest([u8; 16]);

impl Md5Digest {
    /// The MD5 of these bytes.
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(Md5::digest(bytes.as_ref()).into())
    }

    /// An MD5 that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The 16 raw bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// The 32 digits as ASCII bytes.
    pub fn to_hex(self) -> [u8; 32] {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut hex = [0; 32];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        hex
    }
}

impl FromStr for Md5Digest {
    type Err = NotMd5;

    fn from_str(hex: &str) -> Result<Self, NotMd5> {
        let digits = hex.as_bytes();
        if digits.len() != 32 {
            return Err(NotMd5);
        }
        let digit = |b: u8| (b as char).to_digit(16).map(|d| d as u8).ok_or(NotMd5);
        let mut bytes = [0; 16];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Ok(Self(bytes))
    }
}

impl fmt::Display for Md5Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = self.to_hex();
        f.pad(std::str::from_utf8(&hex).expect("hex digits are ASCII"))
    }
}

impl fmt::Debug for Md5Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Md5Digest({self})")
    }
}

/// The text is not 32 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an MD5 is 32 hex digits")]
pub struct NotMd5;

/// The MD5 of an operator's password: the key of every operator signature.
///
/// Whoever has it can sign, so it is as secret as the password: `Debug` prints `***`.
///
/// ```
/// use upyun_client::protocol::PasswordMd5;
///
/// let key = PasswordMd5::of("password123");
/// assert_eq!(key.reveal(), "482c811da5d5b4bc6d497ffa98491e38");
/// assert_eq!(format!("{key:?}"), "PasswordMd5(***)");
/// ```
#[derive(Clone)]
pub struct PasswordMd5([u8; 32]);

impl PasswordMd5 {
    /// From the plain password.
    pub fn of(password: &str) -> Self {
        Self(Md5Digest::of(password).to_hex())
    }

    /// From the MD5 that a console or another client shows.
    ///
    /// # Errors
    /// [`NotMd5`] unless the text is 32 hex digits.
    pub fn from_hex(hex: &str) -> Result<Self, NotMd5> {
        Ok(Self(hex.parse::<Md5Digest>()?.to_hex()))
    }

    /// The 32 lower-case digits.
    pub fn reveal(&self) -> &str {
        std::str::from_utf8(&self.0).expect("hex digits are ASCII")
    }
}

impl PartialEq for PasswordMd5 {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for PasswordMd5 {}

impl fmt::Debug for PasswordMd5 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordMd5(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_32_hex_digits_are_an_md5() {
        for bad in [
            "",
            "5d41402abc4b2a76b9719d911017c59",
            "XUFAKrxLKna5cZ2REBfFkg==",
            "é",
        ] {
            assert_eq!(bad.parse::<Md5Digest>(), Err(NotMd5), "{bad}");
        }
        assert_eq!("g".repeat(32).parse::<Md5Digest>(), Err(NotMd5));
    }
}
