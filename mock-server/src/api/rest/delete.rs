//! Delete a file or an empty folder: DELETE.

use std::time::Duration;

use axum::response::Response;
use upyun_client::protocol::header as names;

use super::{Call, kind, ok};
use crate::{
    auth::Action,
    mutant::{self, Mutant},
    refusal::Refusal,
};

/// How long an asynchronous deletion takes (`[choice R-45]`).
const DELAY: Duration = Duration::from_secs(1);

pub(super) async fn delete(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Delete)?;
    let later = call
        .header(names::X_UPYUN_ASYNC)
        .is_some_and(|value| value.eq_ignore_ascii_case("true"))
        && !mutant::is(Mutant::LateDeletionsAreNotLate);
    if later && mutant::is(Mutant::LateDeletionsAreLost) {
        return Ok(ok());
    }
    if later {
        service.delete_later(&key, kind(&call), call.app.clock.now() + DELAY)?;
    } else if let Some(late) = call.trace.visible_after {
        service.entry(&key).await?;
        service.delete_later(&key, kind(&call), call.app.clock.now() + late)?;
    } else {
        let deleted = service.delete(&key, kind(&call)).await;
        if !mutant::is(Mutant::DeletingNothingSucceeds) {
            deleted?;
        }
    }
    Ok(ok())
}
