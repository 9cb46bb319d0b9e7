//! What is told of a task's end.

use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        form::form,
        retries::{WAITS, is_tried_again},
        task::{Submission, fields, is_signed, progress, submission},
    },
    context::{Received, Receiver},
    failure::{Failure, holds, same},
    wire::sign::md5,
};

/// Submits one task, and takes what is told of it; gives its id too.
async fn told(
    cx: &Context,
    receiver: &mut Receiver,
    submission: Submission,
) -> Result<(String, Received), Failure> {
    let url = format!("{}/cb", receiver.url());
    let id = submission.with("notify_url", url).ids().await?.remove(0);
    let told = receiver.next().await?;
    is_signed(cx, &told, "/cb")?;
    let progress = progress(cx, &id).await?;
    holds(
        matches!(progress.as_i64(), Some(-1 | 100)),
        "a task that has ended before that is told",
        progress,
    )?;
    Ok((id, told))
}

fn body(told: &Received) -> Result<Value, Failure> {
    same(
        "Content-Type",
        told.header("content-type"),
        Some("application/json"),
    )?;
    serde_json::from_slice(&told.body)
        .map_err(|error| Failure::new("a callback of JSON", error.to_string()))
}

fn value<'a>(fields: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// A media task on what is not there.
fn missing(cx: &Context) -> Submission {
    let tasks = json!([{ "type": "probe" }]);
    submission(cx, "", &tasks).with("source", cx.key("none.mp4"))
}

case! {
    of_other_apps: tasks "5.1" tasks "5.2" tasks "5.8", tags NeedsCallback;
    "Apps other than naga tell their end in JSON, whatever accept says, signed by the operator."
}
async fn of_other_apps(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    cx.put("a.txt", "x").ok().await?;
    let tasks = json!([{ "sources": [cx.key("a.txt")], "save_as": cx.key("a.zip") }]);
    for accept in ["json", "form", ""] {
        let submission = submission(&cx, "compress", &tasks).with("accept", accept);
        let (id, told) = told(&cx, &mut receiver, submission).await?;
        let want = json!({
            "task_id": id, "service": cx.service(), "status_code": 200, "path": cx.key("a.zip"),
            "error": "",
        });
        same("the callback", body(&told)?, want)?;
    }
    Ok(())
}

case! {
    of_failures: tasks "5.1" tasks "5.8", choice "T-7", tags NeedsCallback;
    "A failure is told too, with an empty path and the reason."
}
async fn of_failures(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let tasks = json!([{ "sources": [cx.key("none")], "save_as": cx.key("a.zip") }]);
    let submission = submission(&cx, "compress", &tasks);
    let (_, told) = told(&cx, &mut receiver, submission).await?;
    let told = body(&told)?;
    same("status_code", &told["status_code"], 404)?;
    same("path", &told["path"], "")?;
    holds(
        told["error"].as_str().is_some_and(|it| !it.is_empty()),
        "a reason",
        &told,
    )
}

case! {
    of_media_as_json: tasks "5.4" tasks "5.2" tasks "5.6" auth "11.2", tags NeedsCallback;
    "With accept=json a media task tells its end in JSON, with a signature of old of 16 digits."
}
async fn of_media_as_json(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let (id, told) = told(&cx, &mut receiver, missing(&cx)).await?;
    let told = body(&told)?;
    same("service", &told["service"], cx.service())?;
    same("status_code", &told["status_code"], 404)?;
    same("path", &told["path"], &json!([]))?;
    same("task_id", &told["task_id"], &*id)?;
    let operator = cx.operator();
    let time = told["timestamp"].as_u64().unwrap_or_default();
    let text = format!("{}{}{id}{time}", operator.name, md5(&operator.password));
    same("signature", &told["signature"], &md5(text)[8..24])
}

case! {
    of_media_as_a_form: tasks "5.5" tasks "5.2" tasks "5.6" auth "11.2", tags NeedsCallback Legacy;
    "Without accept=json a media task tells its end as a form, with a signature of old over its fields."
}
async fn of_media_as_a_form(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    for submission in [
        missing(&cx).without("accept"),
        missing(&cx).with("accept", "xml"),
    ] {
        let (id, told) = told(&cx, &mut receiver, submission).await?;
        let kind = told.header("content-type");
        same(
            "Content-Type",
            kind,
            Some("application/x-www-form-urlencoded"),
        )?;
        let fields = fields(&told.body);
        same(
            "bucket_name",
            value(&fields, "bucket_name"),
            Some(cx.service()),
        )?;
        same("status_code", value(&fields, "status_code"), Some("404"))?;
        same("task_id", value(&fields, "task_id"), Some(&*id))?;
        same("timestamp", value(&fields, "timestamp"), None)?;
        let mut signed = fields.clone();
        signed.retain(|(name, _)| name != "signature");
        signed.sort();
        let joined = signed.iter().map(|(name, value)| format!("{name}{value}"));
        let operator = cx.operator();
        let joined: String = joined.collect();
        let text = format!("{}{joined}{}", operator.name, md5(&operator.password));
        same("signature", value(&fields, "signature"), Some(&*md5(text)))?;
    }
    Ok(())
}

case! {
    order_of_a_form: tasks "5.5", choice "T-7", tags NeedsCallback Legacy;
    "The fields of a form come in the order of the alphabet."
}
async fn order_of_a_form(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let submission = missing(&cx).without("accept");
    let (_, told) = told(&cx, &mut receiver, submission).await?;
    let fields = fields(&told.body);
    let names: Vec<_> = fields.iter().map(|(name, _)| &**name).collect();
    let want = [
        "bucket_name",
        "description",
        "signature",
        "status_code",
        "task_id",
    ];
    same("fields", names, want)
}

case! {
    outputs_in_a_form: tasks "5.5" tasks "5.6", client, tags NeedsCallback NeedsMedia Legacy;
    "Each output is a field path[0], path[1] …, info is Base64; the signature joins the paths."
}
async fn outputs_in_a_form(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    super::naga::put_video(&cx).await?;
    let task = json!({
        "type": "thumbnail", "avopts": "/o/false/n/2", "save_as": cx.key("t.jpg"), "return_info": true,
    });
    let submission = submission(&cx, "", &json!([task])).without("accept");
    let submission = submission.with("source", cx.key("in.mp4"));
    let (id, told) = told(&cx, &mut receiver, submission).await?;
    let fields = fields(&told.body);
    let (one, two) = (cx.key("t1.jpg"), cx.key("t2.jpg"));
    same("path[0]", value(&fields, "path[0]"), Some(&*one))?;
    same("path[1]", value(&fields, "path[1]"), Some(&*two))?;
    let info = value(&fields, "info").unwrap_or_default();
    let decoded = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, info);
    let decoded: Option<Value> = decoded.ok().and_then(|it| serde_json::from_slice(&it).ok());
    let stream = decoded.map(|it| it["streams"][0]["type"].clone());
    same("the type of the first stream", stream, Some(json!("video")))?;
    let operator = cx.operator();
    let service = cx.service();
    let text = format!(
        "{}bucket_name{service}descriptionOKinfo{info}path{one}{two}status_code200task_id{id}{}",
        operator.name,
        md5(&operator.password)
    );
    same("signature", value(&fields, "signature"), Some(&*md5(text)))
}

case! {
    query_is_signed: tasks "5.1", choice "T-7", tags NeedsCallback;
    "The signature of a callback covers the query of its URL as sent."
}
async fn query_is_signed(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let url = format!("{}/cb?x=%2f&y", receiver.url());
    missing(&cx).with("notify_url", url).ids().await?;
    is_signed(&cx, &receiver.next().await?, "/cb?x=%2f&y")
}

case! {
    one_for_each_task: tasks "5.1" tasks "4", tags NeedsCallback;
    "Each task of a submission is told by a callback of its own."
}
async fn one_for_each_task(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let tasks = Value::from(vec![json!({ "type": "probe" }); 3]);
    let submission = submission(&cx, "", &tasks).with("source", cx.key("none.mp4"));
    let mut ids = submission.with("notify_url", receiver.url()).ids().await?;
    let mut told = Vec::new();
    for _ in 0..3 {
        let body = body(&receiver.next().await?)?;
        told.push(body["task_id"].as_str().unwrap_or_default().to_owned());
    }
    ids.sort();
    told.sort();
    same("the tasks told of", told, ids)
}

case! {
    result_is_what_is_told: tasks "3.4" tasks "5.4", choice "T-5", tags NeedsCallback;
    "/result/ gives what the callback told in JSON, also where that was a form."
}
async fn result_is_what_is_told(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let (id, told_json) = told(&cx, &mut receiver, missing(&cx)).await?;
    let mut want = body(&told_json)?;
    let mut found = crate::cases::support::task::end_of(&cx, &id).await?;
    // Both tell when they were made.
    for it in [&mut want, &mut found] {
        let members = it.as_object_mut().into_iter();
        for members in members {
            members.remove("timestamp");
            members.remove("signature");
        }
    }
    same("the result", found, want)?;
    let submission = missing(&cx).without("accept");
    let (id, _) = told(&cx, &mut receiver, submission).await?;
    let found = crate::cases::support::task::end_of(&cx, &id).await?;
    same("service", &found["service"], cx.service())
}

case! {
    tried_again: tasks "5.3", choice "T-7", tags NeedsCallback NeedsClock;
    "A callback that is not taken is sent again after 1, 2 and 5 minutes, dated and signed anew."
}
async fn tried_again(cx: Context) -> Outcome {
    let mut receiver = cx.refusing_receiver(WAITS.len()).await?;
    let url = format!("{}/cb", receiver.url());
    missing(&cx).with("notify_url", url).ids().await?;
    is_tried_again(&cx, &mut receiver, "/cb").await
}

case! {
    without_a_url: tasks "5.3", tags NeedsCallback;
    "A task without a notify_url tells nobody."
}
async fn without_a_url(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let silent = missing(&cx).ids().await?.remove(0);
    crate::cases::support::task::end_of(&cx, &silent).await?;
    let (id, told) = told(&cx, &mut receiver, missing(&cx)).await?;
    same("the task told of", &body(&told)?["task_id"], &*id)
}

case! {
    of_tasks_of_forms: tasks "13.1" tasks "5.2" form "7", tags NeedsCallback;
    "A task of a form is told to its own notify_url, else to that of the policy, in addition to the upload."
}
async fn of_tasks_of_forms(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    let url = |path: &str| format!("{}{path}", receiver.url());
    let (own, all) = (url("/own"), url("/all"));
    let apps = json!([
        { "name": "depress", "save_as": cx.key("x"), "notify_url": own },
        { "name": "depress", "save_as": cx.key("x") },
    ]);
    let form = form(&cx, "a.txt", "x").with("apps", apps);
    form.with("notify-url", all).ok().await?;
    let mut told = Vec::new();
    for _ in 0..3 {
        let received = receiver.next().await?;
        is_signed(&cx, &received, &received.target)?;
        let is_task = received.header("content-type") == Some("application/json");
        told.push((received.target, is_task));
    }
    told.sort();
    let want = [("/all", false), ("/all", true), ("/own", true)];
    let told: Vec<_> = told
        .iter()
        .map(|(path, is_task)| (&**path, *is_task))
        .collect();
    same("what is told", told, want)
}

case! {
    of_media_of_forms: tasks "5.2" tasks "13.1", choice "T-7", tags NeedsCallback;
    "A media task of a form is told in JSON if its app says accept json, else as a form."
}
async fn of_media_of_forms(cx: Context) -> Outcome {
    let mut receiver = cx.receiver().await?;
    for (accept, want) in [
        (json!("json"), "application/json"),
        (Value::Null, "application/x-www-form-urlencoded"),
    ] {
        let apps = json!([{ "name": "naga", "type": "probe", "accept": accept, "notify_url": receiver.url() }]);
        form(&cx, "a.txt", "x").with("apps", apps).ok().await?;
        let told = receiver.next().await?;
        same("Content-Type", told.header("content-type"), Some(want))?;
    }
    Ok(())
}
