//! The unfinished uploads of a service.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Upload, initiate_disorder};
use crate::{
    Context, Failure, Outcome,
    case::case,
    failure::{holds, same},
    wire::{Request, sign::base64},
};

/// Those whose keys begin with that of this name.
fn list(cx: &Context, name: &str) -> Request {
    let request = cx.request("GET", format!("/{}/", cx.service()));
    let request = request.header("X-Upyun-List-Type", "multi");
    request.header("X-Upyun-List-Prefix", base64(cx.key(name)))
}

/// The members of this name of all entries.
async fn each(request: Request, member: &str) -> Result<Vec<Value>, Failure> {
    let found = request.ok().await?.json()?;
    let files = found["files"].as_array().into_iter().flatten();
    Ok(files.map(|file| file[member].clone()).collect())
}

case! {
    listed: multipart "6", client;
    "Unfinished uploads are listed with key, uuid and time."
}
async fn listed(cx: Context) -> Outcome {
    let upload = Upload::ordered(&cx, "a.bin", 5).await?;
    let answer = list(&cx, "").ok().await?;
    answer.has("Content-Type", "application/json")?;
    let found = answer.json()?;
    let created = &found["files"][0]["created_at"];
    let now = cx.unix();
    let is_now = created
        .as_u64()
        .is_some_and(|then| then.abs_diff(now) < 120);
    holds(is_now, "a time of now", created)?;
    let want = json!({"files": [{
        "key": cx.key("a.bin"),
        "uuid": upload.uuid,
        "completed": false,
        "created_at": created,
    }]});
    same("the list", &found, &want)
}

case! {
    finished_is_not: multipart "6", client;
    "What is completed or cancelled is not listed."
}
async fn finished_is_not(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    upload.complete().send().await?.is_status(204)?;
    Upload::disorder(&cx, "b.bin").await?.cancel().ok().await?;
    same(
        "the list",
        list(&cx, "").ok().await?.json()?,
        json!({"files": []}),
    )
}

case! {
    prefix: multipart "6", choice "M-35";
    "Keys have a leading slash, and the prefix may have it or not."
}
async fn prefix(cx: Context) -> Outcome {
    for name in ["a/1", "a/2", "b/1"] {
        Upload::disorder(&cx, name).await?;
    }
    let want = [cx.key("a/1"), cx.key("a/2")];
    same(
        "the keys",
        each(list(&cx, "a/"), "key").await?,
        want.clone(),
    )?;
    let request = cx.request("GET", format!("/{}/", cx.service()));
    let request = request.header("X-Upyun-List-Type", "multi");
    let bare = base64(&cx.key("a/")[1..]);
    let request = request.header("X-Upyun-List-Prefix", bare);
    same("the keys", each(request, "key").await?, want)
}

case! {
    without_prefix: multipart "6", client;
    "Without a prefix uploads of the whole service are listed."
}
async fn without_prefix(cx: Context) -> Outcome {
    let upload = Upload::disorder(&cx, "a.bin").await?;
    let request = cx.request("GET", format!("/{}/", cx.service()));
    let request = request.header("X-Upyun-List-Type", "multi");
    let uuids = each(request.header("X-Upyun-List-Limit", "1000"), "uuid").await?;
    let is_there = uuids.iter().any(|uuid| *uuid == *upload.uuid);
    // Whoever else uses the service may have begun more than fit.
    holds(
        is_there || uuids.len() == 1000,
        "the upload to be listed",
        uuids.len(),
    )
}

case! {
    order: multipart "6", choice "M-36", tags NeedsClock;
    "They are sorted by key, and those of a key by time."
}
async fn order(cx: Context) -> Outcome {
    let mut uuids = Vec::new();
    for name in ["b", "a", "b", "a"] {
        uuids.push(Upload::disorder(&cx, name).await?.uuid);
        cx.advance(Duration::from_secs(2))?;
    }
    let want = [1, 3, 0, 2].map(|at| uuids[at].clone());
    same("the uuids", each(list(&cx, ""), "uuid").await?, want)
}

case! {
    limit: multipart "6", choice "M-36";
    "A limit cuts the list; without one it has 100 entries."
}
async fn limit(cx: Context) -> Outcome {
    for number in 0..101 {
        let request = initiate_disorder(&cx, &format!("{number:03}"));
        request.send().await?.is_status(204)?;
    }
    for (limit, count) in [("2", 2), ("101", 101), ("100000", 101)] {
        let request = list(&cx, "").header("X-Upyun-List-Limit", limit);
        let keys = each(request, "key").await?;
        same("the number of entries", keys.len(), count).map_err(|it| it.at(limit))?;
        same("the first", &keys[0], &json!(cx.key("000")))?;
    }
    let keys = each(list(&cx, ""), "key").await?;
    same("the number of entries", keys.len(), 100)
}

case! {
    malformed: multipart "6", choice "M-38", codes 40001005;
    "A prefix that is no Base64, and a limit that is no positive number, are refused."
}
async fn malformed(cx: Context) -> Outcome {
    let request = || {
        let request = cx.request("GET", format!("/{}/", cx.service()));
        request.header("X-Upyun-List-Type", "multi")
    };
    let refused =
        request()
            .header("X-Upyun-List-Prefix", "!")
            .refused((400, 40001005, "iter args invalid"));
    refused.await?;
    for limit in ["0", "-1", "x", "1.5"] {
        let request = request().header("X-Upyun-List-Limit", limit);
        request
            .refused((400, 40001005, "iter args invalid"))
            .await
            .map_err(|it| it.at(limit))?;
    }
    Ok(())
}
