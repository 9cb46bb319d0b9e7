//! Unfinished uploads and their parts.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::{PartRecord, UploadRecord, answer::Problem};
use crate::{api::app::App, store::Multipart};

/// Resumable uploads that are not finished, of all services, by key and age.
#[utoipa::path(get, path = "/_mock/uploads", tag = "objects", responses(
    (status = 200, description = "uploads, each with the parts that are there")
))]
pub(super) async fn uploads(State(app): State<App>) -> Result<Response, Problem> {
    app.store.catch_up().await;
    let mut uploads = Vec::new();
    for service in app.accounts.services() {
        let store = app.store.handle(&service.name);
        for upload in store.unfinished() {
            uploads.push(described(service.name.as_str(), &upload));
        }
    }
    Ok(Json(json!({ "uploads": uploads })).into_response())
}

fn described(service: &str, upload: &Multipart) -> UploadRecord {
    let parts = upload.parts(0);
    let received: u64 = parts.iter().map(|part| part.size).sum();
    let parts = parts.iter().map(|part| PartRecord {
        number: part.id.into(),
        bytes: part.size,
        md5: part.md5.to_string(),
        state: "whole".to_owned(),
    });
    UploadRecord {
        uuid: upload.uuid.clone(),
        kind: "multipart".to_owned(),
        service: service.to_owned(),
        key: upload.key.to_string(),
        bytes: upload.announced.length,
        bytes_received: received,
        part_bytes: upload.announced.part_size,
        part_count: upload.part_count(),
        parts: parts.collect(),
        started_ms: upload.created_at * 1000,
        expires_ms: upload.expires_at() * 1000,
    }
}
