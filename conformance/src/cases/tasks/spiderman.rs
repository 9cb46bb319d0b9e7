//! Fetching URLs.

use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        origin::{Origin, Page},
        picture,
        task::{carried_out, each_fails, is_done, is_failed},
    },
    failure::{Failure, holds, same},
    wire::sign::md5,
};

/// What there is to fetch.
fn pages(picture: Vec<u8>) -> impl Fn(&str) -> Page {
    move |target: &str| {
        let path = target.split('?').next().unwrap_or_default();
        let page = |status, body: &str| (status, String::new(), body.as_bytes().to_vec());
        let to = |location: &str| (302, format!("Location: {location}\r\n"), Vec::new());
        match path {
            "/hello" => page(200, "hello"),
            "/p.png" => (200, String::new(), picture.clone()),
            "/busy" => page(503, "busy"),
            "/once" => to("/hello"),
            "/1" => to("/2"),
            "/2" => to("/3"),
            "/3" => to("/4"),
            "/4" => to("/once"),
            "/loop" => to("/loop"),
            _ => page(404, "none"),
        }
    }
}

async fn origin() -> Result<Origin, Failure> {
    Origin::start(pages(picture::png(30, 20)?)).await
}

async fn fetch(cx: &Context, task: Value) -> Result<Value, Failure> {
    carried_out(cx, "spiderman", task).await
}

case! {
    stores: tasks "9", tags NeedsCallback;
    "What is at the URL is stored, with a type by the suffix of save_as."
}
async fn stores(cx: Context) -> Outcome {
    let origin = origin().await?;
    let task = json!({ "url": origin.url("/hello"), "save_as": cx.key("a.html") });
    let result = fetch(&cx, task).await?;
    is_done(&result)?;
    same("path", &result["path"], &*cx.key("a.html"))?;
    same("service", &result["service"], cx.service())?;
    same("error", &result["error"], "")?;
    cx.get("a.html")
        .ok()
        .await?
        .is_body("hello")?
        .has("Content-Type", "text/html")?;
    same("what was asked for", origin.asked(), ["/hello"])
}

case! {
    members: tasks "9", tags NeedsCallback;
    "Type, secret and metadata are kept, and a content-md5 that fits is no obstacle."
}
async fn members(cx: Context) -> Outcome {
    let origin = origin().await?;
    let task = json!({
        "url": origin.url("/hello"), "save_as": cx.key("a"), "content-md5": md5("hello"),
        "content-type": "text/own", "content-secret": "abc", "x-upyun-meta-a": "1",
    });
    is_done(&fetch(&cx, task).await?)?;
    let answer = cx.get("a").ok().await?;
    answer.is_body("hello")?.has("Content-Type", "text/own")?;
    answer.has_metadata(&[("a", "1"), ("secret", "abc")])?;
    Ok(())
}

case! {
    overwrites: tasks "9" tasks "4", tags NeedsCallback;
    "What was there is replaced."
}
async fn overwrites(cx: Context) -> Outcome {
    let origin = origin().await?;
    cx.put("a", "old").ok().await?;
    let task = json!({ "url": origin.url("/hello"), "save_as": cx.key("a") });
    is_done(&fetch(&cx, task).await?)?;
    cx.get("a").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    nothing_changes: tasks "9", choice "T-17", tags NeedsCallback;
    "If overwrite is false and the key exists, or the content is the same, the status is 204."
}
async fn nothing_changes(cx: Context) -> Outcome {
    let origin = origin().await?;
    let url = origin.url("/hello");
    cx.put("old", "old").ok().await?;
    let kept = json!({ "url": url, "save_as": cx.key("old"), "overwrite": false });
    same("status_code", &fetch(&cx, kept).await?["status_code"], 204)?;
    cx.get("old").ok().await?.is_body("old")?;
    cx.put("same", "hello").ok().await?;
    let again = json!({ "url": url, "save_as": cx.key("same") });
    same("status_code", &fetch(&cx, again).await?["status_code"], 204)
}

case! {
    random: tasks "9", tags NeedsCallback;
    "random appends something to the URL; by default nothing is."
}
async fn random(cx: Context) -> Outcome {
    let origin = origin().await?;
    let task = json!({ "url": origin.url("/hello"), "save_as": cx.key("a"), "random": true });
    is_done(&fetch(&cx, task).await?)?;
    let task = json!({ "url": origin.url("/hello"), "save_as": cx.key("b"), "random": false });
    is_done(&fetch(&cx, task).await?)?;
    let asked = origin.asked();
    let is_longer = asked[0]
        .strip_prefix("/hello?")
        .is_some_and(|it| !it.is_empty());
    holds(is_longer, "a random query", &asked)?;
    same("what was asked for", &*asked[1], "/hello")
}

case! {
    random_behind_a_query: tasks "9", choice "T-17", tags NeedsCallback;
    "Behind a query random is appended with an ampersand."
}
async fn random_behind_a_query(cx: Context) -> Outcome {
    let origin = origin().await?;
    let url = origin.url("/hello?a=1");
    let task = json!({ "url": url, "save_as": cx.key("a"), "random": true });
    is_done(&fetch(&cx, task).await?)?;
    let asked = origin.asked();
    holds(asked[0].starts_with("/hello?a=1&"), "an ampersand", &asked)
}

case! {
    redirects: tasks "9", choice "T-17", tags NeedsCallback;
    "Up to five redirects are followed."
}
async fn redirects(cx: Context) -> Outcome {
    let origin = origin().await?;
    let task = json!({ "url": origin.url("/1"), "save_as": cx.key("a") });
    is_done(&fetch(&cx, task).await?)?;
    cx.get("a").ok().await?.is_body("hello")?;
    let task = json!({ "url": origin.url("/loop"), "save_as": cx.key("b") });
    is_failed(&fetch(&cx, task).await?, 502)?;
    cx.is_missing("b").await
}

case! {
    pictures: tasks "9" images "1", tags NeedsCallback Images;
    "With x-gmkerl-thumb the picture is processed before it is stored."
}
async fn pictures(cx: Context) -> Outcome {
    let origin = origin().await?;
    let (url, save_as) = (origin.url("/p.png"), cx.key("a"));
    let task = json!({ "url": url, "save_as": save_as, "x-gmkerl-thumb": "/fw/15/format/jpg" });
    is_done(&fetch(&cx, task).await?)?;
    let answer = cx.get("a").ok().await?;
    answer.has("Content-Type", "image/jpeg")?;
    same(
        "the size",
        picture::decode(&answer.body)?.dimensions(),
        (15, 10),
    )
}

case! {
    what_cannot_be_fetched: tasks "9" tasks "5.9", choice "T-8" "T-17", tags NeedsCallback;
    "Bad members are 400, what is not there 404, other failures of the other server 502."
}
async fn what_cannot_be_fetched(cx: Context) -> Outcome {
    let origin = origin().await?;
    let (hello, save_as) = (origin.url("/hello"), cx.key("a"));
    let with = |name: &str, value: &str| {
        let mut task = json!({ "url": hello, "save_as": save_as });
        task[name] = value.into();
        task
    };
    each_fails(
        &cx,
        "spiderman",
        vec![
            (400, json!({ "save_as": save_as })),
            (400, json!({ "url": hello })),
            (400, with("url", "x")),
            (400, with("url", "ftp://127.0.0.1/a")),
            (400, with("content-md5", &md5("other"))),
            (400, with("content-md5", "x")),
            (400, with("content-secret", "-")),
            (400, with("x-gmkerl-thumb", "/fw/x")),
            (400, with("x-gmkerl-thumb", "/fw/10")),
            (404, with("url", &origin.url("/none"))),
            (502, with("url", &origin.url("/busy"))),
            (502, with("url", "http://127.0.0.1:1/")),
        ],
    )
    .await
}
