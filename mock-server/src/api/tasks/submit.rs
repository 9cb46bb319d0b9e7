//! `POST /pretreatment/`. What is inside a task is not looked at here: a task that cannot be carried
//! out is accepted, and fails.

use axum::{body::Body, response::Response};
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use http::{Uri, request::Parts};
use serde_json::{Map, Value};
use upyun_client::protocol::{ErrorCode, Md5Digest, header as names};

use super::{filled, has_body, json, missing, service, who};
use crate::{
    api::{app::App, trace::Trace, urlencoded},
    auth::{Action, authorize, presented_text, usable_service},
    refusal::Refusal,
    tasks::{
        NewTask,
        apps::{self, SUBMITTED},
    },
};

/// Tasks of one request.
const MOST: usize = 10;
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(super) async fn submit(
    app: &App,
    parts: &Parts,
    body: &mut Body,
    trace: &mut Trace,
) -> Result<Response, Refusal> {
    let whole = urlencoded::read(app, body, trace).await?;
    let form: Vec<_> = form_urlencoded::parse(&whole).into_owned().collect();
    let operator = who(app, parts, &form)?;
    if let Some(given) = presented_text(&parts.headers, names::CONTENT_MD5) {
        check_md5(given, &whole)?;
    }
    if whole.is_empty() && !has_body(parts) {
        return Err(Refusal::new(ErrorCode::NEED_BODY)
            .because("The request has no body; it is a form with service, tasks, notify_url."));
    }
    let name = service(&form).ok_or_else(|| missing("field service"))?;
    trace.service = Some(name.to_owned());
    let tasks = filled(&form, "tasks").ok_or_else(|| missing("field tasks"))?;
    let notify_url = urlencoded::value(&form, "notify_url").ok_or_else(|| {
        missing("field notify_url; an empty one says that nobody is to be notified")
    })?;
    let name_of_app = filled(&form, "app_name").unwrap_or("naga");
    // An empty one is accepted, and the task fails (`[choice T-22]`).
    let source = urlencoded::value(&form, "source");
    if name_of_app == "naga" && source.is_none() {
        return Err(missing("field source, which media tasks need"));
    }
    let service = usable_service(&app.accounts, name)?;
    authorize(&operator, &service, Action::Write)?;
    if !is_callable(notify_url) {
        return Err(Refusal::new(ErrorCode::URL_NOT_ALLOWED).because(format!(
            "notify_url is {notify_url:?}; it is an http or https URL, a path, or empty."
        )));
    }
    let is_media = name_of_app == "naga";
    let tasks = decode(tasks, is_media)?;
    if !SUBMITTED.contains(&name_of_app) {
        return Err(Refusal::new(ErrorCode::INVALID_APPS_NAME).because(format!(
            "No app is called {name_of_app:?}; there are {}.",
            SUBMITTED.join(", ")
        )));
    }
    if let Some(feature) = apps::missing(name_of_app) {
        return Err(Refusal::without_feature(feature));
    }
    let ids = tasks.into_iter().map(|parameters| {
        let source = match is_media {
            true => source.map(str::to_owned),
            false => parameters
                .get("source")
                .and_then(Value::as_str)
                .map(str::to_owned),
        };
        let id = app.tasks.submit(NewTask {
            app: name_of_app.to_owned(),
            service: service.name.to_string(),
            operator: Some(operator.clone()),
            source: source.unwrap_or_default(),
            parameters,
            notify_url: Some(notify_url.to_owned()).filter(|url| !url.is_empty()),
            notify_json: !is_media || filled(&form, "accept") == Some("json"),
        });
        Value::from(id.as_str())
    });
    let ids: Vec<Value> = ids.collect();
    Ok(json(&Value::Array(ids)))
}

pub(in crate::api) fn check_md5(given: &str, body: &[u8]) -> Result<(), Refusal> {
    let right = Md5Digest::of(body);
    match given.parse::<Md5Digest>() {
        Ok(given) if given == right => Ok(()),
        Ok(given) => Err(
            Refusal::new(ErrorCode::CONTENT_MD5_NOT_MATCH).because(format!(
                "Content-MD5 is {given}, but the body that was received has {right}."
            )),
        ),
        Err(_) => Err(Refusal::malformed_content_md5(given)),
    }
}

/// Nobody, a path (which is never called), or somebody who can be called.
fn is_callable(url: &str) -> bool {
    let is_absolute = |url: &str| {
        let uri = url.parse::<Uri>();
        uri.is_ok_and(|uri| {
            matches!(uri.scheme_str(), Some("http" | "https"))
                && uri.host().is_some_and(|host| !host.is_empty())
        })
    };
    url.is_empty() || url.starts_with('/') || is_absolute(url)
}

fn decode(text: &str, is_media: bool) -> Result<Vec<Map<String, Value>>, Refusal> {
    let malformed = |why: String| Refusal::new(ErrorCode::DECODE_TASKS_ERROR).because(why);
    // A `+` that was sent raw arrives as a blank.
    let text = text.trim_end().replace(' ', "+");
    let bytes = LENIENT
        .decode(text)
        .map_err(|error| malformed(format!("tasks is no Base64: {error}.")))?;
    let tasks: Value = serde_json::from_slice(&bytes)
        .map_err(|error| malformed(format!("tasks, decoded, is no JSON: {error}.")))?;
    let Value::Array(tasks) = tasks else {
        return Err(malformed("tasks, decoded, is no array.".to_owned()));
    };
    if tasks.is_empty() || tasks.len() > MOST {
        return Err(Refusal::new(ErrorCode::TASKS_NUMBER_ERROR).because(format!(
            "There are {} tasks; 1 to {MOST} are allowed.",
            tasks.len()
        )));
    }
    let tasks = tasks.into_iter().map(|task| match task {
        Value::Object(task) => Ok(task),
        // A chain in the form of old: an array of tasks.
        Value::Array(steps) if is_media && steps.iter().all(Value::is_object) => {
            let mut chain = Map::new();
            chain.insert("type".into(), "chain".into());
            chain.insert("steps".into(), steps.into());
            Ok(chain)
        }
        other => Err(malformed(format!("A task is {other}, no object."))),
    });
    tasks.collect()
}
