//! Small pictures of an upload.

use serde_json::{Value, json};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::{
        form::form,
        picture::{BLUE, RED, decode, near, png},
        task::{end_of, ids, is_done, is_failed},
    },
    failure::{Failure, holds, same},
};

/// Uploads a picture of 50 × 30 as `p.png`, and gives the result of one app.
async fn thumb(cx: &Context, mut app: Value) -> Result<Value, Failure> {
    app["name"] = "thumb".into();
    let form = form(cx, "p.png", png(50, 30)?).with("apps", json!([app]));
    let told = form.ok().await?;
    end_of(cx, &ids(&told["task_ids"])?.remove(0)).await
}

case! {
    one: tasks "13.3" tasks "5.8" images "1", tags Images;
    "A small picture is stored beside the upload, and told of in imginfo."
}
async fn one(cx: Context) -> Outcome {
    let app = json!({ "x-gmkerl-thumb": "/fw/25/format/jpg", "save_as": cx.key("small.jpg") });
    let result = thumb(&cx, app).await?;
    is_done(&result)?;
    same("service", &result["service"], cx.service())?;
    let want = json!({
        "path": cx.key("small.jpg"), "type": "jpg", "width": 25, "height": 15, "frames": 1,
    });
    same("imginfo", &result["imginfo"], &want)?;
    holds(result.get("error").is_none(), "no error", &result)?;
    let small = decode(&cx.get("small.jpg").ok().await?.body)?;
    same("the size", small.dimensions(), (25, 15))?;
    cx.get("p.png").ok().await?.is_body(png(50, 30)?)?;
    Ok(())
}

case! {
    variables: tasks "13.3", choice "own", tags Images;
    "save_as knows {filepath}, {filename} without suffix, and {suffix}."
}
async fn variables(cx: Context) -> Outcome {
    for (save_as, name) in [
        (cx.key("t/{filename}-small.{suffix}"), "t/p-small.png"),
        ("{filepath}.small".to_owned(), "p.png.small"),
    ] {
        let app = json!({ "x-gmkerl-thumb": "/fw/25", "save_as": save_as });
        let result = thumb(&cx, app).await?;
        same(
            "path",
            &is_done(&result)?["imginfo"]["path"],
            &*cx.key(name),
        )?;
        cx.head(name).ok().await?;
    }
    Ok(())
}

case! {
    without_a_name: tasks "13.3", choice "own", tags Images;
    "Without save_as it is called like the task, in the folder of the upload."
}
async fn without_a_name(cx: Context) -> Outcome {
    let result = thumb(&cx, json!({ "x-gmkerl-thumb": "/fw/25" })).await?;
    let id = is_done(&result)?["task_id"].as_str().unwrap_or_default();
    same(
        "path",
        &result["imginfo"]["path"],
        &cx.key(&format!("{id}.png")),
    )
}

case! {
    tiles: tasks "13.3", tags Images;
    "x-gmkerl-split cuts the picture into tiles from the top left, numbered from 1 behind the name."
}
async fn tiles(cx: Context) -> Outcome {
    let app = json!({
        "x-gmkerl-thumb": "/fw/50", "x-gmkerl-split": "25x15", "save_as": cx.key("tile.png"),
    });
    let result = thumb(&cx, app).await?;
    let infos = is_done(&result)?["imginfos"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    same("the number of tiles", infos.len(), 4)?;
    let want = json!({
        "path": cx.key("tile.png-3.png"), "type": "png", "width": 25, "height": 15, "frames": 1,
        "row": 1, "column": 0,
    });
    same("the third tile", &infos[2], &want)?;
    near(
        &decode(&cx.get("tile.png-1.png").ok().await?.body)?,
        (12, 7),
        RED,
    )?;
    near(
        &decode(&cx.get("tile.png-3.png").ok().await?.body)?,
        (12, 7),
        BLUE,
    )
}

case! {
    tiles_at_the_edge: tasks "13.3", choice "own", tags Images;
    "Tiles at the edge are smaller; a single tile is told of in imginfos too."
}
async fn tiles_at_the_edge(cx: Context) -> Outcome {
    for (split, count, width, height) in [("20x20", 6, 10, 10), ("100x100", 1, 50, 30)] {
        let app = json!({
            "x-gmkerl-thumb": "/fw/50", "x-gmkerl-split": split, "save_as": cx.key("tile"),
        });
        let result = thumb(&cx, app).await?;
        let infos = is_done(&result)?["imginfos"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        same("the number of tiles", infos.len(), count)?;
        let last = &infos[count - 1];
        same("width", &last["width"], width)?;
        same("height", &last["height"], height)?;
    }
    Ok(())
}

case! {
    names_of_tiles: tasks "13.3", tags Images;
    "{row}, {column} and {seq} count from 0."
}
async fn names_of_tiles(cx: Context) -> Outcome {
    let app = json!({
        "x-gmkerl-thumb": "/fw/50", "x-gmkerl-split": "25x15",
        "save_as": cx.key("t/{row}-{column}-{seq}.png"),
    });
    let result = thumb(&cx, app).await?;
    let infos = is_done(&result)?["imginfos"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found: Vec<_> = infos
        .iter()
        .map(|it| it["path"].as_str().unwrap_or_default())
        .collect();
    let want = ["0-0-0", "0-1-1", "1-0-2", "1-1-3"].map(|name| cx.key(&format!("t/{name}.png")));
    same("paths", found, want.each_ref().map(|it| &**it))?;
    cx.head("t/1-1-3.png").ok().await?;
    Ok(())
}

case! {
    what_cannot_be: tasks "13.3" tasks "5.9", choice "T-8", tags Images;
    "Without parameters, and with bad ones, it fails and says why; the upload stays."
}
async fn what_cannot_be(cx: Context) -> Outcome {
    for app in [
        json!({}),
        json!({ "x-gmkerl-thumb": "/fw/x" }),
        json!({ "x-gmkerl-thumb": "no-such-version" }),
        json!({ "x-gmkerl-thumb": "/fw/50", "x-gmkerl-split": "x" }),
        json!({ "x-gmkerl-thumb": "/info" }),
    ] {
        let text = app.to_string();
        is_failed(&thumb(&cx, app).await?, 400).map_err(|it| it.at(text))?;
        cx.head("p.png").ok().await?;
    }
    Ok(())
}
