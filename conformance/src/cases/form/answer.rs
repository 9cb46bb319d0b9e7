//! The answer to a form.

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{form::form, picture},
    failure::{holds, same},
    target::Operator,
    wire::sign::md5,
};

case! {
    of_a_file: form "5";
    "The result tells code, message, url and time."
}
async fn of_a_file(cx: Context) -> Outcome {
    let before = cx.unix();
    let answer = form(&cx, "a b.txt", "hello").request().ok().await?;
    let kind = answer.the("Content-Type")?;
    holds(
        kind.starts_with("application/json"),
        "Content-Type application/json",
        kind,
    )?;
    same(
        "the length of the id",
        answer.the("X-Request-Id")?.len(),
        32,
    )?;
    let told = answer.json()?;
    same("code", &told["code"], 200)?;
    same("message", &told["message"], "ok")?;
    same("url", &told["url"], &*cx.key("a b.txt"))?;
    let time = told["time"].as_u64().unwrap_or_default();
    let near = before.saturating_sub(1800)..=cx.unix() + 1800;
    holds(near.contains(&time), "the time of the upload", time)
}

case! {
    under_the_current_signature: form "5", client;
    "Under the current signature the result has mimetype and file_size, and no sign."
}
async fn under_the_current_signature(cx: Context) -> Outcome {
    let told = form(&cx, "a.txt", "hello").ok().await?;
    same("mimetype", &told["mimetype"], "text/plain")?;
    same("file_size", &told["file_size"], 5)?;
    for name in ["sign", "no-sign", "image-width", "ext-param", "task_ids"] {
        holds(told.get(name).is_none(), format!("no {name}"), &told)?;
    }
    Ok(())
}

case! {
    of_a_picture: form "5" images "2", tags Images;
    "The result of a picture tells its size, its frames and its type."
}
async fn of_a_picture(cx: Context) -> Outcome {
    for (name, bytes, kind, frames) in [
        ("a.bin", picture::png(30, 20)?, "PNG", 1),
        ("b", picture::animation(30, 20, &[0, 100, 200])?, "GIF", 3),
        ("c.txt", picture::jpeg_with((30, 20), &[])?, "JPEG", 1),
    ] {
        let told = form(&cx, name, bytes).ok().await?;
        let numbers = ["image-width", "image-height", "image-frames"].map(|it| told[it].as_u64());
        same("numbers", numbers, [Some(30), Some(20), Some(frames)]).map_err(|it| it.at(name))?;
        same("image-type", &told["image-type"], kind)?;
    }
    Ok(())
}

case! {
    of_a_processed_picture: form "5" images "9", tags Images;
    "The result of a processed picture tells of what is stored."
}
async fn of_a_processed_picture(cx: Context) -> Outcome {
    let form = form(&cx, "a.png", picture::png(100, 60)?);
    let told = form
        .with("x-gmkerl-thumb", "/fw/50/format/jpg")
        .ok()
        .await?;
    let numbers = ["image-width", "image-height"].map(|it| told[it].as_u64());
    same("numbers", numbers, [Some(50), Some(30)])?;
    same("image-type", &told["image-type"], "JPEG")?;
    same("mimetype", &told["mimetype"], "image/jpeg")?;
    let stored = cx.get("a.png").ok().await?;
    same("file_size", &told["file_size"], stored.body.len())?;
    same(
        "the stored size",
        picture::decode(&stored.body)?.dimensions(),
        (50, 30),
    )
}

case! {
    of_failures: form "5.1", choice "F-27", codes 40000009 40300008;
    "Failures before the policy is decoded have the shape of all errors, later ones that of results."
}
async fn of_failures(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    good.clone()
        .policy("%%%")
        .refused_early((400, 40000009, "decode policy error"))
        .await?;
    let small = good.with("content-length-range", "5,9");
    let told = small.refused((403, 40300008, "file too small")).await?;
    let members = told.as_object();
    let mut names: Vec<_> = members.into_iter().flat_map(|it| it.keys()).collect();
    names.sort();
    same("members", names, ["code", "message", "time", "url"])?;
    Ok(())
}

case! {
    of_failures_without_a_file: form "5.1", choice "F-41", codes 40000005 40300006 40100005;
    "Before the file is received, a failure under the current signature has an empty url, and no-sign."
}
async fn of_failures_without_a_file(cx: Context) -> Outcome {
    let good = form(&cx, "a.txt", "x");
    let expired = good.clone().with("expiration", 1000);
    let other = Operator::new(&*cx.operator().name, "another password");
    for (form, code, start) in [
        (
            good.clone().without_part("file"),
            (400, 40000005, "need file"),
            "400&need file",
        ),
        (
            expired.clone(),
            (403, 40300006, "authorization has expired"),
            "403&authorization has expired",
        ),
        (
            expired.file_first(),
            (403, 40300006, "authorization has expired"),
            "403&authorization has expired",
        ),
        (
            good.by(&other),
            (401, 40100005, "signature error"),
            "401&signature error",
        ),
    ] {
        let told = form.refused(code).await?;
        same("url", &told["url"], "")?;
        // An empty url is left out, as every empty element is.
        let sum = md5(format!("{start}&{}", told["time"]));
        same("no-sign", &told["no-sign"], &sum)?;
    }
    Ok(())
}

case! {
    with_tasks: form "5" tasks "13.2";
    "The result of a form with apps has the ids of their tasks, in order."
}
async fn with_tasks(cx: Context) -> Outcome {
    let apps = serde_json::json!([
        { "name": "imgaudit" },
        { "name": "compress", "save_as": cx.key("b.zip") },
    ]);
    let told = form(&cx, "a.txt", "x").with("apps", apps).ok().await?;
    let ids = told["task_ids"].as_array().map_or(0, Vec::len);
    same("the number of ids", ids, 2)
}
