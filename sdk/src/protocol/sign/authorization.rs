//! The `Authorization` header, taken apart and put together.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::STANDARD};

/// An `Authorization` header value, or the form field of that name.
///
/// The scheme word is compared without regard to case. HMAC and MD5 are told apart by the form of
/// the credential alone: exactly 32 hex digits are an MD5 (`[choice A-1]`).
#[derive(Clone, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// `Basic base64(operator:password)`.
    Basic {
        /// Who asks.
        operator: String,
        /// The plain password.
        password: String,
    },
    /// `UPYUN <operator>:<base64>`: a header signature, a token, or a FORM signature.
    Hmac {
        /// Who asks.
        operator: &'a str,
        /// What should be 28 characters of Base64.
        signature: &'a str,
    },
    /// `UpYun <operator>:<32 hex>`: the legacy signature.
    Md5 {
        /// Who asks.
        operator: &'a str,
        /// 32 hex digits of either case.
        signature: &'a str,
    },
}

impl<'a> Authorization<'a> {
    /// Takes a header value apart.
    ///
    /// # Errors
    /// [`AuthorizationError`] says whether the scheme or the credential is at fault.
    pub fn parse(value: &'a str) -> Result<Self, AuthorizationError> {
        let (scheme, credential) = split_scheme(value)?;
        if scheme.eq_ignore_ascii_case("basic") {
            let plain = STANDARD
                .decode(credential)
                .ok()
                .and_then(|bytes| String::from_utf8(bytes).ok())
                .ok_or(AuthorizationError::MalformedCredential)?;
            let (operator, password) = split_operator(&plain)?;
            return Ok(Self::Basic {
                operator: operator.into(),
                password: password.into(),
            });
        }
        let (operator, signature) = split_operator(credential)?;
        if signature.len() == 32 && signature.bytes().all(|b| b.is_ascii_hexdigit()) {
            Ok(Self::Md5 {
                operator,
                signature,
            })
        } else {
            Ok(Self::Hmac {
                operator,
                signature,
            })
        }
    }

    /// Takes the three-field value of cache refresh apart: service, operator, signature.
    ///
    /// # Errors
    /// A value that is not of three fields is of an unknown realm (`[choice P-7]`).
    pub fn parse_purge(value: &'a str) -> Result<(&'a str, &'a str, &'a str), AuthorizationError> {
        let (scheme, credential) = split_scheme(value)?;
        let fields: Vec<&str> = credential.split(':').collect();
        match fields[..] {
            [service, operator, signature] if scheme.eq_ignore_ascii_case("upyun") => {
                Ok((service, operator, signature))
            }
            _ => Err(AuthorizationError::UnknownScheme),
        }
    }

    /// The operator who is named.
    pub fn operator(&self) -> &str {
        match self {
            Self::Basic { operator, .. } => operator,
            Self::Hmac { operator, .. } | Self::Md5 { operator, .. } => operator,
        }
    }
}

impl fmt::Debug for Authorization<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Basic { operator, .. } => write!(f, "Basic {operator}:***"),
            Self::Hmac {
                operator,
                signature,
            }
            | Self::Md5 {
                operator,
                signature,
            } => {
                write!(f, "UPYUN {operator}:{signature}")
            }
        }
    }
}

/// Surrounding white space is ignored, one space follows the scheme (`[choice A-2]`).
fn split_scheme(value: &str) -> Result<(&str, &str), AuthorizationError> {
    let value = value.trim();
    let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
    let known = ["basic", "upyun"]
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known));
    if known {
        Ok((scheme, credential))
    } else {
        Err(AuthorizationError::UnknownScheme)
    }
}

fn split_operator(credential: &str) -> Result<(&str, &str), AuthorizationError> {
    match credential.split_once(':') {
        Some((operator, rest)) if !operator.is_empty() && !rest.is_empty() => Ok((operator, rest)),
        _ => Err(AuthorizationError::MalformedCredential),
    }
}

/// What is wrong with an `Authorization` value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizationError {
    /// The first word is neither `UPYUN` nor `Basic`.
    #[error("the scheme is neither `UPYUN` nor `Basic`")]
    UnknownScheme,
    /// The second word is not `operator:signature` (or, for Basic, not the Base64 of
    /// `operator:password`, `[choice A-10]`).
    #[error("the credential is not `operator:signature`")]
    MalformedCredential,
}

/// The header value `UPYUN <operator>:<signature>`.
pub fn upyun(operator: &str, signature: &str) -> String {
    format!("UPYUN {operator}:{signature}")
}

/// The header value `Basic base64(operator:password)`.
///
/// ```
/// use upyun_client::protocol::sign::basic;
///
/// assert_eq!(basic("operator", "password"), "Basic b3BlcmF0b3I6cGFzc3dvcmQ=");
/// ```
pub fn basic(operator: &str, password: &str) -> String {
    format!(
        "Basic {}",
        STANDARD.encode(format!("{operator}:{password}"))
    )
}

#[cfg(test)]
mod tests {
    use super::{Authorization::*, AuthorizationError::*, *};

    #[track_caller]
    fn check(value: &str, want: Result<Authorization<'_>, AuthorizationError>) {
        assert_eq!(Authorization::parse(value), want, "{value}");
    }

    #[test]
    fn schemes_in_any_case() {
        let hex = "03db45e2904663c5c9305a9c6ed62af3";
        check(
            "UpYun op:abc=",
            Ok(Hmac {
                operator: "op",
                signature: "abc=",
            }),
        );
        check(
            &format!(" upyun op:{hex} "),
            Ok(Md5 {
                operator: "op",
                signature: hex,
            }),
        );
        check(
            "bAsIc b3A6cHc=",
            Ok(Basic {
                operator: "op".into(),
                password: "pw".into(),
            }),
        );
        check("Bearer abc", Err(UnknownScheme));
        check("", Err(UnknownScheme));
    }

    #[test]
    fn credentials_have_two_parts() {
        check("UPYUN", Err(MalformedCredential));
        check("UPYUN op", Err(MalformedCredential));
        check("UPYUN op:", Err(MalformedCredential));
        check("UPYUN :x", Err(MalformedCredential));
        check(
            "UPYUN a:b:c",
            Ok(Hmac {
                operator: "a",
                signature: "b:c",
            }),
        );
        check("Basic !!!", Err(MalformedCredential));
        check("Basic b3A=", Err(MalformedCredential));
    }

    #[test]
    fn purge_has_three() {
        assert_eq!(
            Authorization::parse_purge("UpYun s:o:x"),
            Ok(("s", "o", "x"))
        );
        assert_eq!(Authorization::parse_purge("UpYun o:x"), Err(UnknownScheme));
        assert_eq!(
            Authorization::parse_purge("Basic s:o:x"),
            Err(UnknownScheme)
        );
    }

    #[test]
    fn debug_hides_the_password() {
        let basic = basic("op", "secret");
        let shown = format!("{:?}", Authorization::parse(&basic));
        assert_eq!(shown, "Ok(Basic op:***)");
    }
}
