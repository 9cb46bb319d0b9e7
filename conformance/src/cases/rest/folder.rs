//! Making and deleting folders.

use std::time::Duration;

use crate::{Context, Outcome, case::case, wire::Answer};

async fn is_folder(cx: &Context, name: &str) -> Result<Answer, crate::Failure> {
    let answer = cx.head(name).ok().await.map_err(|it| it.at(name))?;
    answer
        .has("x-upyun-file-type", "folder")
        .map_err(|it| it.at(name))?;
    Ok(answer)
}

case! {
    made: rest "8";
    "A folder is made by POST with folder: true, with a slash at its end or without."
}
async fn made(cx: Context) -> Outcome {
    cx.make_folder("a").ok().await?.is_empty()?;
    cx.make_folder("b/").ok().await?.is_empty()?;
    cx.make_folder("c").body("ignored").ok().await?;
    cx.make_folder("d/").header("mkdir", "true").ok().await?;
    is_folder(&cx, "c").await?;
    is_folder(&cx, "d").await?;
    is_folder(&cx, "a").await?;
    is_folder(&cx, "b").await?;
    Ok(())
}

case! {
    made_by_the_sdk: rest "8", client;
    "The SDK makes and deletes folders."
}
async fn made_by_the_sdk(cx: Context) -> Outcome {
    let (client, key) = (cx.sdk()?, cx.key("dir"));
    client.make_folder(&key).send().await?;
    is_folder(&cx, "dir").await?;
    client.delete_folder(&key).send().await?;
    cx.is_missing("dir").await
}

case! {
    made_with_parents: rest "8", choice "R-46";
    "Parents of a folder are made with it."
}
async fn made_with_parents(cx: Context) -> Outcome {
    cx.make_folder("a/b/c").ok().await?;
    is_folder(&cx, "a/b").await?;
    Ok(())
}

case! {
    made_by_put: rest "8", client;
    "PUT with folder: true makes a folder too."
}
async fn made_by_put(cx: Context) -> Outcome {
    cx.put("a", "").header("folder", "true").ok().await?;
    is_folder(&cx, "a").await?;
    Ok(())
}

case! {
    made_by_both_headers: rest "8", client;
    "folder and x-upyun-folder may come together."
}
async fn made_by_both_headers(cx: Context) -> Outcome {
    cx.make_folder("a")
        .header("x-upyun-folder", "true")
        .ok()
        .await?;
    is_folder(&cx, "a").await?;
    Ok(())
}

case! {
    made_by_the_other_header: rest "8", choice "R-47";
    "x-upyun-folder: true alone makes a folder."
}
async fn made_by_the_other_header(cx: Context) -> Outcome {
    cx.post("a", "")
        .header("x-upyun-folder", "true")
        .ok()
        .await?;
    is_folder(&cx, "a").await?;
    Ok(())
}

case! {
    made_with_an_empty_chunked_body: rest "8", client;
    "A folder is made by a request whose body is chunked and empty."
}
async fn made_with_an_empty_chunked_body(cx: Context) -> Outcome {
    let request = cx.request("POST", cx.path("a")).header("folder", "true");
    request.chunked("").ok().await?;
    is_folder(&cx, "a").await?;
    Ok(())
}

case! {
    made_again: rest "8" rest "2.3", client;
    "A folder that exists may be made again, and nothing changes."
}
async fn made_again(cx: Context) -> Outcome {
    cx.put("a/b.txt", "x").ok().await?;
    let before = cx.snapshot().await?;
    cx.make_folder("a").ok().await?;
    before.is_unchanged(&cx.snapshot().await?)
}

case! {
    made_at_the_root: rest "8", choice "R-49", tags Destructive;
    "The root may be made, as it exists."
}
async fn made_at_the_root(cx: Context) -> Outcome {
    cx.make_folder("/").ok().await?;
    Ok(())
}

case! {
    argument_unknown: rest "8", choice "R-48", codes 40001004;
    "folder with another value than true is refused."
}
async fn argument_unknown(cx: Context) -> Outcome {
    for value in ["false", "1", "yes"] {
        let request = cx.post("a", "").header("folder", value);
        request
            .refused((400, 40001004, "folder args invalid"))
            .await
            .map_err(|it| it.at(value))?;
    }
    Ok(())
}

case! {
    on_a_file: rest "8" rest "2.3", codes 40600001;
    "A file is not made a folder."
}
async fn on_a_file(cx: Context) -> Outcome {
    cx.put("a", "x").ok().await?;
    cx.make_folder("a")
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    Ok(())
}

case! {
    below_a_file: rest "2.3", choice "R-12", codes 40600001;
    "There is no folder below a file."
}
async fn below_a_file(cx: Context) -> Outcome {
    cx.put("a", "x").ok().await?;
    cx.make_folder("a/b")
        .refused((406, 40600001, "dir not acceptable"))
        .await?;
    Ok(())
}

case! {
    made_by_uploads: rest "2.2", client;
    "An upload makes the folders above it, with mkdir: true or without."
}
async fn made_by_uploads(cx: Context) -> Outcome {
    cx.put("a/b/c.txt", "x").ok().await?;
    is_folder(&cx, "a/b").await?;
    cx.put("d/e/f.txt", "x")
        .header("mkdir", "true")
        .ok()
        .await?;
    is_folder(&cx, "d/e").await?;
    Ok(())
}

case! {
    stays_when_its_files_go: rest "2.2", choice "R-8";
    "A folder that an upload made stays when the file is deleted."
}
async fn stays_when_its_files_go(cx: Context) -> Outcome {
    cx.put("a/b.txt", "x").ok().await?;
    cx.delete("a/b.txt").ok().await?;
    is_folder(&cx, "a").await?;
    Ok(())
}

case! {
    deleted: rest "9";
    "An empty folder is deleted, with a slash at its end or without."
}
async fn deleted(cx: Context) -> Outcome {
    for name in ["a", "b/"] {
        cx.make_folder(name).ok().await?;
        cx.delete(name).ok().await?.is_empty()?;
        cx.is_missing(name).await?;
    }
    Ok(())
}

case! {
    not_empty: rest "9", codes 40300005;
    "A folder with a file or a folder in it is not deleted."
}
async fn not_empty(cx: Context) -> Outcome {
    cx.put("a/b.txt", "x").ok().await?;
    cx.make_folder("c/d").ok().await?;
    cx.delete("a")
        .refused((403, 40300005, "directory not empty"))
        .await?;
    cx.delete("c/")
        .refused((403, 40300005, "directory not empty"))
        .await?;
    Ok(())
}

case! {
    missing: rest "9", client, codes 40400001;
    "A folder that is not there cannot be deleted."
}
async fn missing(cx: Context) -> Outcome {
    cx.delete("a/")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    root_is_not_deleted: rest "9", choice "R-50", codes 40001000, tags Destructive;
    "The root cannot be deleted."
}
async fn root_is_not_deleted(cx: Context) -> Outcome {
    cx.delete("/").refused((400, 40001000, "wrong uri")).await?;
    Ok(())
}

case! {
    not_empty_later: rest "9", choice "R-51", tags NeedsClock;
    "An asynchronous deletion of a folder that is not empty is accepted and then dropped."
}
async fn not_empty_later(cx: Context) -> Outcome {
    cx.put("a/b.txt", "x").ok().await?;
    cx.put("marker", "x").ok().await?;
    cx.delete("a").header("x-upyun-async", "true").ok().await?;
    cx.delete("marker")
        .header("x-upyun-async", "true")
        .ok()
        .await?;
    cx.advance(Duration::from_secs(2))?;
    // They run in order: when the second is done, the first was tried.
    cx.eventually(|| cx.is_missing("marker")).await?;
    cx.get("a/b.txt").ok().await?;
    Ok(())
}

case! {
    deleted_in_order: rest "9", choice "R-52", tags NeedsClock;
    "Asynchronous deletions run in the order of arrival: a file's, then its folder's."
}
async fn deleted_in_order(cx: Context) -> Outcome {
    cx.put("a/b.txt", "x").ok().await?;
    cx.delete("a/b.txt")
        .header("x-upyun-async", "true")
        .ok()
        .await?;
    cx.delete("a").header("x-upyun-async", "true").ok().await?;
    cx.advance(Duration::from_secs(2))?;
    cx.eventually(|| cx.is_missing("a")).await
}

case! {
    unfinished_upload_does_not_count: rest "9", choice "R-53";
    "An unfinished resumable upload does not keep a folder from being deleted."
}
async fn unfinished_upload_does_not_count(cx: Context) -> Outcome {
    cx.make_folder("a").ok().await?;
    let initiate = cx
        .put("a/b.bin", "")
        .header("X-Upyun-Multi-Stage", "initiate");
    let initiate = initiate.header("X-Upyun-Multi-Length", "5");
    initiate.send().await?.is_status(204)?;
    cx.delete("a").ok().await?;
    Ok(())
}
