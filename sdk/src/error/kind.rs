//! The kinds of failures.

use crate::protocol::{ErrorCode, Family};

/// The kind of an [`Error`](crate::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The call was wrong; nothing was sent.
    Invalid,
    /// Something on this side could not be read or written: the file of an upload, the target of a
    /// download.
    Io,
    /// The signer gave no signature; nothing was sent to the service.
    Signing,
    /// No whole answer arrived. Unless [`is_connect`](crate::Error::is_connect), the service may
    /// have acted on the request.
    Transport,
    /// An answer arrived that is not the protocol.
    Malformed,
    /// The service has no such key.
    NotFound,
    /// The service does not accept the signature, or the operator may not do this; or a callback that
    /// was received is not the service's.
    Denied,
    /// What is there already forbids it: a folder where a file should go, or a folder that is not
    /// empty.
    Conflict,
    /// A conditional download, and the object is unchanged.
    NotModified,
    /// A conditional request, and the condition does not hold.
    Precondition,
    /// Too many requests.
    RateLimited,
    /// The service cannot now: its errors of class 5xx, and time-outs on its side.
    Unavailable,
    /// The service refused for another reason, which [`code`](crate::Error::code) tells.
    Refused,
}

impl ErrorKind {
    pub(crate) fn of_answer(status: u16, code: Option<ErrorCode>) -> Self {
        match code {
            Some(ErrorCode::FILE_NOT_FOUND) => return Self::NotFound,
            Some(ErrorCode::HAS_NO_PERMISSION_TO_DELETE) => return Self::Denied,
            Some(
                ErrorCode::DIR_NOT_ACCEPTABLE
                | ErrorCode::FOLDER_ALREADY_EXISTS
                | ErrorCode::DIRECTORY_NOT_EMPTY
                | ErrorCode::NOT_A_FILE
                | ErrorCode::FILE_ALREADY_UPLOAD,
            ) => return Self::Conflict,
            Some(code) if matches!(code.family(), Some(Family::Auth | Family::AuthToken)) => {
                return Self::Denied;
            }
            _ => {}
        }
        match (status, code) {
            (300..=399, _) => Self::Malformed,
            (401, _) | (403, None) => Self::Denied,
            (404, None) => Self::NotFound,
            (409, _) => Self::Conflict,
            (412, _) => Self::Precondition,
            (429, _) => Self::RateLimited,
            // 499 is what the service's front says when it gave up on the back.
            (408 | 499 | 500..=599, _) => Self::Unavailable,
            _ => Self::Refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(status: u16, code: u32, want: ErrorKind) {
        let code = (code != 0).then_some(ErrorCode::new(code));
        assert_eq!(ErrorKind::of_answer(status, code), want);
    }

    #[test]
    fn codes_before_statuses() {
        check(404, 40400001, ErrorKind::NotFound);
        check(404, 0, ErrorKind::NotFound);
        check(404, 40400002, ErrorKind::Refused);
        check(401, 40100005, ErrorKind::Denied);
        check(403, 40300011, ErrorKind::Denied);
        check(403, 40300005, ErrorKind::Conflict);
        check(403, 40300018, ErrorKind::Refused);
        check(406, 40600001, ErrorKind::Conflict);
        check(412, 41200001, ErrorKind::Precondition);
        check(429, 42900002, ErrorKind::RateLimited);
        check(502, 0, ErrorKind::Unavailable);
        check(301, 0, ErrorKind::Malformed);
    }
}
