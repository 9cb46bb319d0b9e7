//! Delete a file or an empty folder: DELETE.

use std::time::Duration;

use axum::response::Response;
use upyun_client::protocol::header as names;

use super::call::{Call, kind};
use crate::{api::answer::ok, auth::Action, refusal::Refusal};

/// How long an asynchronous deletion takes (`[choice R-45]`).
const DELAY: Duration = Duration::from_secs(1);

pub(super) async fn delete(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Delete)?;
    let later = call
        .header(names::X_UPYUN_ASYNC)
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if later {
        service
            .delete_later(&key, kind(&call), call.app.clock.now() + DELAY)
            .await?;
    } else if let Some(late) = call.trace.visible_after {
        service.entry(&key).await?;
        service
            .delete_later(&key, kind(&call), call.app.clock.now() + late)
            .await?;
    } else {
        service.delete(&key, kind(&call)).await?;
    }
    Ok(ok())
}
