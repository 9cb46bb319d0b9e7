//! Change metadata: PATCH.

use axum::response::Response;
use upyun_client::protocol::{Directive, ErrorCode};

use super::call::{Call, not_that_kind};
use crate::{
    api::{
        answer::ok,
        metadata::{Metadata, change_metadata},
    },
    auth::Action,
    refusal::Refusal,
    store::{Entry, Touch},
};

pub(super) async fn patch(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Write)?;
    let directive = match call.query("metadata") {
        None | Some("") => Directive::Merge,
        Some(word) => word
            .parse()
            .ok()
            .filter(|word| *word != Directive::Copy)
            .ok_or_else(|| {
                Refusal::new(ErrorCode::WRONG_METADATA_DIRECTIVE).because(format!(
                    "The parameter metadata is {word:?}; it is merge, replace or delete."
                ))
            })?,
    };
    let touch = match call.query("update_last_modified") {
        None | Some("false") => Touch::No,
        Some("true") => Touch::Yes,
        Some(other) => {
            return Err(
                Refusal::new(ErrorCode::INVALID_UPDATE_TIME).because(format!(
                    "update_last_modified is {other:?}; it is true or false."
                )),
            );
        }
    };
    let change = match directive {
        Directive::Delete => Metadata::names_of(call.headers())?,
        _ => Metadata::of(call.headers())?,
    };
    if change.is_empty() {
        return Err(Refusal::new(ErrorCode::NEED_METADATA)
            .because("The request has no x-upyun-meta-* header."));
    }
    if call.path.has_trailing_slash()
        && let Entry::File(_) = service.entry(&key).await?
    {
        return Err(not_that_kind(&call, "file"));
    }
    let now = call.app.clock.unix();
    service
        .update(&key, touch, move |attributes| {
            change_metadata(attributes, directive, &change, now)
        })
        .await?;
    Ok(ok())
}
