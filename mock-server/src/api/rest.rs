//! REST on v0…v3, one file an operation.

mod call;
mod copy_move;
mod delete;
mod download;
mod folder;
mod info;
mod list;
pub(super) mod multipart;
mod operation;
mod patch;
mod upload;
mod usage;

use axum::{body::Body, response::Response};
use http::{header, request::Parts};
use http_body::Body as _;
use upyun_client::protocol::{ErrorCode, path::RequestPath};

pub(super) use self::operation::named;
use self::{
    call::Call,
    operation::{Operation, operation},
};
use super::{app::App, body::drain, form, trace::Trace};
use crate::refusal::Refusal;

/// Serves a request to the storage hosts.
pub(super) async fn serve(
    app: &App,
    parts: &Parts,
    mut body: Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let answer = dispatch(app, parts, &mut body, trace).await;
    let waits_for_permission = parts.headers.contains_key(header::EXPECT);
    if !body.is_end_stream() && !waits_for_permission {
        tokio::spawn(drain(body));
    }
    answer
}

async fn dispatch(
    app: &App,
    parts: &Parts,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let path = RequestPath::parse(parts.uri.path().as_bytes())?;
    let Some(operation) = operation(parts, path.has_key()) else {
        return Err(Refusal::new(ErrorCode::METHOD_NOT_ALLOWED)
            .because(format!("REST has no method {}.", parts.method)));
    };
    let call = Call {
        app,
        parts,
        path: &path,
        body,
        trace,
    };
    match operation {
        Operation::Form => form::upload(app, parts, &path, call.body, call.trace).await,
        Operation::Resumable => multipart::serve(call).await,
        Operation::InProgress => multipart::in_progress(call).await,
        Operation::MakeFolder => folder::make(call).await,
        Operation::CopyMove => copy_move::put(call).await,
        Operation::Upload => upload::put(call).await,
        Operation::Usage => usage::get(call).await,
        Operation::OtherList => multipart::other_list(call),
        Operation::Read => download::get(call).await,
        Operation::Delete => delete::delete(call).await,
        Operation::Info => info::head(call).await,
        Operation::Patch => patch::patch(call).await,
    }
}
