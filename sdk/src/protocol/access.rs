//! Paths on access domains: a key, and perhaps a separator and what follows it.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Key, path};

/// What stays literal behind the separator. A plus sign does not: it may be taken for a blank.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'/')
    .remove(b',')
    .remove(b'=');

/// What stands between the key and what follows it; each service has its own.
///
/// The service divides a path at the first such character, however it is encoded. So no key may
/// have it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Separator {
    /// `!`, unless the service is set otherwise.
    #[default]
    Exclamation,
    /// `-`
    Hyphen,
    /// `_`
    Underscore,
}

impl Separator {
    /// The character.
    pub fn as_char(self) -> char {
        match self {
            Self::Exclamation => '!',
            Self::Hyphen => '-',
            Self::Underscore => '_',
        }
    }

    fn is_not_in(self, key: &Key) -> Result<(), AccessPathError> {
        if key.as_str().contains(self.as_char()) {
            return Err(AccessPathError::Separator {
                key: key.clone(),
                separator: self,
            });
        }
        Ok(())
    }
}

/// The path, encoded, of an object as it is stored.
///
/// # Errors
/// [`AccessPathError::Separator`].
pub fn path(key: &Key, separator: Separator) -> Result<String, AccessPathError> {
    separator.is_not_in(key)?;
    Ok(path::encode(key.as_str()))
}

/// The path, encoded, of an object that has a content secret.
///
/// ```
/// use upyun_client::protocol::access::{self, Separator};
///
/// let path = access::path_with_secret(&"/a.zip".parse()?, Separator::Underscore, "abc")?;
/// assert_eq!(path, "/a.zip_abc");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`AccessPathError::Secret`], [`AccessPathError::Separator`].
pub fn path_with_secret(
    key: &Key,
    separator: Separator,
    secret: &str,
) -> Result<String, AccessPathError> {
    if secret.is_empty() || !secret.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(AccessPathError::Secret);
    }
    path_with(key, separator, secret)
}

pub(super) fn path_with(
    key: &Key,
    separator: Separator,
    text: &str,
) -> Result<String, AccessPathError> {
    let mut path = path(key, separator)?;
    path.push(separator.as_char());
    path.extend(utf8_percent_encode(text, ENCODED));
    Ok(path)
}

/// Why there is no path to an object.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccessPathError {
    /// The service would divide the key.
    #[error(
        "the key {key} has `{}` in it, at which the service divides paths on access domains; \
         rename it",
        separator.as_char()
    )]
    Separator {
        /// The key.
        key: Key,
        /// What it has in it.
        separator: Separator,
    },
    /// The secret, which is not told, is not letters and digits.
    #[error("a content secret is letters and digits")]
    Secret,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::image::{ImageParams, ImageQuestion, TextWatermark};

    fn key(text: &str) -> Key {
        Key::parse(text).unwrap()
    }

    #[test]
    fn what_follows_is_encoded_where_it_must_be() {
        let builder = ImageParams::builder();
        let params = builder.watermark(TextWatermark::new("水印/测试>>?"));
        let params = params.build().unwrap();
        assert_eq!(
            params.path(&key("/a b+c.jpg"), Separator::Exclamation),
            Ok("/a%20b%2Bc.jpg!/watermark/text/5rC05Y2wL%2Ba1i%2BivlT4%2BPw==".to_owned())
        );
        let params = ImageParams::raw("/watermark/text/YT8|bz4|").unwrap();
        assert_eq!(
            params.path(&key("/a.jpg"), Separator::Hyphen),
            Ok("/a.jpg-/watermark/text/YT8%7Cbz4%7C".to_owned())
        );
        let version = ImageParams::version("小?#%").unwrap();
        assert_eq!(
            version.path(&key("/a.jpg"), Separator::Underscore),
            Ok("/a.jpg_%E5%B0%8F%3F%23%25".to_owned())
        );
        assert_eq!(
            ImageQuestion::Info.path(&key("/a.jpg"), Separator::Exclamation),
            Ok("/a.jpg!/info".to_owned())
        );
    }

    #[test]
    fn keys_with_the_separator_have_no_path() {
        assert!(path(&key("/a!b"), Separator::Exclamation).is_err());
        assert!(path(&key("/a!b/c"), Separator::Exclamation).is_err());
        assert_eq!(path(&key("/a!b"), Separator::Hyphen), Ok("/a%21b".into()));
        assert!(path_with_secret(&key("/a-b"), Separator::Hyphen, "s").is_err());
    }

    #[test]
    fn secrets_are_letters_and_digits() {
        let secret = |text| path_with_secret(&key("/a"), Separator::Exclamation, text);
        assert_eq!(secret("s3cret"), Ok("/a!s3cret".to_owned()));
        assert_eq!(secret("").unwrap_err(), AccessPathError::Secret);
        assert!(!secret("a/b").unwrap_err().to_string().contains("a/b"));
    }
}
