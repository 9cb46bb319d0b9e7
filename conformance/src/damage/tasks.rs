//! Tasks and cache refresh.

use serde_json::{Value, json};

use super::{
    Act, Damage,
    message::{Request, Response},
    responses::response,
};

/// Changes how far each task is.
fn edit_progress(request: &Request, response: &mut Response, change: fn(&mut Value)) {
    if request.path().starts_with("/status") {
        response.edit_json(|answer| {
            let tasks = answer["tasks"].as_object_mut();
            for (_, progress) in tasks.into_iter().flatten() {
                change(progress);
            }
        });
    }
}

pub(super) static DAMAGES: &[Damage] = &[
    response!(
        "failed-task-done",
        "A failed task has the progress -1.",
        "tasks.query",
        |request, response, _| edit_progress(request, response, |progress| {
            if *progress == -1 {
                *progress = 100.into();
            }
        })
    ),
    response!(
        "unknown-task-waiting",
        "A task that is unknown has no progress.",
        "tasks.query",
        |request, response, _| edit_progress(request, response, |progress| {
            if progress.is_null() {
                *progress = 0.into();
            }
        })
    ),
    response!(
        "task-progress-as-text",
        "Progress is a number.",
        "tasks.query",
        |request, response, _| edit_progress(request, response, |progress| {
            *progress = progress.to_string().into();
        })
    ),
    response!(
        "task-result-lost",
        "The result of a task can be asked for.",
        "tasks.query",
        |request, response, _| if request.path().starts_with("/result") {
            response.edit_json(|answer| {
                let tasks = answer["tasks"].as_object_mut();
                for (_, result) in tasks.into_iter().flatten() {
                    *result = Value::Null;
                }
            });
        }
    ),
    response!(
        "any-number-of-tasks",
        "A submission has at most ten tasks.",
        "tasks.submit",
        |_, response, _| response.accept(40_010_003, 200)
    ),
    response!(
        "any-number-of-task-ids",
        "At most 20 tasks can be asked about.",
        "tasks.query",
        |_, response, _| response.accept(40_010_029, 200)
    ),
    response!(
        "task-id-lost",
        "A submission returns an id for every task.",
        "tasks.submit",
        |request, response, _| if request.path().starts_with("/pretreatment") {
            response.edit_json(|answer| {
                if let Some(ids) = answer.as_array_mut() {
                    ids.pop();
                }
            });
        }
    ),
    response!(
        "invalid-urls-lost",
        "URLs of other domains come back as invalid.",
        "purge",
        |_, response, _| response.edit_json(|answer| {
            if answer.get("invalid_domain_of_url").is_some() {
                answer["invalid_domain_of_url"] = json!({});
            }
        })
    ),
    response!(
        "no-invalid-urls-as-list",
        "No invalid URL is an empty object.",
        "purge",
        |_, response, _| response.edit_json(|answer| {
            if answer["invalid_domain_of_url"] == json!({}) {
                answer["invalid_domain_of_url"] = json!([]);
            }
        })
    ),
    response!(
        "any-number-of-urls",
        "A purge has at most 600 URLs.",
        "purge",
        |_, response, _| response.accept(40_300_029, 200)
    ),
    response!(
        "purge-rate-unlimited",
        "Purges of a minute are limited.",
        "purge",
        |_, response, _| response.accept(40_600_000, 200)
    ),
];
