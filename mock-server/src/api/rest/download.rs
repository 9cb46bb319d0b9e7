//! Download, and the list of a folder: GET.

use axum::response::Response;

use super::{
    call::{Call, kind, not_that_kind},
    list,
};
use crate::{
    api::content::download,
    auth::Action,
    operation::OperationName,
    refusal::Refusal,
    store::{Kind, Opened},
};

pub(super) async fn get(call: Call<'_>) -> Result<Response, Refusal> {
    let (service, key) = call.admit(Action::Read)?;
    match (service.open(&key).await?, kind(&call)) {
        (Opened::File(_), Kind::Folder) => Err(not_that_kind(&call, "file")),
        (Opened::Folder(_), Kind::File) => Err(not_that_kind(&call, "folder")),
        (Opened::Folder(_), _) => {
            call.trace.operation = Some(OperationName::List);
            list::folder(call.headers(), &service, &key).await
        }
        (Opened::File(object), _) => download(object, call.headers()),
    }
}
