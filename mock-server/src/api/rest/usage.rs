//! Usage: GET with `?usage`.

use axum::response::Response;

use super::call::Call;
use crate::{api::answer::text_answer, auth::Action, refusal::Refusal};

pub(super) async fn get(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Read)?;
    let bytes = service.usage(&key).await?;
    // Nothing but the number: one official client parses the body strictly.
    Ok(text_answer(bytes.to_string(), "text/plain; charset=utf-8"))
}
