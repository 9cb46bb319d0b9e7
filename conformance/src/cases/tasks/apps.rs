//! Tasks of forms.

use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        form::form,
        task::{end_of, ids, is_done, is_failed},
    },
    failure::{Failure, holds, same},
};

/// Uploads a text with these apps, and gives their results.
async fn results(cx: &Context, apps: Value) -> Result<Vec<Value>, Failure> {
    let told = form(cx, "a.txt", "hello").with("apps", apps).ok().await?;
    let mut results = Vec::new();
    for id in ids(&told["task_ids"])? {
        results.push(end_of(cx, &id).await?);
    }
    Ok(results)
}

case! {
    of_the_uploaded_file: tasks "13" tasks "13.1" tasks "13.2" tasks "4";
    "apps of a policy are tasks on the stored file, in order, and are asked about like others."
}
async fn of_the_uploaded_file(cx: Context) -> Outcome {
    let apps =
        json!([{ "name": "imgaudit" }, { "name": "naga", "type": "probe", "accept": "json" }]);
    let results = results(&cx, apps).await?;
    same("source", &results[0]["source"], &*cx.key("a.txt"))?;
    holds(
        results[1]["description"].is_string(),
        "a media task",
        &results[1],
    )?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    failure_does_no_harm: tasks "13.1";
    "A task that fails does not affect the upload."
}
async fn failure_does_no_harm(cx: Context) -> Outcome {
    let results = results(&cx, json!([{ "name": "imgaudit" }])).await?;
    is_failed(&results[0], 415)?;
    cx.get("a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    other_apps: tasks "13.1", choice "own";
    "compress, depress, jigsaw and spiderman are apps of forms too."
}
async fn other_apps(cx: Context) -> Outcome {
    let apps = json!([
        { "name": "compress", "save_as": cx.key("a.zip") },
        { "name": "depress", "save_as": cx.key("x") },
        { "name": "jigsaw", "save_as": cx.key("x.png") },
        { "name": "spiderman", "save_as": cx.key("y") },
    ]);
    let results = results(&cx, apps).await?;
    is_done(&results[0])?;
    cx.head("a.zip").ok().await?;
    is_failed(&results[1], 400)?;
    Ok(())
}

case! {
    audit_of_text: tasks "12" tasks "13.1", choice "T-18";
    "textjudge gives a verdict on text."
}
async fn audit_of_text(cx: Context) -> Outcome {
    let results = results(&cx, json!([{ "name": "textjudge" }])).await?;
    let verdict = &is_done(&results[0])?["result"]["text"];
    holds(verdict["label"].is_u64(), "a label", verdict)
}

case! {
    media: tasks "13.1" tasks "6", tags NeedsMedia Images;
    "naga works on the uploaded film."
}
async fn media(cx: Context) -> Outcome {
    super::naga::put_video(&cx).await?;
    let film = cx.get("in.mp4").ok().await?.body;
    let apps = json!([{
        "name": "naga", "type": "thumbnail", "avopts": "/o/true/s/32:18", "save_as": cx.key("t.png"),
    }]);
    let told = form(&cx, "b.mp4", film).with("apps", apps).ok().await?;
    let id = ids(&told["task_ids"])?.remove(0);
    is_done(&end_of(&cx, &id).await?)?;
    let picture = cx.get("t.png").ok().await?;
    let size = crate::cases::support::picture::decode(&picture.body)?.dimensions();
    same("the size", size, (32, 18))
}

case! {
    as_text: tasks "13.1" form "2", client;
    "A text that holds the array of apps is one."
}
async fn as_text(cx: Context) -> Outcome {
    let apps = json!([{ "name": "imgaudit" }]).to_string();
    same(
        "the number of results",
        results(&cx, apps.into()).await?.len(),
        1,
    )
}

case! {
    malformed: tasks "13.1" form "10", choice "own", codes 40000009;
    "apps that are no array, and elements without a name, are refused."
}
async fn malformed(cx: Context) -> Outcome {
    for apps in [
        json!("no"),
        json!({}),
        json!(7),
        json!([1]),
        json!([{}]),
        json!([{ "name": 7 }]),
        json!([{ "app_name": "naga" }]),
    ] {
        let form = form(&cx, "a.txt", "x").with("apps", apps.clone());
        form.refused((400, 40000009, "decode policy error"))
            .await
            .map_err(|it| it.at(apps))?;
    }
    Ok(())
}

case! {
    number_of_apps: tasks "13.1" form "3", choice "own", codes 40010003;
    "There are 1 to 10 apps."
}
async fn number_of_apps(cx: Context) -> Outcome {
    for count in [0, 11] {
        let apps = Value::from(vec![json!({ "name": "imgaudit" }); count]);
        let form = form(&cx, "a.txt", "x").with("apps", apps);
        form.refused((400, 40010003, "tasks number error"))
            .await
            .map_err(|it| it.at(count))?;
    }
    let apps = Value::from(vec![json!({ "name": "imgaudit" }); 10]);
    form(&cx, "a.txt", "x").with("apps", apps).ok().await?;
    Ok(())
}

case! {
    name_unknown: tasks "13.1" form "3", choice "own", codes 40011050;
    "An app that is not there is refused, and the file is not stored."
}
async fn name_unknown(cx: Context) -> Outcome {
    for name in ["magic", "Thumb", ""] {
        let form = form(&cx, "a.txt", "x").with("apps", json!([{ "name": name }]));
        form.refused((400, 40011050, "invalid app name"))
            .await
            .map_err(|it| it.at(name))?;
    }
    Ok(())
}

case! {
    one_audit: tasks "12";
    "One audit and one conversion fit into an upload."
}
async fn one_audit(cx: Context) -> Outcome {
    for name in ["imgaudit", "videoaudit", "uconvert"] {
        let apps = json!([{ "name": name, "save_as": cx.key("x") }]);
        form(&cx, "a.txt", "x").with("apps", apps).ok().await?;
    }
    Ok(())
}

case! {
    sound: tasks "14.7" form "3", tags NeedsMedia;
    "x-audio-avopts transcodes sound before it is stored; the result tells of what is stored."
}
async fn sound(cx: Context) -> Outcome {
    super::naga::put_video(&cx).await?;
    let film = cx.get("in.mp4").ok().await?.body;
    for (name, avopts, kind, start) in [
        ("a.ogg", "/ab/48/ac/1/f/ogg", "audio/ogg", &b"OggS"[..]),
        ("a.mp3", "/ac/1", "audio/mpeg", b"ID3"),
    ] {
        let form = form(&cx, name, &film).with("x-audio-avopts", avopts);
        let told = form.ok().await?;
        same("mimetype", &told["mimetype"], kind)?;
        let stored = cx.get(name).ok().await?.body;
        same("file_size", &told["file_size"], stored.len())?;
        holds(
            stored.starts_with(start),
            format!("a file of {kind}"),
            &stored[..4],
        )?;
    }
    Ok(())
}

case! {
    sound_that_cannot_be: tasks "14.7" form "3", choice "T-21", codes 40000032, tags NeedsMedia;
    "Bad parameters, and a file without sound, are refused."
}
async fn sound_that_cannot_be(cx: Context) -> Outcome {
    super::naga::put_video(&cx).await?;
    let film = cx.get("in.mp4").ok().await?.body;
    for avopts in ["/ab/x", "/f/flac", "/ac/9", "/magic/1", "x"] {
        let form = form(&cx, "a.mp3", &film).with("x-audio-avopts", avopts);
        form.refused((400, 40000032, "ffmpeg args error"))
            .await
            .map_err(|it| it.at(avopts))?;
    }
    let form = form(&cx, "a.mp3", "no sound").with("x-audio-avopts", "/ab/48");
    form.refused((400, 40000032, "ffmpeg args error")).await?;
    Ok(())
}
