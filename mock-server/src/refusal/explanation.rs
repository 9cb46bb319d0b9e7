//! What we tell the person who asks why a request was refused.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a request was refused, and what to do about it.
///
/// Never holds a password or its MD5: the legacy strings-to-sign are masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Explanation {
    /// The likeliest cause, in a sentence or two.
    pub cause: String,
    /// What to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// What the server signed, or would have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub string_to_sign: Option<String>,
    /// What the client seems to have signed, if a known mistake explains its signature.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_signed: Option<String>,
    /// The signature that the client sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent: Option<String>,
}

impl Explanation {
    /// An explanation that is only a cause.
    pub fn new(cause: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            remedy: None,
            string_to_sign: None,
            client_signed: None,
            sent: None,
        }
    }

    /// With a word about the emulator's clock, which was moved as the sentence says.
    #[must_use]
    pub(crate) fn with_moved_clock(mut self, moved: &str) -> Self {
        self.cause = format!("{} {moved}", self.cause).trim_start().to_owned();
        let undo = "bring the system's time back by POST /_mock/clock/reset, or sign with the time of \
                    GET /_mock/clock";
        self.remedy = Some(match self.remedy {
            Some(remedy) => format!("{undo}; otherwise: {remedy}"),
            None => format!("{undo}."),
        });
        self
    }

    /// With what to change.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}

impl<T: Into<String>> From<T> for Explanation {
    fn from(cause: T) -> Self {
        Self::new(cause)
    }
}

/// One paragraph.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.cause)?;
        let mut separator = " In detail: ";
        for (label, text) in [
            ("the server signed", &self.string_to_sign),
            ("the client signed", &self.client_signed),
            ("the client sent", &self.sent),
        ] {
            if let Some(text) = text {
                write!(f, "{separator}{label} {text:?}")?;
                separator = "; ";
            }
        }
        if separator == "; " {
            f.write_str(".")?;
        }
        if let Some(remedy) = &self.remedy {
            write!(f, " Remedy: {remedy}")?;
        }
        Ok(())
    }
}
