//! Tasks and their ends.

use upyun_test_kit::Refusal;

use serde_json::{Value, json};
use url::form_urlencoded;

use crate::{
    Context,
    failure::{Failure, holds, same},
    wire::{
        Api, Request,
        sign::{base64, hmac, md5},
    },
};

/// A submission in the making; what is not changed is right.
#[derive(Clone, Debug)]
#[must_use]
pub(crate) struct Submission {
    cx: Context,
    fields: Vec<(String, String)>,
}

/// These tasks of an app; media tasks if it is empty.
pub(crate) fn submission(cx: &Context, app: &str, tasks: &Value) -> Submission {
    let submission = Submission {
        cx: cx.clone(),
        fields: Vec::new(),
    };
    let submission = submission
        .with("service", cx.service())
        .with("notify_url", "")
        .with("tasks", base64(tasks.to_string()))
        .with("accept", "json");
    match app {
        "" => submission,
        app => submission.with("app_name", app),
    }
}

impl Submission {
    /// With this field.
    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self = self.without(name);
        self.fields.push((name.to_owned(), value.into()));
        self
    }

    /// Without this field.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(known, _)| known != name);
        self
    }

    /// The body.
    pub(crate) fn body(&self) -> String {
        let mut serializer = form_urlencoded::Serializer::new(String::new());
        serializer.extend_pairs(&self.fields).finish()
    }

    /// The request.
    pub(crate) fn request(&self) -> Request {
        submit(&self.cx).body(self.body())
    }

    /// Sends it and gives the ids.
    pub(crate) async fn ids(&self) -> Result<Vec<String>, Failure> {
        ids(&self.request().ok().await?.json()?)
    }

    /// Sends it and expects a refusal.
    pub(crate) async fn refused(&self, code: Refusal) -> Result<(), Failure> {
        self.request().refused(code).await.map(drop)
    }
}

/// `POST /pretreatment/` without a body.
pub(crate) fn submit(cx: &Context) -> Request {
    let request = cx.request("POST", "/pretreatment/").to(Api::Tasks);
    request.header("Content-Type", "application/x-www-form-urlencoded")
}

/// `GET` of `/status/` or `/result/`.
pub(crate) fn ask(cx: &Context, what: &str, query: &str) -> Request {
    cx.request("GET", format!("/{what}/?{query}"))
        .to(Api::Tasks)
}

/// `POST` of an operation of p1.
pub(crate) fn sync_task(cx: &Context, operation: &str, parameters: &Value) -> Request {
    let request = cx.request("POST", format!("/{}/{operation}", cx.service()));
    request
        .to(Api::SyncTasks)
        .header("Content-Type", "application/json")
        .body(parameters.to_string())
}

/// The ids of an answer: an array of texts, at least one.
pub(crate) fn ids(answer: &Value) -> Result<Vec<String>, Failure> {
    let ids: Option<Vec<_>> = answer.as_array().and_then(|ids| {
        let texts = ids.iter().map(|id| id.as_str().map(str::to_owned));
        texts.collect()
    });
    ids.filter(|ids| !ids.is_empty())
        .ok_or_else(|| Failure::new("an array of ids", answer.to_string()))
}

/// The query that asks about these tasks.
pub(crate) fn about(cx: &Context, ids: &[String]) -> String {
    format!("service={}&task_ids={}", cx.service(), ids.join("%2C"))
}

/// How far a task is.
pub(crate) async fn progress(cx: &Context, id: &str) -> Result<Value, Failure> {
    let query = about(cx, &[id.to_owned()]);
    let answer = ask(cx, "status", &query).ok().await?.json()?;
    Ok(answer["tasks"][id].clone())
}

/// Waits for a task's end and gives its result; `-1` or `100` goes with its status.
pub(crate) async fn end_of(cx: &Context, id: &str) -> Result<Value, Failure> {
    let ended = || async {
        let progress = progress(cx, id).await?;
        let is_over = matches!(progress.as_i64(), Some(-1 | 100));
        holds(is_over, format!("the end of the task {id}"), progress)
    };
    cx.eventually(ended).await?;
    let query = about(cx, &[id.to_owned()]);
    let answer = ask(cx, "result", &query).ok().await?.json()?;
    let result = answer["tasks"][id].clone();
    let is_done = matches!(result["status_code"].as_u64(), Some(200 | 204));
    let want = if is_done { 100 } else { -1 };
    same("the progress", progress(cx, id).await?, json!(want))?;
    Ok(result)
}

/// Carries out one task of an app; gives its result.
pub(crate) async fn carried_out(cx: &Context, app: &str, task: Value) -> Result<Value, Failure> {
    let ids = submission(cx, app, &json!([task])).ids().await?;
    same("the number of ids", ids.len(), 1)?;
    end_of(cx, &ids[0]).await
}

/// Carries out a media task on a name; gives its result.
pub(crate) async fn media(cx: &Context, source: &str, task: Value) -> Result<Value, Failure> {
    let submission = submission(cx, "", &json!([task]));
    let ids = submission.with("source", cx.key(source)).ids().await?;
    end_of(cx, &ids[0]).await
}

/// Expects that a task was done.
pub(crate) fn is_done(result: &Value) -> Result<&Value, Failure> {
    holds(result["status_code"] == 200, "a task that is done", result)?;
    Ok(result)
}

/// Expects that a task failed with this status, saying why, and has nothing to show.
pub(crate) fn is_failed(result: &Value, status: u16) -> Result<(), Failure> {
    same("the status of the task", &result["status_code"], status)
        .map_err(|it| it.at(result.to_string()))?;
    let why = result["error"]
        .as_str()
        .or(result["description"].as_str())
        .unwrap_or_default();
    holds(
        !why.is_empty() && why != "OK",
        "a text that says why",
        result,
    )
}

/// Expects each of these tasks to fail with its status, and that nothing is stored.
pub(crate) async fn each_fails(
    cx: &Context,
    app: &str,
    rows: Vec<(u16, Value)>,
) -> Result<(), Failure> {
    let before = cx.snapshot().await?;
    for (status, task) in rows {
        let text = task.to_string();
        let result = carried_out(cx, app, task).await?;
        is_failed(&result, status).map_err(|it| it.at(&text))?;
        before
            .is_unchanged(&cx.snapshot().await?)
            .map_err(|it| it.at(&text))?;
    }
    Ok(())
}

/// Expects a notification that is signed by the operator of the case.
pub(crate) fn is_signed(
    cx: &Context,
    told: &crate::context::Received,
    uri: &str,
) -> Result<(), Failure> {
    same("the method", &*told.method, "POST")?;
    same("path and query", &*told.target, uri)?;
    let sum = md5(&told.body);
    same("Content-MD5", told.header("content-md5"), Some(&*sum))?;
    let date = told.header("date").unwrap_or_default();
    let operator = cx.operator();
    let text = format!("POST&{uri}&{date}&{sum}");
    let want = format!(
        "UPYUN {}:{}",
        operator.name,
        hmac(&operator.password, &text)
    );
    same("Authorization", told.header("authorization"), Some(&*want))
}

/// The fields of a form.
pub(crate) fn fields(body: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(body).into_owned().collect()
}
