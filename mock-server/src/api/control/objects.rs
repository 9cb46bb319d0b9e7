//! Objects without a signature: look around, download, put, delete.

use std::{
    collections::BTreeMap,
    time::{SystemTime, UNIX_EPOCH},
};

use axum::{
    Json,
    body::Body,
    extract::{Path, Query, State},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt as _;
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};
use upyun_client::protocol::{Key, header as names, list::EntryKind};
use utoipa::IntoParams;

use super::{accounts, answer::Problem};
use crate::{
    api::{
        app::App,
        content::{Version, content},
    },
    store::{
        Attributes, Kind, ListQuery, ObjectInfo, Opened, Order, Overwrite, Service, StoreError,
    },
};

/// What of an object or folder is wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(super) struct Wanted {
    /// Entries of a folder; 100 unless said otherwise, 1000 at most.
    limit: usize,
    /// Only entries after this name.
    after: Option<String>,
    /// Show a picture in the browser instead of saving it.
    #[serde(deserialize_with = "flag")]
    inline: bool,
    /// Facts instead of the content.
    #[serde(deserialize_with = "flag")]
    info: bool,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            limit: 100,
            after: None,
            inline: false,
            info: false,
        }
    }
}

/// `?info`, `?info=1` and `?info=true`.
fn flag<'de, D: serde::Deserializer<'de>>(value: D) -> Result<bool, D::Error> {
    let text = String::deserialize(value)?;
    Ok(!matches!(&*text, "0" | "false"))
}

/// The services and what they hold.
#[utoipa::path(get, path = "/_mock/objects", tag = "objects", operation_id = "list_stored", responses(
    (status = 200, description = "services: name and bytes of each")
))]
pub(super) async fn services(State(app): State<App>) -> Result<Response, Problem> {
    let mut services = Vec::new();
    for service in app.accounts.services() {
        let bytes = accounts::used(&app, &service).await?;
        services.push(json!({ "name": service.name.as_str(), "bytes": bytes }));
    }
    Ok(Json(json!({ "services": services })).into_response())
}

/// The root folder of a service.
#[utoipa::path(get, path = "/_mock/objects/{service}/", tag = "objects", operation_id = "list_root",
    params(("service" = String, Path, description = "its name"), Wanted),
    responses((status = 200, description = "entries and next"), (status = 404, description = "no such service")))]
pub(super) async fn root(
    State(app): State<App>,
    Path(service): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Response, Problem> {
    let (store, key) = place(&app, &service, "")?;
    folder(&store, &key, wanted).await
}

/// A page of a folder, or the content of a file, or what is known of it. Whatever the content is, a
/// browser neither runs nor renders it.
#[utoipa::path(get, path = "/_mock/objects/{service}/{key}", tag = "objects", operation_id = "get_object",
    params(("service" = String, Path, description = "its name"),
        ("key" = String, Path, description = "without the slash before it"), Wanted),
    responses((status = 200, description = "the content, or JSON"), (status = 404, description = "nothing is there")))]
pub(super) async fn get(
    State(app): State<App>,
    Path((service, key)): Path<(String, String)>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (store, key) = place(&app, &service, &key)?;
    match store.open(&key).await? {
        Opened::Folder(_) => folder(&store, &key, wanted).await,
        Opened::File(object) if wanted.info => {
            Ok(Json(described(&key, &object.info())).into_response())
        }
        Opened::File(object) => {
            let info = object.info();
            let answer = content(object.into_file(), &Version::of(&info), &headers);
            let mut answer = answer.map_err(|refusal| {
                let status = refusal.code().status();
                let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
                Problem(
                    status,
                    refusal.code().message().unwrap_or_default().to_owned(),
                )
            })?;
            harmless(&key, &info, wanted.inline, answer.headers_mut());
            Ok(answer)
        }
    }
}

/// Stores the body, whatever is there; a key with a slash at its end makes a folder. `Content-Type`
/// and `x-upyun-meta-*` are kept.
#[utoipa::path(put, path = "/_mock/objects/{service}/{key}", tag = "objects", operation_id = "put_object",
    params(("service" = String, Path, description = "its name"),
        ("key" = String, Path, description = "without the slash before it")),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses((status = 201, description = "key, bytes and md5"), (status = 409, description = "a folder or file is in the way")))]
pub(super) async fn put(
    State(app): State<App>,
    Path((service, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let (store, key) = place(&app, &service, &name)?;
    if name.ends_with('/') {
        store.make_folder(&key).await?;
        let answer = json!({ "key": key.to_string(), "type": "folder" });
        return Ok((StatusCode::CREATED, Json(answer)).into_response());
    }
    let mut upload = store.upload();
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|error| Problem::bad(format!("the body ended early: {error}")))?;
        upload.write(chunk).await?;
    }
    let body = upload.finish().await?;
    let info = body
        .commit(&key, attributes(&headers), Overwrite::Anything)
        .await?;
    let answer = json!({ "key": key.to_string(), "bytes": info.size, "md5": info.md5.to_string() });
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Deletes a file, or a folder with all that is in it.
#[utoipa::path(delete, path = "/_mock/objects/{service}/{key}", tag = "objects", operation_id = "delete_object",
    params(("service" = String, Path, description = "its name"),
        ("key" = String, Path, description = "without the slash before it")),
    responses((status = 204, description = "done"), (status = 404, description = "nothing is there")))]
pub(super) async fn delete(
    State(app): State<App>,
    Path((service, key)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    let (store, key) = place(&app, &service, &key)?;
    // Depth first, without recursion: folders go once they are empty.
    let mut stack = vec![key];
    while let Some(key) = stack.pop() {
        match store.delete(&key, Kind::Any).await {
            Err(StoreError::NotEmpty(_)) => {
                let entries = store.list(&key, page(1000, None)).await?.entries;
                stack.push(key.clone());
                for entry in entries {
                    stack.push(
                        Key::parse(&format!("{key}/{}", entry.name)).map_err(StoreError::from)?,
                    );
                }
            }
            // Somebody else deleted it meanwhile, if it is not the one that was named.
            Err(StoreError::NotFound(_)) if !stack.is_empty() => {}
            other => other?,
        }
    }
    Ok(StatusCode::NO_CONTENT)
}

fn place(app: &App, service: &str, key: &str) -> Result<(Service, Key), Problem> {
    let service = accounts::service(app, service)?;
    let store = app.store.handle(&service.name);
    let key = Key::parse(&format!("/{key}")).map_err(StoreError::from)?;
    Ok((store, key))
}

fn page(limit: usize, after: Option<String>) -> ListQuery {
    ListQuery {
        after,
        limit: limit.clamp(1, 1000),
        order: Order::Asc,
        with_types: true,
    }
}

async fn folder(store: &Service, key: &Key, wanted: Wanted) -> Result<Response, Problem> {
    let page = store.list(key, page(wanted.limit, wanted.after)).await?;
    let entries = page.entries.iter().map(|entry| {
        json!({
            "name": entry.name,
            "type": if entry.kind == EntryKind::Folder { "folder" } else { "file" },
            "bytes": entry.size,
            "modified_ms": milliseconds(entry.modified),
            "content_type": entry.content_type,
        })
    });
    let entries: Vec<_> = entries.collect();
    Ok(Json(json!({ "entries": entries, "next": page.next })).into_response())
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

fn described(key: &Key, info: &ObjectInfo) -> Value {
    let meta: BTreeMap<_, _> = info
        .meta
        .iter()
        .map(|(name, value)| (name, String::from_utf8_lossy(value)))
        .collect();
    json!({
        "key": key.to_string(),
        "type": "file",
        "bytes": info.size,
        "md5": info.md5.to_string(),
        "content_type": info.content_type,
        "modified_ms": info.modified * 1000,
        "metadata": meta,
        "image": info.image.as_ref().map(|facts| json!(facts)),
    })
}

fn attributes(headers: &HeaderMap) -> Attributes {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    let meta = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(names::X_UPYUN_META_PREFIX)?;
        Some((name.to_owned(), value.as_bytes().to_vec()))
    });
    Attributes {
        content_type: kind.map(str::to_owned),
        meta: meta.collect(),
        ..Attributes::default()
    }
}

/// Pictures that a browser may show: no text, so no scripts.
const SHOWN: [&str; 5] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/bmp",
];

fn harmless(key: &Key, info: &ObjectInfo, inline: bool, headers: &mut HeaderMap) {
    let is_shown = inline && SHOWN.contains(&info.content_type.as_str());
    let disposition = match is_shown {
        true => "inline".to_owned(),
        false => {
            let name: String = percent_encoding::utf8_percent_encode(
                key.name(),
                percent_encoding::NON_ALPHANUMERIC,
            )
            .collect();
            format!("attachment; filename*=UTF-8''{name}")
        }
    };
    for (name, value) in [
        (header::CONTENT_TYPE, &*info.content_type),
        (header::CONTENT_DISPOSITION, &*disposition),
        (
            header::CONTENT_SECURITY_POLICY,
            "sandbox; default-src 'none'",
        ),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
}
