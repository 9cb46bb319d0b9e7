//! The error table: code ↔ status ↔ message.
//!
//! The service's errors are numbers of eight digits whose first three are the HTTP status. An
//! answer carries the number in `X-Error-Code` and, but for HEAD, a JSON body
//! `{"msg":…,"code":…,"id":…}` whose `id` equals `X-Request-Id` (`[choice E-1]`).
//!
//! Match on codes, never on texts: two pairs of codes share a text, and two texts are misspelt.

mod table;

use std::fmt;

use serde::{Deserialize, Serialize};

/// A code of the service's error table, or one that the table does not know.
///
/// ```
/// use upyun_client::protocol::ErrorCode;
///
/// let code = ErrorCode::FILE_NOT_FOUND;
/// assert_eq!(code.as_u32(), 40400001);
/// assert_eq!(code.status(), 404);
/// assert_eq!(code.message(), Some("file or directory not found"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ErrorCode(u32);

impl ErrorCode {
    /// The code with this number, whether the table has it or not.
    pub const fn new(code: u32) -> Self {
        Self(code)
    }

    /// The eight digits.
    pub const fn as_u32(self) -> u32 {
        self.0
    }

    /// The HTTP status: the first three digits.
    pub const fn status(self) -> u16 {
        (self.0 / 100_000) as u16
    }

    /// The text on the wire; `None` for a number that the table does not have.
    pub fn message(self) -> Option<&'static str> {
        self.row().map(|row| row.message)
    }

    /// Which operations return it; `None` for a number that the table does not have.
    pub fn family(self) -> Option<Family> {
        self.row().map(|row| row.family)
    }

    /// Every code of the table, by number.
    pub fn all() -> impl ExactSizeIterator<Item = Self> {
        table::ROWS.iter().map(|row| row.code)
    }

    /// Whether the same request may succeed later: rate limits, time-outs and server errors.
    pub const fn is_retryable(self) -> bool {
        matches!(self.status(), 408 | 429 | 500..=599)
    }

    fn row(self) -> Option<&'static Row> {
        let at = table::ROWS
            .binary_search_by_key(&self, |row| row.code)
            .ok()?;
        Some(&table::ROWS[at])
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ErrorCode({}, {:?})",
            self.0,
            self.message().unwrap_or("not in the table")
        )
    }
}

/// The operations that a code belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[expect(missing_docs, reason = "each is the name of an operation")]
pub enum Family {
    Any,
    Append,
    Auth,
    AuthToken,
    BlockUpload,
    Cdn,
    CopyMove,
    Delete,
    Download,
    Form,
    FormApps,
    Image,
    List,
    Media,
    Metadata,
    Mkdir,
    Multipart,
    Path,
    Purge,
    Rate,
    Rmdir,
    Server,
    Storage,
    Tasks,
    Upload,
}

#[derive(Clone, Copy, Debug)]
struct Row {
    code: ErrorCode,
    family: Family,
    message: &'static str,
}

/// The JSON body of an error, as the service writes it.
///
/// ```
/// use upyun_client::protocol::{ErrorBody, ErrorCode};
///
/// let body = ErrorBody::new(ErrorCode::FILE_NOT_FOUND, "11e4a729d24943409933a5e8314cd32e");
/// assert_eq!(
///     body.to_json(),
///     r#"{"msg":"file or directory not found","code":40400001,"id":"11e4a729d24943409933a5e8314cd32e"}"#,
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// The text of the table.
    pub msg: String,
    /// The number.
    pub code: ErrorCode,
    /// The request id, 32 lower-case hex digits.
    #[serde(default)]
    pub id: String,
}

impl ErrorBody {
    /// The body for a code of the table.
    pub fn new(code: ErrorCode, request_id: &str) -> Self {
        let msg = code.message().unwrap_or("unknown error").to_owned();
        Self {
            msg,
            code,
            id: request_id.to_owned(),
        }
    }

    /// Compact JSON with the members in the service's order.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("strings and a number always serialise")
    }
}
