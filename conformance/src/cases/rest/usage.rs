//! Bytes stored.

use crate::{Context, Failure, Outcome, case::case, failure::same};

async fn usage(cx: &Context, name: &str) -> Result<u64, Failure> {
    let answer = cx.get(name).query("usage").ok().await?;
    let text = answer.text()?;
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let wrong = || Failure::new("digits and nothing else", format!("{text:?}"));
    text.parse().ok().filter(|_| is_number).ok_or_else(wrong)
}

case! {
    of_the_service: rest "12", client;
    "The usage of a service is a decimal number and nothing else."
}
async fn of_the_service(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let bytes = usage(&cx, "/").await?;
    same("at least what was stored", bytes >= 5, true)
}

case! {
    of_a_folder: rest "12", client;
    "The usage of a folder is that of the tree below it."
}
async fn of_a_folder(cx: Context) -> Outcome {
    cx.put("dir/a.txt", "hello").ok().await?;
    cx.put("dir/b/c.txt", "hello, world").ok().await?;
    cx.put("other.txt", "x").ok().await?;
    same("the usage", usage(&cx, "dir/").await?, 17)?;
    cx.put("dir/a.txt", "x").ok().await?;
    same(
        "the usage after a replacement",
        usage(&cx, "dir/").await?,
        13,
    )?;
    cx.delete("dir/b/c.txt").ok().await?;
    same("the usage after a deletion", usage(&cx, "dir/").await?, 1)
}

case! {
    of_a_file: rest "12", choice "R-67";
    "The usage of a file is its size."
}
async fn of_a_file(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    same("the usage", usage(&cx, "a.txt").await?, 5)
}

case! {
    folders_and_unfinished_uploads: rest "12", choice "R-68";
    "Folders and unfinished uploads count nothing."
}
async fn folders_and_unfinished_uploads(cx: Context) -> Outcome {
    cx.make_folder("dir/a/b").ok().await?;
    let stages = cx.put("dir/c.bin", vec![b'x'; 1 << 20]);
    let stages = stages.header("X-Upyun-Multi-Stage", "initiate,upload");
    let stages = stages.header("X-Upyun-Multi-Length", (2 << 20).to_string());
    stages
        .header("X-Upyun-Part-Id", "0")
        .send()
        .await?
        .is_status(204)?;
    same("the usage", usage(&cx, "dir").await?, 0)
}

case! {
    missing: rest "12", codes 40400001;
    "What is not there has no usage."
}
async fn missing(cx: Context) -> Outcome {
    cx.get("dir/")
        .query("usage")
        .refused((404, 40400001, "file or directory not found"))
        .await?;
    Ok(())
}

case! {
    value_of_the_parameter: rest "12", choice "R-69";
    "The value of the parameter does not matter."
}
async fn value_of_the_parameter(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    for query in ["usage=", "usage=x"] {
        cx.get("a.txt").query(query).ok().await?.is_body("5")?;
    }
    Ok(())
}

case! {
    doubled_slash: rest "2.1", client;
    "The doubled slash of an old client's usage request does no harm."
}
async fn doubled_slash(cx: Context) -> Outcome {
    let request = cx.request("GET", format!("/{}//?usage", cx.service()));
    let answer = request.ok().await?;
    same("digits", answer.text()?.parse::<u64>().is_ok(), true)
}

case! {
    by_the_sdk: rest "12", client;
    "The SDK reads the usage."
}
async fn by_the_sdk(cx: Context) -> Outcome {
    cx.put("a.txt", "hello").ok().await?;
    let bytes = cx.sdk()?.usage("/").send().await?;
    same("at least what was stored", bytes >= 5, true)
}
