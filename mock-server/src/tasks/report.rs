//! What is told of a task that has ended: to its notify URL, and at `/result/`.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use upyun_client::protocol::sign::{media_callback_legacy, media_legacy};

use super::{
    TaskEntry,
    outcome::{Failure, Success},
};
use crate::accounts::Operator;

/// The members of the JSON form.
pub(super) fn json(
    task: &TaskEntry,
    outcome: &Result<Success, Failure>,
    operator: Option<&Operator>,
    now: u64,
) -> Map<String, Value> {
    let status = match outcome {
        Ok(success) => success.status(),
        Err(failure) => failure.kind.status(),
    };
    let error = outcome.as_ref().err().map_or("", |failure| &failure.why);
    let paths = outcome.as_ref().map_or(&[][..], |success| &success.paths);
    let path = || paths.first().map_or("", |path| path);
    let id = task.id.as_str();
    let members = match &*task.app {
        "naga" => json!({
            "service": task.service,
            "status_code": status,
            "path": paths,
            "description": if error.is_empty() { "OK" } else { error },
            "task_id": id,
        }),
        "uconvert" => json!({
            "error": error,
            "paths": paths,
            "service": task.service,
            "source": task.source,
            "status_code": status,
            "task_id": id,
        }),
        "imgaudit" | "videoaudit" | "textjudge" => json!({
            "service": task.service,
            "status_code": status,
            "source": task.source,
            "task_id": id,
            "error": error,
        }),
        "thumb" if error.is_empty() => json!({
            "task_id": id,
            "service": task.service,
            "status_code": status,
        }),
        "thumb" => json!({
            "task_id": id,
            "service": task.service,
            "status_code": status,
            "error": error,
        }),
        _ => json!({
            "task_id": id,
            "service": task.service,
            "status_code": status,
            "path": path(),
            "error": error,
        }),
    };
    let Value::Object(mut members) = members else {
        return Map::new();
    };
    if let Ok(success) = outcome {
        members.extend(success.members.clone());
    }
    if task.app == "naga" {
        if let Some(operator) = operator {
            let timestamp = now.to_string();
            let signature = media_callback_legacy(&operator.name, id, &timestamp, &operator.key);
            members.insert("signature".into(), signature.into());
        }
        members.insert("timestamp".into(), now.into());
    }
    members
}

/// The form-encoded body of media tasks that did not ask for JSON.
pub(super) fn form(
    task: &TaskEntry,
    outcome: &Result<Success, Failure>,
    operator: Option<&Operator>,
) -> String {
    let (status, description) = match outcome {
        Ok(success) => (success.status(), "OK"),
        Err(failure) => (failure.kind.legacy_status(), &*failure.why),
    };
    let paths = outcome.as_ref().map_or(&[][..], |success| &success.paths);
    let info = outcome.as_ref().ok().and_then(|it| it.members.get("info"));
    let mut signed = vec![
        ("bucket_name", task.service.clone()),
        ("description", description.to_owned()),
        ("status_code", status.to_string()),
        ("task_id", task.id.to_string()),
    ];
    if !paths.is_empty() {
        signed.push(("path", paths.concat()));
    }
    if let Some(info) = info {
        signed.push(("info", STANDARD.encode(info.to_string())));
    }
    signed.sort_unstable();
    let signature = operator.map(|operator| {
        let members = signed.iter().map(|(name, value)| (*name, &**value));
        media_legacy(&operator.name, members, &operator.key)
    });
    // The names stand in alphabetical order.
    let mut body = form_urlencoded::Serializer::new(String::new());
    for (name, value) in &signed {
        if *name == "status_code"
            && let Some(signature) = &signature
        {
            body.append_pair("signature", signature);
        }
        if *name != "path" {
            body.append_pair(name, value);
            continue;
        }
        for (index, path) in paths.iter().enumerate() {
            body.append_pair(&format!("path[{index}]"), path);
        }
    }
    body.finish()
}
