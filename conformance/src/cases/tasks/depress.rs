//! Unpacking archives.

use std::io::{Cursor, Write as _};

use serde_json::{Value, json};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{
    Context, Outcome,
    case::case,
    cases::support::task::{carried_out, each_fails, is_done},
    failure::{Failure, same},
};

/// An archive of these names and contents.
fn archive(entries: &[(&str, &str)]) -> Result<Vec<u8>, Failure> {
    let failed = |error: &dyn std::fmt::Display| Failure::harness("to write a zip", error);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in entries {
        let options = SimpleFileOptions::default();
        let begun = match name.ends_with('/') {
            true => zip.add_directory(*name, options),
            false => zip.start_file(*name, options),
        };
        begun.map_err(|error| failed(&error))?;
        zip.write_all(content.as_bytes())
            .map_err(|error| failed(&error))?;
    }
    let done = zip.finish().map_err(|error| failed(&error))?;
    Ok(done.into_inner())
}

async fn unpacked(cx: &Context, task: Value) -> Result<Value, Failure> {
    let result = carried_out(cx, "depress", task).await?;
    is_done(&result)?;
    Ok(result)
}

case! {
    files: tasks "7" tasks "8";
    "Every file is stored below save_as, with a type by its suffix; path is save_as as it was given."
}
async fn files(cx: Context) -> Outcome {
    let zip = archive(&[
        ("a.txt", "hello"),
        ("d/", ""),
        ("d/文 b.png", "x"),
        ("e/", ""),
    ])?;
    cx.put("t.zip", zip).ok().await?;
    for save_as in [cx.key("one"), cx.key("two/")] {
        let task = json!({ "sources": cx.key("t.zip"), "save_as": save_as });
        let result = unpacked(&cx, task).await?;
        same("path", &result["path"], &*save_as)?;
    }
    for folder in ["one", "two"] {
        let text = cx.get(&format!("{folder}/a.txt")).ok().await?;
        text.is_body("hello")?.has("Content-Type", "text/plain")?;
        cx.get(&format!("{folder}/d/文 b.png"))
            .ok()
            .await?
            .is_body("x")?;
        let empty = cx.head(&format!("{folder}/e")).ok().await?;
        empty.has("x-upyun-file-type", "folder")?;
    }
    Ok(())
}

case! {
    record: tasks "8";
    "An object named like the task is a record of what was unpacked."
}
async fn record(cx: Context) -> Outcome {
    cx.put("t.zip", archive(&[("a.txt", "hello"), ("d/b.txt", "x")])?)
        .ok()
        .await?;
    let task = json!({ "sources": cx.key("t.zip"), "save_as": cx.key("out") });
    let result = unpacked(&cx, task).await?;
    let name = format!("out/{}", result["task_id"].as_str().unwrap_or_default());
    cx.head(&name).ok().await?;
    Ok(())
}

case! {
    record_has_a_line_for_each: tasks "8", choice "T-16";
    "The record is text, with the path of each file in a line."
}
async fn record_has_a_line_for_each(cx: Context) -> Outcome {
    cx.put("t.zip", archive(&[("a.txt", "hello"), ("d/b.txt", "x")])?)
        .ok()
        .await?;
    let task = json!({ "sources": cx.key("t.zip"), "save_as": cx.key("out") });
    let result = unpacked(&cx, task).await?;
    let name = format!("out/{}", result["task_id"].as_str().unwrap_or_default());
    let want = format!("{}\n{}\n", cx.key("out/a.txt"), cx.key("out/d/b.txt"));
    cx.get(&name)
        .ok()
        .await?
        .is_body(want)?
        .has("Content-Type", "text/plain")?;
    Ok(())
}

case! {
    array_of_sources: tasks "8", choice "T-16", tags Legacy;
    "Of an array of sources the first is unpacked."
}
async fn array_of_sources(cx: Context) -> Outcome {
    cx.put("t.zip", archive(&[("a.txt", "hello")])?)
        .ok()
        .await?;
    let task = json!({ "sources": [cx.key("t.zip"), "/none.zip"], "save_as": cx.key("out") });
    unpacked(&cx, task).await?;
    cx.get("out/a.txt").ok().await?.is_body("hello")?;
    Ok(())
}

case! {
    names_in_gbk: tasks "8", choice "T-16";
    "Names that are not UTF-8 are read as GBK."
}
async fn names_in_gbk(cx: Context) -> Outcome {
    let mut zip = archive(&[("XX.txt", "x")])?;
    for at in 0..zip.len() - 1 {
        if &zip[at..at + 2] == b"XX" {
            zip[at..at + 2].copy_from_slice(&[0xd6, 0xd0]);
        }
    }
    cx.put("t.zip", zip).ok().await?;
    let task = json!({ "sources": cx.key("t.zip"), "save_as": cx.key("out") });
    unpacked(&cx, task).await?;
    cx.get("out/中.txt").ok().await?.is_body("x")?;
    Ok(())
}

case! {
    what_cannot_be_unpacked: tasks "8" tasks "5.9", choice "T-8";
    "What is no archive is 400, what is not there 404."
}
async fn what_cannot_be_unpacked(cx: Context) -> Outcome {
    cx.put("t.zip", "no archive").ok().await?;
    let out = cx.key("out");
    each_fails(
        &cx,
        "depress",
        vec![
            (400, json!({ "sources": cx.key("t.zip"), "save_as": out })),
            (400, json!({ "sources": cx.key("t.zip") })),
            (400, json!({ "save_as": out })),
            (
                404,
                json!({ "sources": cx.key("none.zip"), "save_as": out }),
            ),
        ],
    )
    .await
}

case! {
    names_that_lead_away: tasks "8", choice "T-16";
    "An archive with an absolute name, one with .., or one with control characters stores nothing at all."
}
async fn names_that_lead_away(cx: Context) -> Outcome {
    for (name, evil) in [
        ("up", "../evil"),
        ("deep", "a/../../evil"),
        ("root", "/evil"),
        ("line", "a\nb"),
    ] {
        let zip = archive(&[("good", "x"), (evil, "y")])?;
        let name = format!("{name}.zip");
        cx.put(&name, zip).ok().await?;
        let task = json!({ "sources": cx.key(&name), "save_as": cx.key("out") });
        each_fails(&cx, "depress", vec![(400, task)]).await?;
    }
    Ok(())
}
