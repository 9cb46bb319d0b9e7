//! Asking about tasks.

use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::task::{
        about, ask, carried_out, end_of, fields, progress as progress_of, submission,
    },
    failure::{holds, same},
    target::fixtures,
    wire::{Api, sign::md5},
};

/// The id of a task of another day.
const UNKNOWN: &str = "0123456789abcdef0123456789abcdef";

case! {
    with_and_without_the_slash: tasks "1" tasks "3.1", client;
    "/status and /result may lack their last slash."
}
async fn with_and_without_the_slash(cx: Context) -> Outcome {
    for path in ["/status/", "/status", "/result/", "/result"] {
        let query = about(&cx, &[UNKNOWN.to_owned()]);
        let request = cx.request("GET", format!("{path}?{query}")).to(Api::Tasks);
        let told = request.ok().await.map_err(|it| it.at(path))?.json()?;
        same("the answer", told, json!({ "tasks": { UNKNOWN: null } }))?;
    }
    Ok(())
}

case! {
    older_name_of_the_service: tasks "3.1", client;
    "bucket_name names the service too, in any place, and the comma may stand as it is."
}
async fn older_name_of_the_service(cx: Context) -> Outcome {
    let other = "f".repeat(32);
    let query = format!("task_ids={UNKNOWN},{other}&bucket_name={}", cx.service());
    let told = ask(&cx, "status", &query).ok().await?.json()?;
    let found = told["tasks"].as_object().map(|it| it.len());
    same("the number of tasks", found, Some(2))
}

case! {
    query_is_signed: tasks "3.1", client, codes 40100005;
    "The signature covers the query as it was sent, not decoded."
}
async fn query_is_signed(cx: Context) -> Outcome {
    let query = about(&cx, &[UNKNOWN.to_owned(), "f".repeat(32)]);
    let ask = ask(&cx, "status", &query);
    ask.clone().ok().await?;
    let decoded = format!("/status/?{}", query.replace("%2C", ","));
    ask.signed_over(decoded)
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    path_alone_is_signed: auth "2.1", choice "A-4";
    "The signature over the path alone is accepted too."
}
async fn path_alone_is_signed(cx: Context) -> Outcome {
    let query = about(&cx, &[UNKNOWN.to_owned()]);
    let ask = ask(&cx, "status", &query);
    ask.signed_over("/status/").ok().await?;
    Ok(())
}

case! {
    signature_of_old: tasks "2.3" auth "8", client, tags Legacy;
    "The signature of old covers the parameters of the query."
}
async fn signature_of_old(cx: Context) -> Outcome {
    let operator = cx.operator();
    let query = about(&cx, &[UNKNOWN.to_owned()]);
    let mut pairs = fields(query.as_bytes());
    pairs.sort();
    let joined: String = pairs
        .iter()
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let text = format!("{}{joined}{}", operator.name, md5(&operator.password));
    let value = format!("UPYUN {}:{}", operator.name, md5(text));
    let ask = ask(&cx, "status", &query).unsigned();
    ask.header("Authorization", value).ok().await?;
    Ok(())
}

case! {
    arguments_missing: tasks "3.2", choice "T-3", codes 40010001;
    "Service and ids must be there and not empty."
}
async fn arguments_missing(cx: Context) -> Outcome {
    let service = cx.service();
    for what in ["status", "result"] {
        for query in [
            format!("service={service}"),
            format!("service={service}&task_ids="),
            format!("task_ids={UNKNOWN}"),
            format!("service=&task_ids={UNKNOWN}"),
            String::new(),
        ] {
            let refused = ask(&cx, what, &query)
                .refused((400, 40010001, "not enough arguments"))
                .await;
            refused.map_err(|it| it.at(query))?;
        }
    }
    Ok(())
}

case! {
    number_of_ids: tasks "3.2" tasks "3.1", codes 40010029;
    "20 tasks may be asked about, and no 21."
}
async fn number_of_ids(cx: Context) -> Outcome {
    let ids: Vec<_> = (0..21).map(|number| format!("{number:032x}")).collect();
    for what in ["status", "result"] {
        let told = ask(&cx, what, &about(&cx, &ids[..20])).ok().await?.json()?;
        let found = told["tasks"].as_object().map(|it| it.len());
        same("the number of tasks", found, Some(20))?;
        ask(&cx, what, &about(&cx, &ids))
            .refused((400, 40010029, "only 1~10 tasks supported in get"))
            .await?;
    }
    Ok(())
}

case! {
    service_unknown: tasks "3.2", codes 40100012;
    "A service that is not there is refused."
}
async fn service_unknown(cx: Context) -> Outcome {
    let query = format!("service=no-such-service-at-all&task_ids={UNKNOWN}");
    ask(&cx, "status", &query)
        .refused((401, 40100012, "bucket not exist"))
        .await?;
    Ok(())
}

case! {
    unsigned: tasks "3.2", codes 40100004;
    "Who asks must sign."
}
async fn unsigned(cx: Context) -> Outcome {
    let query = about(&cx, &[UNKNOWN.to_owned()]);
    for what in ["status", "result"] {
        ask(&cx, what, &query)
            .unsigned()
            .refused((401, 40100004, "need authorization header"))
            .await?;
    }
    Ok(())
}

case! {
    without_the_right: tasks "2.3", choice "T-4", codes 40100017, tags NeedsControl;
    "Asking needs the right to read."
}
async fn without_the_right(cx: Context) -> Outcome {
    let query = about(&cx, &[UNKNOWN.to_owned()]);
    for name in [fixtures::WRITER, fixtures::STRANGER] {
        let request = ask(&cx, "status", &query).by(&fixtures::operator(name));
        request
            .refused((401, 40100017, "user need permission"))
            .await
            .map_err(|it| it.at(name))?;
    }
    let reader = fixtures::operator(fixtures::READER);
    ask(&cx, "status", &query).by(&reader).ok().await?;
    Ok(())
}

case! {
    progress: tasks "3.3" tasks "4";
    "A task is null, or 0 to 99, until it is 100 or -1; it never goes back."
}
async fn progress(cx: Context) -> Outcome {
    cx.put("a.bin", vec![7; 2_000_000]).ok().await?;
    let tasks = json!([{ "sources": [cx.key("a.bin")], "save_as": cx.key("a.zip") }]);
    let id = submission(&cx, "compress", &tasks).ids().await?.remove(0);
    let mut last = 0;
    while last < 100 {
        let now = progress_of(&cx, &id).await?;
        if now.is_null() {
            holds(last == 0, "no way back to null", last)?;
            continue;
        }
        let percent = now.as_i64().unwrap_or(-1);
        holds(
            (last..=100).contains(&percent),
            format!("at least {last}"),
            &now,
        )?;
        last = percent;
    }
    // What it writes is whole before it is done.
    cx.get("a.zip").ok().await?;
    Ok(())
}

case! {
    shape_of_progress: tasks "3.3", client;
    "The answer has nothing but tasks: integers and null."
}
async fn shape_of_progress(cx: Context) -> Outcome {
    let task = json!({ "sources": "/none.zip", "save_as": cx.key("x") });
    let failed = carried_out(&cx, "depress", task).await?;
    let failed = failed["task_id"].as_str().unwrap_or_default().to_owned();
    let query = about(&cx, &[failed.clone(), UNKNOWN.to_owned()]);
    let answer = ask(&cx, "status", &query).ok().await?;
    answer.has("Content-Type", "application/json")?;
    let want = json!({ "tasks": { &*failed: -1, UNKNOWN: null } });
    same("the answer", answer.json()?, want)
}

case! {
    results: tasks "3.4", client;
    "Results stand in tasks, by their ids."
}
async fn results(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let task = json!({ "sources": [cx.key("a.txt")], "save_as": cx.key("a.zip") });
    let result = carried_out(&cx, "compress", task).await?;
    let id = result["task_id"].as_str().unwrap_or_default().to_owned();
    let answer = ask(&cx, "result", &about(&cx, std::slice::from_ref(&id)))
        .ok()
        .await?;
    answer.has("Content-Type", "application/json")?;
    same(
        "the answer",
        answer.json()?,
        json!({ "tasks": { &*id: result } }),
    )
}

case! {
    unknown_results: tasks "3.4" tasks "3.3", choice "T-5";
    "The result of a task that is unknown is null."
}
async fn unknown_results(cx: Context) -> Outcome {
    let query = about(&cx, &[UNKNOWN.to_owned(), "nonsense".to_owned()]);
    for what in ["status", "result"] {
        let told = ask(&cx, what, &query).ok().await?.json()?;
        same(
            "the answer",
            &told["tasks"],
            &json!({ UNKNOWN: null, "nonsense": null }),
        )?;
    }
    Ok(())
}

case! {
    of_another_service: tasks "3.3" tasks "3.4", choice "T-5", tags NeedsControl;
    "Tasks of another service are as if unknown."
}
async fn of_another_service(cx: Context) -> Outcome {
    let task = json!({ "sources": "/none.zip", "save_as": cx.key("x") });
    let tasks = submission(&cx, "depress", &json!([task])).ids().await?;
    end_of(&cx, &tasks[0]).await?;
    let query = format!("service={}&task_ids={}", fixtures::SECOND, tasks[0]);
    for what in ["status", "result"] {
        let told = ask(&cx, what, &query).ok().await?.json()?;
        same("the answer", &told["tasks"][&tasks[0]], &Value::Null)?;
    }
    Ok(())
}
