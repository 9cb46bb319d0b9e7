//! `GET /status/` and `GET /result/`.

use axum::response::Response;
use http::request::Parts;
use serde_json::{Map, Value, json};
use upyun_client::protocol::ErrorCode;

use super::{filled, json, missing, service, who};
use crate::{
    api::app::App,
    auth::{Action, authorize, usable_service},
    refusal::Refusal,
    tasks::{TaskEntry, TaskState},
};

/// Tasks that may be asked for at once. The text of the refusal says 10, the documentation 20.
const MOST: usize = 20;

/// How far tasks are: percent, -1 for failed, nothing for those that wait or are not known.
pub(super) fn status(app: &App, parts: &Parts) -> Result<Response, Refusal> {
    let tasks = select(app, parts, |task| match task.state {
        TaskState::Queued => Value::Null,
        TaskState::Running | TaskState::Done => task.progress_percent.into(),
        TaskState::Failed => (-1).into(),
    })?;
    Ok(json(&json!({ "tasks": tasks })))
}

/// How tasks ended; nothing for those that have not.
pub(super) fn result(app: &App, parts: &Parts) -> Result<Response, Refusal> {
    let tasks = select(app, parts, |task| {
        task.result.map_or(Value::Null, Value::Object)
    })?;
    Ok(match app.settings.fidelity.task_results.is_bare() {
        true => json(&Value::Object(tasks)),
        false => json(&json!({ "tasks": tasks })),
    })
}

fn select(
    app: &App,
    parts: &Parts,
    tell: impl Fn(TaskEntry) -> Value,
) -> Result<Map<String, Value>, Refusal> {
    let query = parts.uri.query().unwrap_or_default();
    let query: Vec<_> = form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let operator = who(app, parts, &query)?;
    let service = service(&query).ok_or_else(|| missing("service in the query"))?;
    let ids = filled(&query, "task_ids").ok_or_else(|| missing("task_ids in the query"))?;
    let service = usable_service(&app.accounts, service)?;
    authorize(&operator, &service, Action::Read)?;
    let ids: Vec<&str> = ids.split(',').map(str::trim).collect();
    if ids.len() > MOST {
        return Err(
            Refusal::new(ErrorCode::GET_TASKS_NUMBER_ERROR).because(format!(
                "{} tasks were asked for; {MOST} are allowed.",
                ids.len()
            )),
        );
    }
    let found = ids.into_iter().map(|id| {
        let task = app.tasks.find(id, service.name.as_str());
        (id.to_owned(), task.map_or(Value::Null, &tell))
    });
    Ok(found.collect())
}
