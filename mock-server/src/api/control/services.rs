//! Services: look, add, change, remove.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::{
    ServiceRecord,
    accounts::{changed, free_name, parsed, service, used},
    answer::{Body, Problem},
    operators,
};
use crate::{
    accounts::Service,
    api::app::{App, put_service},
    config::ServiceEntry,
};

/// All services, by name, without their secrets.
#[utoipa::path(get, path = "/_mock/services", tag = "accounts", operation_id = "list_services", responses((status = 200, description = "services")))]
pub(super) async fn list(State(app): State<App>) -> Result<Response, Problem> {
    let mut services = Vec::new();
    for service in app.accounts.services() {
        services.push(described(&app, &service).await?);
    }
    Ok(Json(json!({ "services": services })).into_response())
}

/// Adds a service, for a test of its own perhaps: without a name it gets a free one. With
/// `"operator": true` it gets an operator who may use this service only; name and password are told
/// in the answer.
#[utoipa::path(post, path = "/_mock/services", tag = "accounts", operation_id = "add_service", request_body = ServiceEntry, responses(
    (status = 201, description = "the service"),
    (status = 400, description = "a member is unknown or malformed"),
    (status = 409, description = "there is one of this name")
))]
pub(super) async fn add(
    State(app): State<App>,
    Body(mut members): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let with_operator = members.remove("operator") == Some(Value::Bool(true));
    members
        .entry("name")
        .or_insert_with(|| free_name("test", |name| app.accounts.service(name).is_some()).into());
    let service = parsed::<ServiceEntry>(members)?.check()?;
    if app.accounts.service(service.name.as_str()).is_some() {
        return Err(Problem::conflict(format!(
            "there is a service {} already; PUT changes it",
            service.name
        )));
    }
    put_service(&app.accounts, &app.store, service.clone())?;
    let mut answer = described(&app, &service).await?;
    answer.operator = with_operator.then(|| operators::for_service(&app, &service.name));
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Changes the given members. `"fill": true` makes what is stored now all that it may hold.
#[utoipa::path(put, path = "/_mock/services/{name}", tag = "accounts", operation_id = "change_service",
    params(("name" = String, Path, description = "of the service")), request_body = ServiceEntry,
    responses((status = 200, description = "the service"),
        (status = 400, description = "a member is unknown or malformed"),
        (status = 404, description = "there is none")))]
pub(super) async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    Body(mut members): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let known = service(&app, &name)?;
    if members.remove("fill") == Some(Value::Bool(true)) {
        members.insert(
            "capacity_bytes".to_owned(),
            used(&app, &known).await?.into(),
        );
    }
    if members.get("name").is_some_and(|it| *it != *name) {
        return Err(Problem::bad("a service keeps its name"));
    }
    let service = changed(&ServiceEntry::of(&known), members)?.check()?;
    put_service(&app.accounts, &app.store, service.clone())?;
    Ok(Json(described(&app, &service).await?).into_response())
}

/// Removes a service with its objects.
#[utoipa::path(delete, path = "/_mock/services/{name}", tag = "accounts", operation_id = "remove_service",
    params(("name" = String, Path, description = "of the service")),
    responses((status = 204, description = "done"), (status = 404, description = "there is none")))]
pub(super) async fn remove(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    let service = service(&app, &name)?;
    app.accounts.remove_service(&service.name);
    app.store.empty(&service.name)?;
    Ok(StatusCode::NO_CONTENT)
}

async fn described(app: &App, service: &Service) -> Result<ServiceRecord, Problem> {
    Ok(ServiceRecord {
        name: service.name.to_string(),
        state: service.state,
        capacity_bytes: service.capacity_bytes,
        form_disabled: service.is_form_disabled,
        single_copy: service.is_single_copy,
        domains: service.domains.clone(),
        separator: service.separator,
        versions: service.versions.clone(),
        clock_offset_seconds: service.clock_offset_seconds,
        has_form_secret: service.form_secret.is_some(),
        has_token_secret: service.token_secret.is_some(),
        used_bytes: used(app, service).await?,
        operator: None,
    })
}
