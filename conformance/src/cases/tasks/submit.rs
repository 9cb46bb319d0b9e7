//! Submitting tasks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::task::{Submission, end_of, fields, ids, submission, submit},
    failure::{holds, same},
    target::{Operator, fixtures},
    wire::{
        Api,
        sign::{base64, md5},
    },
};

/// One task that is soon over: what it works on is not there.
fn probe(cx: &Context) -> Submission {
    let tasks = json!([{ "type": "probe" }]);
    submission(cx, "", &tasks).with("source", cx.key("none.mp4"))
}

case! {
    ids_of_tasks: tasks "2.4" tasks "4";
    "The answer is an array of different ids of 32 hex digits, one for each task."
}
async fn ids_of_tasks(cx: Context) -> Outcome {
    let ten = vec![json!({ "type": "probe" }); 10];
    let submission = submission(&cx, "", &Value::from(ten)).with("source", "/none.mp4");
    let answer = submission.request().ok().await?;
    answer.has("Content-Type", "application/json")?;
    same(
        "the length of the id",
        answer.the("X-Request-Id")?.len(),
        32,
    )?;
    let mut ids = ids(&answer.json()?)?;
    same("the number of ids", ids.len(), 10)?;
    let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    let are_ids = ids
        .iter()
        .all(|id| id.len() == 32 && id.bytes().all(is_hex));
    holds(are_ids, "ids of 32 hex digits", &ids)?;
    ids.sort();
    ids.dedup();
    same("the number of different ids", ids.len(), 10)
}

case! {
    in_the_order_of_tasks: tasks "2.4";
    "The ids come in the order of the tasks."
}
async fn in_the_order_of_tasks(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let save_as = |name| json!({ "sources": [cx.key("a.txt")], "save_as": cx.key(name) });
    let tasks = json!([save_as("1.zip"), save_as("2.zip"), save_as("3.zip")]);
    let ids = submission(&cx, "compress", &tasks).ids().await?;
    for (id, name) in ids.iter().zip(["1.zip", "2.zip", "3.zip"]) {
        same("path", &end_of(&cx, id).await?["path"], &*cx.key(name))?;
    }
    Ok(())
}

case! {
    by_the_sdk: tasks "2" tasks "3";
    "The SDK submits tasks and waits for them."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    cx.put("a.txt", "x").ok().await?;
    let client = cx.sdk()?;
    let task = [
        ("sources", json!([cx.key("a.txt")])),
        ("save_as", json!(cx.key("a.zip"))),
    ];
    let ids = client.submit_tasks("compress").task(task).send().await?;
    let results = client.wait_for_tasks(&ids).send().await?;
    same(
        "statuses",
        results.iter().map(|it| it.status).collect::<Vec<_>>(),
        [200],
    )?;
    cx.head("a.zip").ok().await?;
    Ok(())
}

case! {
    older_name_of_the_service: tasks "2.1", client;
    "bucket_name names the service too."
}
async fn older_name_of_the_service(cx: Context) -> Outcome {
    let submission = probe(&cx).without("service");
    submission.with("bucket_name", cx.service()).ids().await?;
    Ok(())
}

case! {
    both_names_and_more: tasks "2.1", choice "T-1";
    "service wins over bucket_name, and unknown fields are ignored."
}
async fn both_names_and_more(cx: Context) -> Outcome {
    let submission = probe(&cx).with("bucket_name", "no-such-service-at-all");
    submission
        .with("magic", "1")
        .with("signature", "x")
        .ids()
        .await?;
    Ok(())
}

case! {
    without_the_slash: tasks "1", choice "T-1";
    "The path may lack its last slash."
}
async fn without_the_slash(cx: Context) -> Outcome {
    let request = cx.request("POST", "/pretreatment").to(Api::Tasks);
    ids(&request.body(probe(&cx).body()).ok().await?.json()?)?;
    Ok(())
}

case! {
    with_its_md5: tasks "2.3" tasks "2.2", client;
    "Content-MD5 is signed where it is sent, as Python does."
}
async fn with_its_md5(cx: Context) -> Outcome {
    let body = probe(&cx).body();
    let request = submit(&cx).header("Content-MD5", md5(&body)).body(body);
    request.ok().await?;
    Ok(())
}

case! {
    as_java_sends_it: tasks "2.2", client;
    "Values may come unescaped, with a pair that is empty at the end."
}
async fn as_java_sends_it(cx: Context) -> Outcome {
    let tasks = base64(r#"[{"type":"probe"}]"#).replace('=', "%3D");
    let (service, source) = (cx.service(), cx.key("none.mp4"));
    let body = format!(
        "bucket_name={service}&notify_url=http://127.0.0.1:9/cb&source={source}&tasks={tasks}&"
    );
    ids(&submit(&cx).body(body).ok().await?.json()?)?;
    Ok(())
}

case! {
    raw_plus: tasks "2.2", choice "T-1";
    "A plus in the Base64 that was sent raw, and so decodes to a blank, is a plus again."
}
async fn raw_plus(cx: Context) -> Outcome {
    let tasks = base64(r#"[{"type":"a>>>~~~"}]"#);
    holds(tasks.contains('+'), "a plus", &tasks)?;
    let service = cx.service();
    let body = format!("service={service}&notify_url=&source=/none&tasks={tasks}");
    ids(&submit(&cx).body(body).ok().await?.json()?)?;
    Ok(())
}

case! {
    empty_notify_url: tasks "2.1", client;
    "An empty notify_url is accepted."
}
async fn empty_notify_url(cx: Context) -> Outcome {
    probe(&cx).with("notify_url", "").ids().await?;
    Ok(())
}

case! {
    relative_notify_url: tasks "2.5";
    "A notify_url that is a path is accepted, and never called."
}
async fn relative_notify_url(cx: Context) -> Outcome {
    probe(&cx)
        .with("notify_url", "/upyun_notify_url")
        .ids()
        .await?;
    Ok(())
}

case! {
    source_of_other_apps: tasks "2.1", client;
    "Apps that name their sources in their tasks ignore the field source, whatever it is."
}
async fn source_of_other_apps(cx: Context) -> Outcome {
    let tasks = json!([{ "sources": "/none.zip", "save_as": cx.key("x") }]);
    let submission = submission(&cx, "depress", &tasks);
    for source in ["", "upyun"] {
        submission.clone().with("source", source).ids().await?;
    }
    submission.ids().await?;
    Ok(())
}

case! {
    signature_of_old: tasks "2.3" auth "8", client, codes 40100005, tags Legacy;
    "The signature of old covers all fields but itself, and no date."
}
async fn signature_of_old(cx: Context) -> Outcome {
    let operator = cx.operator();
    let body = probe(&cx).body();
    let mut pairs = fields(body.as_bytes());
    pairs.sort();
    let joined: String = pairs
        .iter()
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let text = format!("{}{joined}{}", operator.name, md5(&operator.password));
    let signed = |signature: String| {
        let value = format!("UPYUN {}:{signature}", operator.name);
        submit(&cx)
            .unsigned()
            .header("Authorization", value)
            .body(&body)
    };
    signed(md5(text)).ok().await?;
    signed(md5(joined))
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    unsigned: tasks "2.5", codes 40100004;
    "A submission without Authorization is refused."
}
async fn unsigned(cx: Context) -> Outcome {
    probe(&cx)
        .request()
        .unsigned()
        .refused((401, 40100004, "need authorization header"))
        .await?;
    Ok(())
}

case! {
    realm_unknown: tasks "2.5", codes 40100003;
    "Another scheme than UPYUN is refused."
}
async fn realm_unknown(cx: Context) -> Outcome {
    let request = probe(&cx).request().unsigned();
    request
        .header("Authorization", "Bearer x")
        .refused((401, 40100003, "unknown realm in authorization header"))
        .await?;
    Ok(())
}

case! {
    no_date: tasks "2.5", codes 40100001;
    "The current signature needs a Date."
}
async fn no_date(cx: Context) -> Outcome {
    let value = format!("UPYUN {}:6KGqGX4tFwqnCdSndEmGQsR1jQU=", cx.operator().name);
    let request = probe(&cx).request().unsigned();
    request
        .header("Authorization", value)
        .refused((401, 40100001, "need date header"))
        .await?;
    Ok(())
}

case! {
    date_malformed: tasks "2.5", codes 40100016;
    "A Date that is none is refused."
}
async fn date_malformed(cx: Context) -> Outcome {
    probe(&cx)
        .request()
        .dated("yesterday")
        .refused((401, 40100016, "invalid date value in header"))
        .await?;
    Ok(())
}

case! {
    date_off: tasks "2.5" tasks "2.3", codes 40100002;
    "A Date more than 30 minutes off is refused, in both directions."
}
async fn date_off(cx: Context) -> Outcome {
    let off = Duration::from_secs(31 * 60);
    for time in [cx.now() - off, cx.now() + off] {
        probe(&cx)
            .request()
            .at(time)
            .refused((401, 40100002, "date offset error"))
            .await?;
    }
    Ok(())
}

case! {
    operator_unknown: tasks "2.5", codes 40100006;
    "An operator that is not there is refused."
}
async fn operator_unknown(cx: Context) -> Outcome {
    let nobody = Operator::new("nobody-at-all", "x");
    probe(&cx)
        .request()
        .by(&nobody)
        .refused((401, 40100006, "user not exists"))
        .await?;
    Ok(())
}

case! {
    signature_wrong: tasks "2.5", codes 40100005;
    "A wrong password is a signature error."
}
async fn signature_wrong(cx: Context) -> Outcome {
    let other = Operator::new(&*cx.operator().name, "another password");
    probe(&cx)
        .request()
        .by(&other)
        .refused((401, 40100005, "signature error"))
        .await?;
    Ok(())
}

case! {
    md5_mismatch: tasks "2.5", choice "T-3", codes 40000006 40001001;
    "A Content-MD5 that does not fit the body, or is none, is refused as for an upload."
}
async fn md5_mismatch(cx: Context) -> Outcome {
    let with = |sum: String| {
        submit(&cx)
            .header("Content-MD5", sum)
            .body(probe(&cx).body())
    };
    with(md5("other"))
        .refused((400, 40000006, "content md5 not match"))
        .await?;
    with("x".to_owned())
        .refused((400, 40001001, "wrong content-md5"))
        .await?;
    Ok(())
}

case! {
    no_body: tasks "2.5", choice "T-3", codes 40000002;
    "A submission without a body is refused."
}
async fn no_body(cx: Context) -> Outcome {
    submit(&cx).refused((400, 40000002, "need body")).await?;
    Ok(())
}

case! {
    arguments_missing: tasks "2.5" tasks "2.1", choice "T-3", codes 40010001;
    "service, tasks and notify_url must be there; naga needs a source, which may be empty."
}
async fn arguments_missing(cx: Context) -> Outcome {
    for name in ["service", "tasks", "notify_url", "source"] {
        let refused = probe(&cx)
            .without(name)
            .refused((400, 40010001, "not enough arguments"))
            .await;
        refused.map_err(|it| it.at(name))?;
    }
    for name in ["service", "tasks"] {
        let refused = probe(&cx)
            .with(name, "")
            .refused((400, 40010001, "not enough arguments"))
            .await;
        refused.map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    empty_source: tasks "2.1" tasks "2.5", choice "T-22";
    "A media task with an empty source is accepted, and fails for that reason."
}
async fn empty_source(cx: Context) -> Outcome {
    let id = probe(&cx).with("source", "").ids().await?.remove(0);
    let result = end_of(&cx, &id).await?;
    let description = result["description"].as_str().unwrap_or_default();
    same("status_code", &result["status_code"], 404)?;
    holds(description.contains("source"), "the reason", description)
}

case! {
    service_unknown: tasks "2.5", choice "T-3", codes 40100012;
    "A service that is not there is refused."
}
async fn service_unknown(cx: Context) -> Outcome {
    let submission = probe(&cx).with("service", "no-such-service-at-all");
    submission
        .refused((401, 40100012, "bucket not exist"))
        .await
}

case! {
    without_the_right: tasks "2.5" tasks "2.3", choice "T-4", codes 40100017, tags NeedsControl;
    "Submitting needs the right to write."
}
async fn without_the_right(cx: Context) -> Outcome {
    for name in [fixtures::READER, fixtures::DELETER, fixtures::STRANGER] {
        let request = probe(&cx).request().by(&fixtures::operator(name));
        request
            .refused((401, 40100017, "user need permission"))
            .await
            .map_err(|it| it.at(name))?;
    }
    let writer = fixtures::operator(fixtures::WRITER);
    probe(&cx).request().by(&writer).ok().await?;
    Ok(())
}

case! {
    notify_url_malformed: tasks "2.5", choice "T-3", codes 40010002;
    "A notify_url is a URL of http or https, or a path."
}
async fn notify_url_malformed(cx: Context) -> Outcome {
    for url in ["ftp://a/b", "localhost:80", "http://", "x"] {
        let refused = probe(&cx)
            .with("notify_url", url)
            .refused((400, 40010002, "url not allowed"))
            .await;
        refused.map_err(|it| it.at(url))?;
    }
    Ok(())
}

case! {
    tasks_not_decodable: tasks "2.5" tasks "2.1", choice "T-3", codes 40010033;
    "tasks that are not Base64 of a JSON array of objects are refused."
}
async fn tasks_not_decodable(cx: Context) -> Outcome {
    let json = ["{}", "[1]", "[[1]]", "x", "\"[]\"", "[null]"].map(base64);
    let none = ["%%%".to_owned(), base64(b"[{\"type\":\"\xff\"}]")];
    for text in json.into_iter().chain(none) {
        let refused = probe(&cx)
            .with("tasks", &*text)
            .refused((400, 40010033, "decode tasks error"))
            .await;
        refused.map_err(|it| it.at(text))?;
    }
    let chain = json!([[{ "type": "video" }]]);
    let submission = submission(&cx, "compress", &chain);
    submission
        .refused((400, 40010033, "decode tasks error"))
        .await
}

case! {
    number_of_tasks: tasks "2.5", choice "T-3", codes 40010003;
    "There are 1 to 10 tasks."
}
async fn number_of_tasks(cx: Context) -> Outcome {
    for count in [0, 11] {
        let tasks = Value::from(vec![json!({ "type": "probe" }); count]);
        let text = base64(tasks.to_string());
        let refused = probe(&cx)
            .with("tasks", text)
            .refused((400, 40010003, "tasks number error"))
            .await;
        refused.map_err(|it| it.at(count))?;
    }
    Ok(())
}

case! {
    app_unknown: tasks "2.5", choice "T-3", codes 40011091;
    "An app that is not there is refused."
}
async fn app_unknown(cx: Context) -> Outcome {
    for name in ["magic", "Naga", "thumb"] {
        let refused = probe(&cx)
            .with("app_name", name)
            .refused((400, 40011091, "invalid app name"))
            .await;
        refused.map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    app_is_naga: tasks "2.1", client;
    "Without an app_name, and with an empty one, the app is naga."
}
async fn app_is_naga(cx: Context) -> Outcome {
    for submission in [
        probe(&cx),
        probe(&cx).with("app_name", ""),
        probe(&cx).with("app_name", "naga"),
    ] {
        let id = submission.ids().await?.remove(0);
        let result = end_of(&cx, &id).await?;
        holds(result["description"].is_string(), "a media task", &result)?;
    }
    Ok(())
}

case! {
    order: tasks "2.5", choice "T-3", codes 40100005 40000002 40010001 40100012 40010002 40010033 40010003 40011091;
    "Of several faults the first of the documented order is told."
}
async fn order(cx: Context) -> Outcome {
    let other = Operator::new(&*cx.operator().name, "another password");
    submit(&cx)
        .by(&other)
        .refused((401, 40100005, "signature error"))
        .await?;
    submit(&cx).refused((400, 40000002, "need body")).await?;
    let mut faults = probe(&cx)
        .with("service", "no-such-service-at-all")
        .with("notify_url", "x")
        .with("app_name", "magic")
        .without("tasks");
    faults
        .refused((400, 40010001, "not enough arguments"))
        .await?;
    faults = faults.with("tasks", "%%%");
    faults.refused((401, 40100012, "bucket not exist")).await?;
    faults = faults.with("service", cx.service());
    faults.refused((400, 40010002, "url not allowed")).await?;
    faults = faults.with("notify_url", "");
    faults
        .refused((400, 40010033, "decode tasks error"))
        .await?;
    faults = faults.with("tasks", base64("[]"));
    faults
        .refused((400, 40010003, "tasks number error"))
        .await?;
    faults = faults.with("tasks", base64("[{}]"));
    faults.refused((400, 40011091, "invalid app name")).await
}

case! {
    other_methods: tasks "2.5" errors "3", choice "T-3", codes 40500000;
    "Submitting is a POST, asking a GET."
}
async fn other_methods(cx: Context) -> Outcome {
    for (method, path) in [
        ("GET", "/pretreatment/"),
        ("PUT", "/pretreatment/"),
        ("POST", "/status/"),
        ("DELETE", "/result/"),
    ] {
        let request = cx.request(method, path).to(Api::Tasks);
        request
            .refused((405, 40500000, "method not allowed"))
            .await
            .map_err(|it| it.at(method))?;
    }
    Ok(())
}

case! {
    other_paths: tasks "1", choice "own", codes 40001000;
    "Another path of the tasks' host is no operation."
}
async fn other_paths(cx: Context) -> Outcome {
    cx.request("GET", "/elsewhere")
        .to(Api::Tasks)
        .refused((400, 40001000, "wrong uri"))
        .await?;
    Ok(())
}

case! {
    what_is_in_a_task: tasks "2.5", choice "T-3";
    "What is inside a task is looked at when it is carried out, not before."
}
async fn what_is_in_a_task(cx: Context) -> Outcome {
    for task in [json!({}), json!({ "type": 7 }), json!({ "type": "magic" })] {
        let submission = submission(&cx, "", &json!([task]));
        let id = submission.with("source", "/none").ids().await?.remove(0);
        let result = end_of(&cx, &id).await?;
        holds(result["status_code"] != 200, "a failed task", &result)?;
    }
    Ok(())
}
