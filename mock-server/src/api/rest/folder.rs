//! Make a folder: POST or PUT with `folder: true`.

use axum::response::Response;
use upyun_client::protocol::{ErrorCode, header as names};

use super::call::Call;
use crate::{api::answer::ok, auth::Action, refusal::Refusal};

pub(super) async fn make(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Write)?;
    if let Some(value) = call.headers().get(names::FOLDER)
        && !value.as_bytes().eq_ignore_ascii_case(b"true")
    {
        return Err(
            Refusal::new(ErrorCode::FOLDER_ARGS_INVALID).because(format!(
                "The header folder is {value:?}; it is `true` or absent."
            )),
        );
    }
    service.make_folder(&key).await?;
    Ok(ok())
}
