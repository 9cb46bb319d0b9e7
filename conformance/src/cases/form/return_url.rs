//! Sending the browser on.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::form::{Form, form},
    context::encode,
    failure::{Failure, holds, same},
    wire::Answer,
};

/// A form that goes on to this URL.
fn going_on(cx: &Context, url: &str) -> Form {
    form(cx, "a b.txt", "hello").with("return-url", url)
}

fn location(answer: &Answer) -> Result<String, Failure> {
    answer.is_status(302)?;
    Ok(answer.the("Location")?.to_owned())
}

/// The query that tells of the file above, from its code to its time.
fn told(cx: &Context) -> String {
    let url = encode(&cx.key("a b.txt")).replace('/', "%2F");
    format!("code=200&message=ok&url={url}&time=")
}

case! {
    is_asked_for: form "6";
    "With a return-url the answer is 302 with the result in the query."
}
async fn is_asked_for(cx: Context) -> Outcome {
    let answer = going_on(&cx, "http://app.example/done")
        .request()
        .send()
        .await?;
    let location = location(&answer)?;
    let start = format!("http://app.example/done?{}", told(&cx));
    holds(location.starts_with(&start), format!("{start}…"), &location)?;
    cx.get("a b.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    with_a_query_and_a_fragment: form "6", choice "F-28" "F-29";
    "A query that is there already goes on, and a fragment stays last."
}
async fn with_a_query_and_a_fragment(cx: Context) -> Outcome {
    let answer = going_on(&cx, "https://app.example/done?x=1#top")
        .request()
        .send()
        .await?;
    let location = location(&answer)?;
    let start = format!("https://app.example/done?x=1&{}", told(&cx));
    holds(location.starts_with(&start), format!("{start}…"), &location)?;
    holds(
        location.ends_with("#top"),
        "the fragment at the end",
        &location,
    )
}

case! {
    encoding: form "6", choice "F-30";
    "The query is percent-encoded with %20 for blanks; mimetype, file_size and ext-param follow the time."
}
async fn encoding(cx: Context) -> Outcome {
    let form = going_on(&cx, "http://app.example/").with("ext-param", "a b&é/+");
    let location = location(&form.request().send().await?)?;
    let end = "&mimetype=text%2Fplain&file_size=5&ext-param=a%20b%26%C3%A9%2F%2B";
    holds(location.ends_with(end), format!("…{end}"), &location)
}

case! {
    repeats_the_ids_of_tasks: form "6" tasks "13.2", choice "F-30";
    "Several ids of tasks are several task_ids."
}
async fn repeats_the_ids_of_tasks(cx: Context) -> Outcome {
    let apps = serde_json::json!([{ "name": "imgaudit" }, { "name": "compress" }]);
    let form = going_on(&cx, "http://app.example/").with("apps", apps);
    let location = location(&form.request().send().await?)?;
    same(
        "the number of task_ids",
        location.matches("&task_ids=").count(),
        2,
    )
}

case! {
    of_failures: form "6" form "5.1", choice "F-31", codes 40300008;
    "A failure after the policy is decoded goes on too, with status and text; an earlier one does not."
}
async fn of_failures(cx: Context) -> Outcome {
    let before = cx.snapshot().await?;
    let small = going_on(&cx, "http://app.example/").with("content-length-range", "9,9");
    let answer = small.request().send().await?;
    answer.has("X-Error-Code", "40300008")?;
    let location = location(&answer)?;
    let start = "http://app.example/?code=403&message=file%20too%20small&url=";
    holds(location.starts_with(start), format!("{start}…"), &location)?;
    before.is_unchanged(&cx.snapshot().await?)?;
    going_on(&cx, "http://app.example/")
        .policy("%%%")
        .refused_early((400, 40000009, "decode policy error"))
        .await
}

case! {
    that_is_none: form "6", choice "F-32";
    "A return-url that is no absolute URL of http or https is ignored."
}
async fn that_is_none(cx: Context) -> Outcome {
    for url in ["done", "/done", "ftp://app.example/", ""] {
        going_on(&cx, url).ok().await.map_err(|it| it.at(url))?;
    }
    Ok(())
}
