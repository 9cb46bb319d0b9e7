//! Operators: look, add, change, remove.

use axum::{
    Json,
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde_json::{Map, Value, json};
use upyun_client::protocol::ServiceName;

use super::{
    AddedOperator,
    accounts::{changed, free_name, parsed},
    answer::{Body, Problem},
};
use crate::{
    accounts::{Operator, Rights},
    api::app::App,
    config::OperatorEntry,
};

/// All operators, by name, without their passwords.
#[utoipa::path(get, path = "/_mock/operators", tag = "accounts", operation_id = "list_operators", responses((status = 200, description = "operators")))]
pub(super) async fn list(State(app): State<App>) -> Response {
    let operators = app.accounts.operators();
    let operators: Vec<_> = operators.iter().map(|it| described(it)).collect();
    Json(json!({ "operators": operators })).into_response()
}

/// Adds an operator. Name and password are made up where they are left out; the password is told in
/// the answer, and never again.
#[utoipa::path(post, path = "/_mock/operators", tag = "accounts", operation_id = "add_operator", request_body = OperatorEntry, responses(
    (status = 201, description = "the operator, with the password"),
    (status = 400, description = "a member is unknown or malformed"),
    (status = 409, description = "there is one of this name")
))]
pub(super) async fn add(
    State(app): State<App>,
    Body(mut members): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    members.entry("name").or_insert_with(|| {
        free_name("operator", |name| app.accounts.operator(name).is_some()).into()
    });
    if !members.contains_key("password") && !members.contains_key("password_md5") {
        members.insert("password".to_owned(), password().into());
    }
    let told = members.get("password").cloned();
    let operator = parsed::<OperatorEntry>(members)?.check()?;
    if app.accounts.operator(&operator.name).is_some() {
        return Err(Problem::conflict(format!(
            "there is an operator {} already; PUT changes it",
            operator.name
        )));
    }
    let mut answer = described(&operator);
    answer["password"] = told.unwrap_or_default();
    app.accounts.put_operator(operator);
    Ok((StatusCode::CREATED, Json(answer)).into_response())
}

/// Changes the given members: `{"blocked": true}`, `{"rights": "r"}`, `{"blocked_in": ["demo"]}` …
#[utoipa::path(put, path = "/_mock/operators/{name}", tag = "accounts", operation_id = "change_operator",
    params(("name" = String, Path, description = "of the operator")), request_body = OperatorEntry,
    responses((status = 200, description = "the operator"),
        (status = 400, description = "a member is unknown or malformed"),
        (status = 404, description = "there is none")))]
pub(super) async fn change(
    State(app): State<App>,
    Path(name): Path<String>,
    Body(members): Body<Map<String, Value>>,
) -> Result<Response, Problem> {
    let known = app.accounts.operator(&name);
    let known = known.ok_or_else(|| unknown(&name))?;
    if members.get("name").is_some_and(|it| *it != *name) {
        return Err(Problem::bad("an operator keeps its name"));
    }
    let mut entry = OperatorEntry::of(&known);
    // Either replaces the other.
    if members.contains_key("password") || members.contains_key("password_md5") {
        entry.forget_password();
    }
    if members.contains_key("services") {
        entry.forget_grants();
    }
    let operator = changed(&entry, members)?.check()?;
    let answer = described(&operator);
    app.accounts.put_operator(operator);
    Ok(Json(answer).into_response())
}

/// Removes an operator.
#[utoipa::path(delete, path = "/_mock/operators/{name}", tag = "accounts", operation_id = "remove_operator",
    params(("name" = String, Path, description = "of the operator")),
    responses((status = 204, description = "done"), (status = 404, description = "there is none")))]
pub(super) async fn remove(
    State(app): State<App>,
    Path(name): Path<String>,
) -> Result<StatusCode, Problem> {
    match app.accounts.remove_operator(&name) {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(unknown(&name)),
    }
}

/// Adds an operator who may use one service, and tells name and password.
pub(super) fn for_service(app: &App, service: &ServiceName) -> AddedOperator {
    let name = free_name("operator", |name| app.accounts.operator(name).is_some());
    let password = password();
    let operator = Operator::new(&name, &password).limited([service.clone()], Rights::ALL);
    app.accounts.put_operator(operator);
    AddedOperator { name, password }
}

fn password() -> String {
    format!("{:016x}", rand::random::<u64>())
}

fn described(operator: &Operator) -> Value {
    let mut entry = OperatorEntry::of(operator);
    entry.forget_password();
    json!(entry)
}

fn unknown(name: &str) -> Problem {
    Problem::missing(format!(
        "there is no operator {name:?}; GET /_mock/operators lists those that are"
    ))
}
