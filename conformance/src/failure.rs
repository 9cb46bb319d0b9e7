//! Why a case did not pass.

use std::fmt;

/// What was expected, and what came instead.
///
/// The requests that led there are recorded by the [`Context`](crate::Context); a report shows
/// both.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected}, found {found}")]
pub struct Failure {
    /// What should have been, as a fragment: `status 200`.
    pub expected: String,
    /// What was.
    pub found: String,
    /// Whether the harness could not find out, rather than the target being wrong.
    pub is_harness: bool,
}

impl Failure {
    /// The target did something else.
    pub fn new(expected: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            expected: expected.into(),
            found: found.into(),
            is_harness: false,
        }
    }

    /// Nothing can be said about the target: it cannot be reached, the budget is spent, the case
    /// itself is wrong.
    pub fn harness(wanted: impl Into<String>, why: impl fmt::Display) -> Self {
        Self {
            expected: wanted.into(),
            found: why.to_string(),
            is_harness: true,
        }
    }

    /// Says which of several similar steps it was.
    #[must_use]
    pub fn at(mut self, step: impl fmt::Display) -> Self {
        self.expected = format!("{step}: {}", self.expected);
        self
    }
}

impl From<upyun_client::Error> for Failure {
    fn from(error: upyun_client::Error) -> Self {
        let mut text = error.to_string();
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text = format!("{text}: {cause}");
            source = cause.source();
        }
        // Our own signer refuses only when the budget is spent.
        let is_harness = error.is_connect() || error.kind() == upyun_client::ErrorKind::Signing;
        Self {
            is_harness,
            ..Self::new("the SDK's call to succeed", text)
        }
    }
}

/// Fails unless the two are equal.
///
/// # Errors
/// `what` with both values.
pub fn same<T: fmt::Debug + PartialEq<U>, U: fmt::Debug>(
    what: &str,
    found: T,
    expected: U,
) -> Result<(), Failure> {
    if found == expected {
        return Ok(());
    }
    Err(Failure::new(
        format!("{what} {}", short(&expected)),
        short(&found),
    ))
}

/// Fails unless it holds; `expected` is a fragment: `the etag to change`.
///
/// # Errors
/// `expected` with what was found.
pub fn holds(
    is_so: bool,
    expected: impl Into<String>,
    found: impl fmt::Debug,
) -> Result<(), Failure> {
    if is_so {
        return Ok(());
    }
    Err(Failure::new(expected, short(&found)))
}

fn short(value: &impl fmt::Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(300) {
        Some((at, _)) => format!("{}… ({} bytes)", &text[..at], text.len()),
        None => text,
    }
}
