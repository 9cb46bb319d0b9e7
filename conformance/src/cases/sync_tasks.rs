//! Synchronous processing: `tasks.md`, section 14.

use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::{
        support::{picture::decode, task::sync_task},
        tasks::put_video,
    },
    failure::{Failure, holds, same},
    target::{Operator, fixtures},
    wire::{Api, sign::md5},
};

async fn done(cx: &Context, operation: &str, parameters: Value) -> Result<Value, Failure> {
    let text = parameters.to_string();
    let answer = sync_task(cx, operation, &parameters).send().await?;
    answer.is_status(200).map_err(|it| it.at(text))?;
    answer.json()
}

/// Expects a failure with this status in both places, that says why, and that nothing changed.
async fn fails(cx: &Context, operation: &str, rows: Vec<(u16, Value)>) -> Result<(), Failure> {
    let before = cx.snapshot().await?;
    for (status, parameters) in rows {
        let at = |failure: Failure| failure.at(format!("{operation} {parameters}"));
        let answer = sync_task(cx, operation, &parameters).send().await?;
        answer.is_status(status).map_err(at)?;
        let body = answer.json().map_err(at)?;
        same("status_code", &body["status_code"], status).map_err(at)?;
        let why = body["message"].as_str().unwrap_or_default();
        holds(
            !why.is_empty() && why != "ok",
            "a text that says why",
            &body,
        )
        .map_err(at)?;
        before.is_unchanged(&cx.snapshot().await?).map_err(at)?;
    }
    Ok(())
}

/// Stores a playlist.
async fn playlist(cx: &Context, name: &str, segments: &[(&str, &str)]) -> Result<(), Failure> {
    let lines = segments.iter();
    let lines: String = lines
        .map(|(time, name)| format!("#EXTINF:{time},\n{name}\n"))
        .collect();
    let text =
        format!("#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:11\n{lines}#EXT-X-ENDLIST\n");
    cx.put(name, text).ok().await.map(drop)
}

/// Two playlists: `a/a.m3u8` of 10, 10 and 10.5 s, and `b.m3u8` of 3 s.
async fn playlists(cx: &Context) -> Result<(), Failure> {
    let segments = [("10", "a_0.ts"), ("10", "a_1.ts"), ("10.5", "a_2.ts")];
    playlist(cx, "a/a.m3u8", &segments).await?;
    playlist(cx, "b.m3u8", &[("1", "b_0.ts"), ("2", "b_1.ts")]).await
}

/// The names of the segments, without their folders.
async fn segments(cx: &Context, name: &str) -> Result<Vec<String>, Failure> {
    let answer = cx.get(name).ok().await?;
    let text = answer.text()?;
    holds(text.starts_with("#EXTM3U"), "a playlist", text)?;
    let names = text.lines().filter(|line| line.ends_with(".ts"));
    let names = names.filter_map(|line| line.rsplit('/').next());
    Ok(names.map(str::to_owned).collect())
}

case! {
    playlists_are_measured: tasks "14.3" tasks "14";
    "get_meta tells the duration, and when each segment ends."
}
async fn playlists_are_measured(cx: Context) -> Outcome {
    playlists(&cx).await?;
    let key = cx.key("a/a.m3u8");
    for m3u8 in [&*key, key.trim_start_matches('/')] {
        let found = done(&cx, "m3u8er/get_meta", json!({ "m3u8": m3u8 })).await?;
        let want = json!({
            "status_code": 200, "message": "ok",
            "meta": { "duration": 30.5, "points": [10.0, 20.0, 30.5] },
        });
        same("the answer", found, want)?;
    }
    Ok(())
}

case! {
    playlists_are_joined: tasks "14.1";
    "concat puts playlists behind each other, and refers to the segments that are there."
}
async fn playlists_are_joined(cx: Context) -> Outcome {
    playlists(&cx).await?;
    let task =
        json!({ "m3u8s": [cx.key("b.m3u8"), cx.key("a/a.m3u8")], "save_as": cx.key("c.m3u8") });
    let found = done(&cx, "m3u8er/concat", task).await?;
    same(
        "the answer",
        found,
        json!({ "status_code": 200, "message": "ok" }),
    )?;
    let want = ["b_0.ts", "b_1.ts", "a_0.ts", "a_1.ts", "a_2.ts"];
    same("segments", segments(&cx, "c.m3u8").await?, want)?;
    let meta = done(&cx, "m3u8er/get_meta", json!({ "m3u8": cx.key("c.m3u8") })).await?;
    same("duration", meta["meta"]["duration"].as_f64(), Some(33.5))
}

case! {
    joints_are_marked: tasks "14.1", choice "T-20";
    "Between the parts stands a discontinuity."
}
async fn joints_are_marked(cx: Context) -> Outcome {
    playlists(&cx).await?;
    let task =
        json!({ "m3u8s": [cx.key("a/a.m3u8"), cx.key("b.m3u8")], "save_as": cx.key("c.m3u8") });
    done(&cx, "m3u8er/concat", task).await?;
    let answer = cx.get("c.m3u8").ok().await?;
    same(
        "the number of joints",
        answer.text()?.matches("#EXT-X-DISCONTINUITY\n").count(),
        1,
    )
}

case! {
    playlists_are_cut: tasks "14.2";
    "clip keeps or drops a range of seconds, or of segment numbers with index; include wins."
}
async fn playlists_are_cut(cx: Context) -> Outcome {
    playlists(&cx).await?;
    for (mut task, want) in [
        (json!({ "include": [0, 20] }), &["a_0.ts", "a_1.ts"][..]),
        (
            json!({ "include": [5, 10.1], "index": false }),
            &["a_0.ts", "a_1.ts"],
        ),
        (json!({ "exclude": [5, 10.1] }), &["a_2.ts"]),
        (
            json!({ "exclude": [0, 10], "include": [0, 10] }),
            &["a_0.ts"],
        ),
        (
            json!({ "include": [1, 2], "index": true }),
            &["a_1.ts", "a_2.ts"],
        ),
        (
            json!({ "exclude": [1, 1], "index": true }),
            &["a_0.ts", "a_2.ts"],
        ),
    ] {
        let text = task.to_string();
        task["m3u8"] = cx.key("a/a.m3u8").into();
        task["save_as"] = cx.key("cut.m3u8").into();
        let found = done(&cx, "m3u8er/clip", task).await?;
        same(
            "the answer",
            found,
            json!({ "status_code": 200, "message": "ok" }),
        )?;
        same("segments", segments(&cx, "cut.m3u8").await?, want).map_err(|it| it.at(text))?;
    }
    Ok(())
}

case! {
    several_ranges: tasks "14.2", choice "T-20";
    "With index a flat list of pairs is several ranges."
}
async fn several_ranges(cx: Context) -> Outcome {
    playlists(&cx).await?;
    let (m3u8, save_as) = (cx.key("a/a.m3u8"), cx.key("cut.m3u8"));
    let task = json!({ "m3u8": m3u8, "save_as": save_as, "include": [0, 0, 2, 2], "index": true });
    done(&cx, "m3u8er/clip", task).await?;
    same(
        "segments",
        segments(&cx, "cut.m3u8").await?,
        ["a_0.ts", "a_2.ts"],
    )
}

case! {
    playlists_that_cannot_be: tasks "14" tasks "14.1" tasks "14.2" tasks "14.3", choice "T-20";
    "Bad parameters are 400, a playlist that is missing 404, told in the body too."
}
async fn playlists_that_cannot_be(cx: Context) -> Outcome {
    playlists(&cx).await?;
    cx.put("text", "hello").ok().await?;
    let (m3u8, save_as) = (cx.key("b.m3u8"), cx.key("c.m3u8"));
    let clip = |members: Value| {
        let mut task = json!({ "m3u8": m3u8, "save_as": save_as });
        for (name, value) in members.as_object().into_iter().flatten() {
            task[name] = value.clone();
        }
        (400, task)
    };
    let rows = vec![
        clip(json!({})),
        clip(json!({ "include": [1] })),
        clip(json!({ "include": [2, 1] })),
        clip(json!({ "include": ["a", "b"] })),
        (400, json!({ "m3u8": m3u8, "include": [0, 1] })),
        (400, json!({ "save_as": save_as, "include": [0, 1] })),
        (
            404,
            json!({ "m3u8": cx.key("none"), "save_as": save_as, "include": [0, 1] }),
        ),
    ];
    fails(&cx, "m3u8er/clip", rows).await?;
    let rows = vec![
        (400, json!({})),
        (400, json!({ "m3u8": cx.key("text") })),
        (404, json!({ "m3u8": cx.key("none") })),
    ];
    fails(&cx, "m3u8er/get_meta", rows).await?;
    let rows = vec![
        (400, json!({ "m3u8s": [], "save_as": save_as })),
        (400, json!({ "m3u8s": "x", "save_as": save_as })),
        (400, json!({ "m3u8s": [m3u8] })),
        (
            404,
            json!({ "m3u8s": [m3u8, cx.key("none")], "save_as": save_as }),
        ),
    ];
    fails(&cx, "m3u8er/concat", rows).await
}

case! {
    snapshot: tasks "14.4", tags NeedsMedia Images;
    "A snapshot stores one picture of a film, and tells its type and length."
}
async fn snapshot(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let source = cx.key("in.mp4");
    for (name, format, kind) in [
        ("f.jpg", Value::Null, "image/jpeg"),
        ("f.png", Value::Null, "image/png"),
        ("f", json!("png"), "image/png"),
        ("f", json!("webp"), "image/webp"),
    ] {
        let mut task = json!({ "source": source, "save_as": cx.key(name), "point": "00:00:02", "size": "64x36" });
        if !format.is_null() {
            task["format"] = format;
        }
        let found = done(&cx, "snapshot", task).await?;
        let stored = cx.get(name).ok().await?;
        let want = json!({
            "status_code": 200, "message": "ok", "content_type": kind,
            "content_length": stored.body.len(), "save_as": cx.key(name),
        });
        same("the answer", found, want)?;
        same("the size", decode(&stored.body)?.dimensions(), (64, 36))?;
    }
    Ok(())
}

case! {
    snapshot_that_cannot_be: tasks "14.4" tasks "14", choice "T-20", tags NeedsMedia Images;
    "Bad parameters are 400, a film that is missing 404."
}
async fn snapshot_that_cannot_be(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let with = |name: &str, value: Value| {
        let mut task =
            json!({ "source": cx.key("in.mp4"), "save_as": cx.key("f.jpg"), "point": "1" });
        task[name] = value;
        task
    };
    let rows = vec![
        (400, with("point", "x".into())),
        (400, with("point", "99".into())),
        (400, with("point", Value::Null)),
        (400, with("size", "x".into())),
        (400, with("format", "gif".into())),
        (400, with("save_as", Value::Null)),
        (400, with("source", Value::Null)),
        (404, with("source", cx.key("none.mp4").into())),
    ];
    fails(&cx, "snapshot", rows).await
}

case! {
    what_media_are_made_of: tasks "14.5" tasks "5.7", tags NeedsMedia;
    "avmeta answers with the info object itself."
}
async fn what_media_are_made_of(cx: Context) -> Outcome {
    put_video(&cx).await?;
    let found = done(
        &cx,
        "avmeta/get_meta",
        json!({ "source": cx.key("in.mp4") }),
    )
    .await?;
    same("codec", &found["streams"][0]["codec"], "h264")?;
    holds(
        found["format"]["duration"].is_number(),
        "a duration",
        &found,
    )?;
    fails(
        &cx,
        "avmeta/get_meta",
        vec![
            (404, json!({ "source": cx.key("none.mp4") })),
            (400, json!({})),
        ],
    )
    .await
}

case! {
    live_audits: tasks "14.6", choice "T-18";
    "There are no live streams: creating an audit of one, and cancelling one, is 404."
}
async fn live_audits(cx: Context) -> Outcome {
    let create = json!({
        "service": cx.service(), "source": "rtmp://live.example.com/a", "save_as": cx.key("{index}.jpg"),
        "notify_url": "http://127.0.0.1:9/cb",
    });
    fails(&cx, "liveaudit/create", vec![(404, create)]).await?;
    let cancel = json!({ "service": cx.service(), "task_id": "0".repeat(32) });
    fails(&cx, "liveaudit/cancel", vec![(404, cancel)]).await
}

case! {
    live_audits_that_cannot_be: tasks "14.6";
    "An audit of a live stream needs its arguments, and a source of rtmp."
}
async fn live_audits_that_cannot_be(cx: Context) -> Outcome {
    let http = json!({
        "service": cx.service(), "source": "http://live.example.com/a", "save_as": cx.key("{index}.jpg"),
        "notify_url": "http://127.0.0.1:9/cb",
    });
    fails(&cx, "liveaudit/create", vec![(400, json!({})), (400, http)]).await
}

case! {
    text_audits: tasks "14.6", tags Legacy;
    "An audit of text tells label, review, and how likely it is spam or normal."
}
async fn text_audits(cx: Context) -> Outcome {
    let found = done(&cx, "textaudit/detect", json!({ "text": "hello" })).await?;
    same("status", &found["status"], 200)?;
    holds(
        found["label"].as_u64().is_some_and(|it| it <= 2),
        "a label",
        &found,
    )?;
    holds(found["review"].is_boolean(), "review", &found)?;
    holds(
        found["spam"].is_number() && found["normal"].is_number(),
        "two rates",
        &found,
    )?;
    same(
        "the length of the id",
        found["task_id"].as_str().map(str::len),
        Some(32),
    )
}

case! {
    as_go_sends_it: tasks "14", client;
    "Content-MD5 is signed where it is sent, and members that are not known are ignored."
}
async fn as_go_sends_it(cx: Context) -> Outcome {
    playlists(&cx).await?;
    let task = json!({ "m3u8": cx.key("b.m3u8"), "service": cx.service(), "magic": 1 });
    let request = sync_task(&cx, "m3u8er/get_meta", &task);
    request
        .header("Content-MD5", md5(task.to_string()))
        .ok()
        .await?;
    Ok(())
}

case! {
    who_may_ask: tasks "14", codes 40100004 40100005 40100006 40100012;
    "Synchronous tasks are signed as all requests are."
}
async fn who_may_ask(cx: Context) -> Outcome {
    playlists(&cx).await?;
    let task = || sync_task(&cx, "m3u8er/get_meta", &json!({ "m3u8": cx.key("b.m3u8") }));
    task()
        .unsigned()
        .refused((401, 40100004, "need authorization header"))
        .await?;
    let other = Operator::new(&*cx.operator().name, "another password");
    task()
        .by(&other)
        .refused((401, 40100005, "signature error"))
        .await?;
    task()
        .by(&Operator::new("nobody-at-all", "x"))
        .refused((401, 40100006, "user not exists"))
        .await?;
    let elsewhere = cx.request("POST", "/no-such-service-at-all/snapshot");
    elsewhere
        .to(Api::SyncTasks)
        .body("{}")
        .refused((401, 40100012, "bucket not exist"))
        .await?;
    Ok(())
}

case! {
    without_the_right: tasks "14", choice "own", codes 40100017, tags NeedsControl;
    "Making something needs the right to write."
}
async fn without_the_right(cx: Context) -> Outcome {
    playlists(&cx).await?;
    let task = json!({ "m3u8s": [cx.key("b.m3u8")], "save_as": cx.key("c.m3u8") });
    for name in [fixtures::READER, fixtures::STRANGER] {
        let request = sync_task(&cx, "m3u8er/concat", &task).by(&fixtures::operator(name));
        request
            .refused((401, 40100017, "user need permission"))
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    other_operations: tasks "1", choice "own", codes 40001000 40500000;
    "There are no other operations, and each is a POST."
}
async fn other_operations(cx: Context) -> Outcome {
    sync_task(&cx, "magic", &json!({}))
        .refused((400, 40001000, "wrong uri"))
        .await?;
    let request = cx.request("GET", format!("/{}/snapshot", cx.service()));
    request
        .to(Api::SyncTasks)
        .refused((405, 40500000, "method not allowed"))
        .await?;
    Ok(())
}

case! {
    body_that_is_none: tasks "14", choice "T-20";
    "A body that is no JSON object is 400."
}
async fn body_that_is_none(cx: Context) -> Outcome {
    for body in ["{", "[]", "x"] {
        let request = cx.request("POST", format!("/{}/snapshot", cx.service()));
        let answer = request.to(Api::SyncTasks).body(body).send().await?;
        answer.is_status(400).map_err(|it| it.at(body))?;
    }
    Ok(())
}
