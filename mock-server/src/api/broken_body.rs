//! Bodies that end in an error.

use std::{error::Error, io};

use upyun_client::protocol::ErrorCode;

/// The code that refuses a body which could not be read: malformed chunks are the client's mistake
/// (`[choice H-9]`), everything else is a client that stopped sending.
pub(super) fn code(error: &(dyn Error + 'static)) -> ErrorCode {
    let causes = std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| {
        (*error).source()
    });
    let is_malformed = causes
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| {
            matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
            )
        });
    if is_malformed {
        ErrorCode::CLIENT_ERROR
    } else {
        ErrorCode::READ_CLIENT_REQUEST_TIMEOUT
    }
}
