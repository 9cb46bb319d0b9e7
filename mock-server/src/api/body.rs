//! Bodies of requests: read piece by piece, read on after a refusal, or broken off.

use std::{error::Error, io, time::Duration};

use axum::body::Body;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use upyun_client::protocol::ErrorCode;

use super::{app::App, trace::Trace};
use crate::refusal::Refusal;

/// The next bytes of the body; `None` at its end.
pub(super) async fn next_chunk(
    app: &App,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Option<Bytes>, Refusal> {
    let limit = app.settings.limits.body_timeout;
    loop {
        let frame = tokio::time::timeout(limit, body.frame()).await;
        let frame = match frame {
            Err(_) => {
                let code = ErrorCode::READ_CLIENT_REQUEST_TIMEOUT;
                return Err(gave_up(code, "no byte of the body came in time"));
            }
            Ok(None) => return Ok(None),
            Ok(Some(Err(error))) => {
                return Err(gave_up(refusing_code(&error), &error.to_string()));
            }
            Ok(Some(Ok(frame))) => frame,
        };
        if let Ok(data) = frame.into_data() {
            trace.received(&data);
            return Ok(Some(data));
        }
    }
}

fn gave_up(code: ErrorCode, why: &str) -> Refusal {
    Refusal::new(code).because(format!("The body ended early, nothing was stored: {why}."))
}

/// The code that refuses a body which could not be read: malformed chunks are the client's mistake
/// (`[choice H-9]`), everything else is a client that stopped sending.
pub(super) fn refusing_code(error: &(dyn Error + 'static)) -> ErrorCode {
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

/// The most that is read of a body that is not needed.
const DRAIN_BYTES: usize = 64 * 1024 * 1024;
const DRAIN_TIME: Duration = Duration::from_secs(5);

/// Reads on while the answer is sent (`[choice A-30]`): closing a socket with unread data in it
/// would reset the connection, and many clients would report that instead of the refusal.
pub(super) async fn drain(mut body: Body) {
    let read_on = async {
        let mut left = DRAIN_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            match left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) {
                Some(less) => left = less,
                None => return,
            }
        }
    };
    // Nothing waits for the end of it.
    let _ = tokio::time::timeout(DRAIN_TIME, read_on).await;
}
