//! Callbacks that are not taken at first.

use std::time::{Duration, SystemTime};

use crate::{
    Context, Outcome,
    cases::support::task::is_signed,
    context::{Received, Receiver},
    failure::{Failure, holds, same},
};

/// The first waits between attempts, in minutes.
pub(crate) const WAITS: [u64; 3] = [1, 2, 5];

/// What a receiver that refuses the first attempts is told: the same after each wait, dated and
/// signed anew.
pub(crate) async fn is_tried_again(cx: &Context, receiver: &mut Receiver, uri: &str) -> Outcome {
    let first = receiver.next().await?;
    let mut last = date(&first)?;
    for minutes in WAITS {
        let wait = Duration::from_secs(minutes * 60);
        cx.advance(wait)?;
        let again = receiver.next().await?;
        is_signed(cx, &again, uri)?;
        same("the body", &again.body, &first.body)?;
        let dated = date(&again)?;
        let passed = dated.duration_since(last).unwrap_or_default();
        // Dates have no fractions of a second.
        holds(
            passed + Duration::from_secs(1) > wait,
            format!("{minutes} minutes between two attempts"),
            format!("{passed:?}"),
        )?;
        last = dated;
    }
    Ok(())
}

fn date(received: &Received) -> Result<SystemTime, Failure> {
    let date = received.header("date").unwrap_or_default();
    httpdate::parse_http_date(date)
        .map_err(|error| Failure::new("a Date", format!("{date:?}: {error}")))
}
