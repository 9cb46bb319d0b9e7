//! Packing archives.

use std::io::Cursor;

use serde_json::{Value, json};
use zip::ZipArchive;

use crate::{
    Context, Outcome,
    case::case,
    cases::support::task::{carried_out, each_fails, is_done},
    failure::{Failure, same},
};

/// Stores files that hold their names.
async fn put(cx: &Context, names: &[&str]) -> Result<(), Failure> {
    for name in names {
        cx.put(name, name).ok().await?;
    }
    Ok(())
}

/// Packs, and gives the names of the entries without the case's folder.
async fn entries(cx: &Context, mut task: Value) -> Result<Vec<String>, Failure> {
    task["save_as"] = cx.key("out.zip").into();
    let result = carried_out(cx, "compress", task).await?;
    is_done(&result)?;
    same("path", &result["path"], &*cx.key("out.zip"))?;
    let archive = cx.get("out.zip").ok().await?;
    archive.has("Content-Type", "application/zip")?;
    let archive = ZipArchive::new(Cursor::new(&archive.body));
    let archive = archive.map_err(|error| Failure::new("a zip", error.to_string()))?;
    Ok(archive.file_names().map(str::to_owned).collect())
}

/// The names in the archive, where they are whole keys.
fn whole(cx: &Context, names: &[&str]) -> Vec<String> {
    let keys = names.iter().map(|name| cx.key(name));
    keys.map(|key| key.trim_start_matches('/').to_owned())
        .collect()
}

case! {
    files: tasks "7";
    "Entries are the whole keys of the files; a leading slash of a source may be missing."
}
async fn files(cx: Context) -> Outcome {
    put(&cx, &["a/1.jpg", "a/文.jpg"]).await?;
    let second = cx.key("a/文.jpg").trim_start_matches('/').to_owned();
    let task = json!({ "sources": [cx.key("a/1.jpg"), second] });
    let found = entries(&cx, task).await?;
    same("entries", found, whole(&cx, &["a/1.jpg", "a/文.jpg"]))?;
    let archive = cx.get("out.zip").ok().await?;
    let archive = ZipArchive::new(Cursor::new(archive.body));
    let mut archive = archive.map_err(|error| Failure::new("a zip", error.to_string()))?;
    let mut text = String::new();
    let file = archive.by_index(1);
    let mut file = file.map_err(|error| Failure::new("an entry", error.to_string()))?;
    let read = std::io::Read::read_to_string(&mut file, &mut text);
    read.map_err(|error| Failure::new("an entry", error.to_string()))?;
    same("the content", &*text, "a/文.jpg")
}

case! {
    folders: tasks "7", choice "T-15";
    "A folder gives what is below it, sorted; an empty one an entry; what stands twice comes once."
}
async fn folders(cx: Context) -> Outcome {
    put(&cx, &["d/b.txt", "d/a.txt", "d/c/x.txt"]).await?;
    cx.make_folder("d/empty").ok().await?;
    let task = json!({ "sources": [cx.key("d/b.txt"), cx.key("d/"), cx.key("d/b.txt")] });
    let want = whole(&cx, &["d/b.txt", "d/a.txt", "d/c/x.txt", "d/empty/"]);
    same("entries", entries(&cx, task).await?, want)
}

case! {
    home_and_parent: tasks "7";
    "home_dir is cut from the names and what lies outside is left out; parent_dir is put before them."
}
async fn home_and_parent(cx: Context) -> Outcome {
    put(
        &cx,
        &["a/b/c/source/1.jpg", "a/b/c/source/2.jpg", "a/b/x.txt"],
    )
    .await?;
    let two = json!([cx.key("a/b/c/source/1.jpg"), cx.key("a/b/c/source/2.jpg")]);
    let home = cx.key("a/b/c");
    let bare = home.trim_start_matches('/');
    for home in [&*home, bare, &*format!("{home}/")] {
        let found = entries(&cx, json!({ "sources": two, "home_dir": home })).await?;
        same("entries", found, ["source/1.jpg", "source/2.jpg"]).map_err(|it| it.at(home))?;
    }
    let task = json!({ "sources": two, "home_dir": home, "parent_dir": "/out/" });
    let found = entries(&cx, task).await?;
    same("entries", found, ["out/source/1.jpg", "out/source/2.jpg"])?;
    let task = json!({ "sources": [cx.key("a/b")], "home_dir": home });
    same(
        "entries",
        entries(&cx, task).await?,
        ["source/1.jpg", "source/2.jpg"],
    )
}

case! {
    list: tasks "7";
    "sources_list names an object with a path in each line, and replaces sources."
}
async fn list(cx: Context) -> Outcome {
    put(&cx, &["a.txt", "b c.txt"]).await?;
    let lines = format!("{}\n{}\n", cx.key("a.txt"), cx.key("b c.txt"));
    cx.put("list.txt", lines).ok().await?;
    let task = json!({ "sources_list": cx.key("list.txt"), "sources": ["/none"] });
    same(
        "entries",
        entries(&cx, task).await?,
        whole(&cx, &["a.txt", "b c.txt"]),
    )
}

case! {
    overwrites: tasks "4";
    "A result replaces what was there."
}
async fn overwrites(cx: Context) -> Outcome {
    put(&cx, &["a.txt", "out.zip"]).await?;
    let task = json!({ "sources": [cx.key("a.txt")] });
    same("entries", entries(&cx, task).await?, whole(&cx, &["a.txt"]))
}

case! {
    what_cannot_be_packed: tasks "7" tasks "5.9", choice "T-8";
    "Without sources, or a name in .zip, it is 400; if a source is missing 404; nothing is stored."
}
async fn what_cannot_be_packed(cx: Context) -> Outcome {
    put(&cx, &["a.txt"]).await?;
    let (one, zip) = (json!([cx.key("a.txt")]), cx.key("out.zip"));
    each_fails(
        &cx,
        "compress",
        vec![
            (400, json!({ "save_as": zip })),
            (400, json!({ "sources": [], "save_as": zip })),
            (400, json!({ "sources": [1], "save_as": zip })),
            (400, json!({ "sources": one })),
            (400, json!({ "sources": one, "save_as": cx.key("out.tar") })),
            (
                400,
                json!({ "sources": one, "home_dir": "elsewhere", "save_as": zip }),
            ),
            (404, json!({ "sources": [cx.key("none")], "save_as": zip })),
            (
                404,
                json!({ "sources": [cx.key("a.txt"), cx.key("none")], "save_as": zip }),
            ),
            (
                404,
                json!({ "sources_list": cx.key("none"), "save_as": zip }),
            ),
        ],
    )
    .await
}
